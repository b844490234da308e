// SPDX-License-Identifier: Apache-2.0
//
// `sheaf eval` and `sheaf predict` on small model folders with seeded weights.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/train/model_folder.h"
#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

class Trained : public Cli {
 protected:
  // The folder of a model with random weights and the vocabularies of its training data.
  [[nodiscard]] std::string folder_of(engine::WorkloadOptions options) const {
    options.hidden = 8;
    options.vocabularies = engine::build_vocabularies(options);
    const engine::Workload workload = engine::open_workload(options);
    train::save_model(folder_.path("model"), workload.model->network().parameters(),
                      {.model = options.model,
                       .sizes = engine::model_options(8, 1, workload.vocabularies),
                       .format = options.format,
                       .lexicon = options.lexicon,
                       .vocabularies = workload.vocabularies});
    return folder_.path("model");
  }
  [[nodiscard]] std::string tagger() const {
    return folder_of(
        {.model = "bilstm_tagger", .data = folder_.write("train", "a|B-X b|E-X c|O\nd|S-Y a|O\n")});
  }
};

using Strings = std::vector<std::string>;

Strings lines(const std::string& text) {
  std::istringstream in(text);
  Strings result;
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}

Strings words(const std::string& line) {
  std::istringstream in(line);
  Strings result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

TEST_F(Trained, EvalCountsWhatPredictPredicts) {
  const std::string model = tagger();
  const std::string dev = folder_.write("dev", "a|B-X new|E-X\nc|O\nb|S-Y d|O a|O\n");
  const Strings gold = {"B-X E-X", "O", "S-Y O O"};
  const Strings predicted = lines(sheaf_output({"predict", "--model-dir", model, "--data", dev}));
  ASSERT_EQ(predicted.size(), 3U);
  int right = 0;
  for (std::size_t i = 0; i < gold.size(); ++i) {
    const Strings wanted = words(gold[i]);
    const Strings found = words(predicted[i]);
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t w = 0; w < wanted.size(); ++w) right += found[w] == wanted[w] ? 1 : 0;
  }
  const auto json =
      nlohmann::json::parse(sheaf_output({"eval", "--model-dir", model, "--data", dev, "--json"}));
  EXPECT_EQ(json.at("model"), "bilstm_tagger");
  EXPECT_EQ(json.at("instances"), 3);
  EXPECT_EQ(json.at("labels"), 6);
  EXPECT_DOUBLE_EQ(json.at("token_accuracy").get<double>(), right / 6.0);
  EXPECT_TRUE(json.contains("span_f1"));
  EXPECT_GT(json.at("loss").get<double>(), 0);
}

TEST_F(Trained, EvalPrintsAMetricPerLine) {
  const std::string model = tagger();
  const Strings printed =
      lines(sheaf_output({"eval", "--model-dir", model, "--data", folder_.path("train")}));
  ASSERT_EQ(printed.size(), 6U);
  EXPECT_EQ(printed[0], "2 instances, 5 labels");
  EXPECT_EQ(words(printed[1]).at(0), "loss");
  EXPECT_EQ(words(printed[5]).at(0), "token_accuracy");
}

TEST_F(Trained, ResultsDoNotDependOnBatchPolicyOrOrder) {
  const std::string model = tagger();
  const Arguments predict = {"predict", "--model-dir", model, "--data", folder_.path("train")};
  const std::string wanted = sheaf_output(predict);
  EXPECT_EQ(sheaf_output(predict + Arguments{"--batch", "1", "--shuffle", "7"}), wanted);
  EXPECT_EQ(sheaf_output(predict + Arguments{"--policy", "fsm", "--threads", "2"}), wanted);
  const Arguments eval = {"eval", "--model-dir", model, "--data", folder_.path("train")};
  EXPECT_EQ(sheaf_output(eval + Arguments{"--batch", "1", "--shuffle", "7"}), sheaf_output(eval));
}

TEST_F(Trained, PredictReadsTextWithoutTagsAndStandardInput) {
  const std::string model = tagger();
  const Strings labels = lines(sheaf_output(
      {"predict", "--model-dir", model, "--data", "-", "--format", "text"}, "a b c\n\nnew\n"));
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(words(labels[0]).size(), 3U);
  EXPECT_EQ(words(labels[1]).size(), 1U);
}

TEST_F(Trained, PredictWritesAFileAndJson) {
  const std::string model = tagger();
  const Arguments predict = {"predict", "--model-dir", model, "--data", folder_.path("train")};
  const std::string wanted = sheaf_output(predict);
  EXPECT_EQ(sheaf_output(predict + Arguments{"--out", folder_.path("labels")}), "");
  EXPECT_EQ(bytes_of(folder_.path("labels")), wanted);
  const Strings json = lines(sheaf_output(predict + Arguments{"--json"}));
  ASSERT_EQ(json.size(), 2U);
  const auto second = nlohmann::json::parse(json[1]);
  EXPECT_EQ(second.at("index"), 1);
  EXPECT_EQ(second.at("labels").get<Strings>(), words(lines(wanted).at(1)));
}

TEST_F(Trained, TreesHaveRootsAndNodes) {
  const std::string model = folder_of(
      {.model = "tree_lstm", .data = folder_.write("train", "(3 (2 a) (1 (0 b) (4 c)))\n(1 a)\n")});
  const std::string dev = folder_.write("dev", "(3 (_ a) (1 (_ new) (_ c)))\n");
  const auto json =
      nlohmann::json::parse(sheaf_output({"eval", "--model-dir", model, "--data", dev, "--json"}));
  EXPECT_EQ(json.at("labels"), 2);
  EXPECT_TRUE(json.contains("root_accuracy"));
  EXPECT_TRUE(json.contains("node_accuracy"));
  EXPECT_FALSE(json.contains("token_accuracy"));
  const std::string labels = sheaf_output({"predict", "--model-dir", model, "--data", dev});
  EXPECT_EQ(words(labels).size(), 5U);
}

TEST_F(Trained, LatticesOfTextUseTheLexiconOfTraining) {
  const std::string model =
      folder_of({.model = "lattice_lstm",
                 .data = folder_.write("train", "北 B-LOC\n京 E-LOC\n\n人 O\n"),
                 .lexicon = folder_.write("lexicon", "北京\n")});
  const Strings labels =
      lines(sheaf_output({"predict", "--model-dir", model, "--data", "-"}, "北京人\n"));
  ASSERT_EQ(labels.size(), 1U);
  EXPECT_EQ(words(labels[0]).size(), 3U);
  const auto json = nlohmann::json::parse(
      sheaf_output({"eval", "--model-dir", model, "--data", folder_.path("train"), "--json"}));
  EXPECT_EQ(json.at("labels"), 3);
  EXPECT_TRUE(json.contains("span_f1"));
}

TEST_F(Trained, TranslationsHavePerplexityAndBleu) {
  const std::string source = folder_.write("source", "a b\nb\n");
  const std::string target = folder_.write("target", "x\ny x\n");
  const std::string model = folder_of({.model = "lstm_nmt", .data = source, .target = target});
  const Arguments of = {"--model-dir", model, "--data", source, "--target", target};
  const auto json = nlohmann::json::parse(sheaf_output(Arguments{"eval", "--json"} + of));
  EXPECT_EQ(json.at("labels"), 5);  // with the ends of the sentences
  EXPECT_NEAR(json.at("perplexity").get<double>(), std::exp(json.at("loss").get<double>()), 1e-9);
  EXPECT_GE(json.at("bleu").get<double>(), 0);
  EXPECT_LE(json.at("bleu").get<double>(), 1);
}

TEST_F(Trained, LegalTagsAreThoseThatTheirNamesAllow) {
  const std::string model = tagger();  // weights are random: so are its tags
  std::string text;
  for (int i = 0; i < 12; ++i) text += "a b c d new a b\nd c b a\n";
  const auto predict = [&](const Arguments& more) {
    return lines(sheaf_output(
        Arguments{"predict", "--model-dir", model, "--data", "-", "--format", "text"} + more,
        text));
  };
  for (const std::string& line : predict({"--decode", "legal"})) {
    const Strings tags = words(line);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const bool begun = i > 0 && tags[i - 1] == "B-X";
      EXPECT_EQ(tags[i] == "E-X", begun) << line;
    }
    EXPECT_NE(tags.back(), "B-X");
  }
  EXPECT_EQ(predict({}), predict({"--decode", "greedy"}));  // what the folder says
  expect_refusal({"predict", "--model-dir", model, "--data", "-", "--decode", "viterbi"}, 2,
                 "UsageError: [decoding] 'viterbi': got a model without transitions, expected one "
                 "that was trained with --loss crf");
}

TEST_F(Trained, ATrainedCrfIsDecodedAsItWasTrained) {
  const std::string data =
      folder_.write("bmes", "a B-X\nb E-X\nc O\n\nd S-Y\na B-X\nb E-X\n\nc O\nd S-Y\n");
  for (const std::string name : {"bilstm_tagger", "lac"}) {
    const std::string model = folder_.path(name);
    const Result trained = sheaf({"train",       "--model",  name,
                                  "--data",      data,       "--dev",
                                  data,          "--hidden", name == "lac" ? "128" : "8",
                                  "--loss",      "crf",      "--epochs",
                                  "30",          "--batch",  "1",
                                  "--optimiser", "adam",     "--lr",
                                  "0.02",        "--out",    model});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    const auto eval = [&](const Arguments& more) {
      return nlohmann::json::parse(
          sheaf_output(Arguments{"eval", "--model-dir", model, "--data", data, "--json"} + more));
    };
    EXPECT_EQ(eval({}).at("decode"), "legal");
    EXPECT_EQ(eval({}).at("span_f1"), 1.0);
    EXPECT_EQ(eval({"--decode", "viterbi"}).at("span_f1"), 1.0);
    EXPECT_EQ(sheaf_output({"predict", "--model-dir", model, "--data", "-", "--format", "text"},
                           "d a b\n"),
              "S-Y B-X E-X\n");
  }
}

TEST_F(Trained, PredictTranslatesALinePerSentence) {
  const std::string source = folder_.write("source", "a b\nb\n\nc a b d\n");
  const std::string target = folder_.write("target", "x\ny x\n\nv w z\n");
  const std::string model = folder_of({.model = "lstm_nmt", .data = source, .target = target});
  for (const std::string beam : {"1", "3"}) {
    const Arguments predict = {"predict", "--model-dir", model, "--beam", beam, "--data"};
    const std::string printed = sheaf_output(predict + Arguments{source});
    EXPECT_EQ(lines(printed).size(), 3U);
    EXPECT_EQ(sheaf_output(predict + Arguments{source, "--batch", "1", "--threads", "2"}), printed);
    EXPECT_EQ(sheaf_output(predict + Arguments{"-"}, "c a b d\n"), lines(printed).at(2) + "\n");
    const auto json =
        nlohmann::json::parse(sheaf_output(predict + Arguments{"-", "--json"}, "c a b d\n"));
    EXPECT_EQ(json.at("words").get<Strings>(), words(lines(printed).at(2)));
    // Who is measured against himself is right.
    ASSERT_EQ(printed.find("<unk>"), std::string::npos);
    const std::string own = folder_.write("own", lines(printed).at(2) + "\n");
    const std::string one = folder_.write("one", "c a b d\n");
    const auto measured = nlohmann::json::parse(sheaf_output(
        {"eval", "--json", "--model-dir", model, "--beam", beam, "--data", one, "--target", own}));
    EXPECT_EQ(measured.at("bleu"), 1.0);
  }
}

TEST_F(Trained, AModelThatCannotEndASentenceTranslatesNothing) {
  const std::string source = folder_.write("source", "a b\n");
  const std::string model = folder_of({.model = "lstm_nmt",
                                       .data = source,
                                       .target = folder_.write("target", "x y\n"),
                                       .target_rows = 4});
  expect_refusal({"predict", "--model-dir", model, "--data", source}, 3,
                 "UnsupportedError: [vocabulary of the target] end of a sentence: got none, "
                 "expected '</s>'; train without --target-rows");
}

TEST_F(Trained, EvalNamesATagThatTheModelLacks) {
  const std::string model = tagger();
  const std::string dev = folder_.write("dev", "a|B-X b|B-Q\n");
  expect_refusal({"eval", "--model-dir", model, "--data", dev}, 2,
                 "DataError: [D/dev:1] tag: got 'B-Q', expected one of the 4 that the weights "
                 "have; did you mean 'B-X'?");
  EXPECT_EQ(lines(sheaf_output({"predict", "--model-dir", model, "--data", dev})).size(), 1U);
}

TEST_F(Trained, AFolderThatIsNotThereIsRefused) {
  expect_refusal({"eval", "--model-dir", folder_.path("none"), "--data", "x"}, 2,
                 "NotFoundError: [D/none] folder of a model: got none; sheaf train --out DIR makes "
                 "one");
}

}  // namespace
}  // namespace sheaf::test
