// SPDX-License-Identifier: Apache-2.0
//
// Which data models take, and what a workload knows of them.
#include "sheaf/engine/workload.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/engine/model_data.h"
#include "sheaf/io/weights_file.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

using Numbers = std::vector<std::uint32_t>;

class WorkloadTest : public testing::Test {
 protected:
  [[nodiscard]] WorkloadOptions options(const std::string& model, const std::string& text) const {
    return {.model = model, .data = folder_.write("data", text), .hidden = 8};
  }
  // The message, the folder's path in it replaced by "D".
  [[nodiscard]] std::string refusal(const WorkloadOptions& options) const {
    std::string text =
        test::message_of<base::Error>([&] { static_cast<void>(open_workload(options)); });
    for (std::size_t at = text.find(folder_.path()); at != std::string::npos;
         at = text.find(folder_.path())) {
      text.replace(at, folder_.path().size(), "D");
    }
    return text;
  }
  [[nodiscard]] std::string saved(const Workload& workload, const std::string& model) const {
    io::save_weights(folder_.path("weights"), workload.model->network().parameters(), model,
                     workload.vocabularies);
    return folder_.path("weights");
  }
  [[nodiscard]] static const nn::Sentence& sentence(const Workload& workload) {
    return std::get<nn::Sentence>(workload.instances.at(0));
  }

  const test::TempFolder folder_;
};

TEST(ModelData, EveryModelHasARow) {
  for (const std::string& model : nn::model_names()) EXPECT_EQ(model_data(model).model, model);
}

TEST(ModelData, EveryModelRunsOnRandomDataOfItsKind) {
  for (const std::string& model : nn::model_names()) {
    if (model == "lac") continue;  // its dictionary may not be installed
    const Workload workload = open_workload(
        {.model = model, .data = "random:" + name(model_data(model).kind) + ",n=3", .hidden = 8});
    EXPECT_EQ(workload.instances.size(), 3U) << model;
    graph::Graph graph(workload.model->network());
    for (const nn::Instance& instance : workload.instances) {
      workload.model->append(instance, 0, graph);
    }
    EXPECT_GT(graph.size(), 0U) << model;
  }
}

TEST_F(WorkloadTest, TaggersTakeTheirClassesFromTheData) {
  const Workload tagged = open_workload(options("bilstm_tagger", "a|X b|Y c|X\n"));
  EXPECT_EQ(tagged.vocabularies.labels, (nn::Vocabulary{"X", "Y"}));
  EXPECT_EQ(sentence(tagged).ids, (Numbers{1, 2, 3}));
  const Workload bmes = open_workload(options("bilstm_tagger", "a B-X\nb O\n"));
  EXPECT_EQ(bmes.vocabularies.labels, (nn::Vocabulary{"B-X", "O"}));
}

TEST_F(WorkloadTest, WeightsKeepTheirWordsAndClasses) {
  const Workload first = open_workload(options("bilstm_tagger", "a|X b|Y\n"));
  WorkloadOptions again{.model = "bilstm_tagger",
                        .data = folder_.write("more", "b|Y z|Y\n"),
                        .weights = saved(first, "bilstm_tagger")};
  const Workload second = open_workload(again);
  EXPECT_EQ(second.vocabularies.words, first.vocabularies.words);
  EXPECT_EQ(second.vocabularies.labels, first.vocabularies.labels);
  EXPECT_EQ(sentence(second).ids, (Numbers{2, 0}));
  EXPECT_EQ(sentence(second).labels, (Numbers{1, 1}));
  EXPECT_FALSE(second.random_weights);
}

TEST_F(WorkloadTest, WeightsReadTextWithoutTags) {
  WorkloadOptions plain{
      .model = "bilstm_tagger",
      .data = folder_.write("plain", "b a\n"),
      .format = "text",
      .weights = saved(open_workload(options("bilstm_tagger", "a|X b|Y\n")), "bilstm_tagger")};
  EXPECT_EQ(sentence(open_workload(plain)).ids, (Numbers{2, 1}));
  EXPECT_TRUE(sentence(open_workload(plain)).labels.empty());
}

TEST_F(WorkloadTest, RareWordsAreSpelt) {
  const std::string often = "the|O the|O the|O the|O the|O ";
  const Workload workload = open_workload(options("bilstm_tagger_char", often + "cat|N\n"));
  EXPECT_EQ(workload.vocabularies.words, (nn::Vocabulary{"<unk>", "the"}));
  EXPECT_EQ(workload.vocabularies.characters, (nn::Vocabulary{"<unk>", "c", "a", "t"}));
  EXPECT_EQ(sentence(workload).spelling, (Numbers{1, 2, 3}));
}

TEST_F(WorkloadTest, CountsSayWhichWordsAreRare) {
  WorkloadOptions counted = options("bilstm_tagger_char", "the|O cat|N\n");
  counted.counts = folder_.write("train", "cat|N cat|N cat|N cat|N cat|N the|O\n");
  const Workload workload = open_workload(counted);
  EXPECT_EQ(workload.vocabularies.words, (nn::Vocabulary{"<unk>", "cat"}));
  EXPECT_EQ(sentence(workload).ids, (Numbers{0, 1}));
}

TEST_F(WorkloadTest, WeightsSayWhichWordsAreSpelt) {
  const std::string often = "the|O the|O the|O the|O the|O cat|N\n";
  const Workload first = open_workload(options("bilstm_tagger_char", often));
  WorkloadOptions again{.model = "bilstm_tagger_char",
                        .data = folder_.write("more", "the|O tax|N\n"),
                        .weights = saved(first, "bilstm_tagger_char")};
  const Workload second = open_workload(again);
  EXPECT_EQ(sentence(second).ids, (Numbers{1, 0}));
  EXPECT_EQ(sentence(second).spelling, (Numbers{3, 2, 0})) << "t, a, and no row for x";
}

TEST_F(WorkloadTest, TargetIsFoldedUnlessItIsToBeFull) {
  WorkloadOptions pairs = options("lstm_nmt", "a b\nc\n");
  pairs.target = folder_.write("target", "x\ny z\n");
  EXPECT_EQ(open_workload(pairs).vocabularies.target.size(), 256U);
  pairs.target_rows = 2;
  const Workload folded = open_workload(pairs);
  EXPECT_EQ(folded.vocabularies.target, (nn::Vocabulary{"0", "1"}));
  EXPECT_EQ(std::get<nn::SentencePair>(folded.instances[1]).target, (Numbers{0, 1}));
  pairs.target_rows = 0;
  const Workload full = open_workload(pairs);
  EXPECT_EQ(full.vocabularies.target, (nn::Vocabulary{"<unk>", "x", "</s>", "y", "z"}));
}

TEST_F(WorkloadTest, WeightsSayWhetherTheTargetIsFolded) {
  for (const std::uint32_t target_rows : {2U, 0U}) {
    WorkloadOptions pairs = options("lstm_nmt", "a b\nc\n");
    pairs.target = folder_.write("target", "x\ny z\n");
    pairs.target_rows = target_rows;
    const Workload first = open_workload(pairs);
    pairs.target_rows.reset();
    pairs.weights = saved(first, "lstm_nmt");
    const Workload second = open_workload(pairs);
    EXPECT_EQ(second.vocabularies.target, first.vocabularies.target);
    EXPECT_EQ(std::get<nn::SentencePair>(second.instances[1]).target,
              std::get<nn::SentencePair>(first.instances[1]).target);
  }
}

TEST_F(WorkloadTest, LatticesAreReadInFourFormats) {
  const auto arcs = [&](const WorkloadOptions& lattice) {
    return std::get<nn::Lattice>(open_workload(lattice).instances.at(0)).arcs.size();
  };
  EXPECT_EQ(arcs(options("lattice_lstm", "1\n2\n0 0\n0\n1 0 5\n")), 1U);
  EXPECT_EQ(arcs(options("lattice_lstm", "N=2 L=2\nJ=0 S=0 E=1 W=a\nJ=1 S=0 E=1 W=b\n")), 2U);
  WorkloadOptions text = options("lattice_gru", "abc\n");
  text.lexicon = folder_.write("lexicon", "bc\n");
  EXPECT_EQ(arcs(text), 4U);
  WorkloadOptions bmes = options("lattice_gru", "a O\nb B-X\nc E-X\n");
  bmes.lexicon = text.lexicon;
  EXPECT_EQ(arcs(bmes), 4U);
}

TEST_F(WorkloadTest, RandomDataFitWeightsWithMoreRows) {
  const std::string text = "1\n2\n0 0\n0\n1 0 50\n";
  const std::string weights = saved(open_workload(options("lattice_lstm", text)), "lattice_lstm");
  WorkloadOptions random{.model = "lattice_lstm", .weights = weights};
  random.data = "random:lattices,n=2,vocabulary=51";
  EXPECT_EQ(open_workload(random).vocabularies.words.size(), 51U);
  random.data = "random:lattices,n=2,vocabulary=52";
  EXPECT_EQ(
      refusal(random),
      "[--data] vocabulary of the random data: got 52, expected at most 51, which the weights "
      "have");
}

TEST_F(WorkloadTest, OptionsThatDoNotFitTheModelAreRefused) {
  WorkloadOptions tree = options("tree_lstm", "(2 a)\n");
  tree.target = "t";
  EXPECT_EQ(refusal(tree), "[--target] model tree_lstm: got t, expected no translations");
  tree.target.clear();
  tree.target_rows = 4;
  EXPECT_EQ(refusal(tree), "[--target-rows] model tree_lstm: got 4, expected no translations");
  tree.target_rows.reset();
  tree.counts = "c";
  EXPECT_EQ(refusal(tree), "[--counts] model tree_lstm: got c, expected no counts");
  tree.counts.clear();
  tree.format = "conllu";
  EXPECT_EQ(refusal(tree), "[--format] model tree_lstm: got 'conllu', expected 'brackets'");
  tree.format = "bracket";
  EXPECT_EQ(refusal(tree), "[--format] unknown format: got 'bracket'; did you mean 'brackets'?");
}

TEST_F(WorkloadTest, OptionsThatAreMissingAreNamed) {
  EXPECT_EQ(refusal(options("lstm_nmt", "a\n")),
            "[--target] model lstm_nmt: got none, expected a file of translations");
  WorkloadOptions text = options("lattice_lstm", "abc\n");
  text.format = "text";
  EXPECT_EQ(refusal(text),
            "[--lexicon] model lattice_lstm: got none, expected a word list, with which to make "
            "lattices of text");
  WorkloadOptions plain = options("bilstm_tagger", "a b\n");
  plain.format = "text";
  EXPECT_EQ(refusal(plain),
            "[--format] model bilstm_tagger: got text without tags, expected tagged data, or "
            "--weights that name the tags");
}

TEST_F(WorkloadTest, OptionsThatContradictEachOtherAreRefused) {
  WorkloadOptions lattice = options("lattice_lstm", "abc\n");
  lattice.lexicon = folder_.write("lexicon", "bc\n");
  lattice.format = "slf";
  EXPECT_EQ(refusal(lattice),
            "[--lexicon] model lattice_lstm: got D/lexicon, expected none: lattices of format "
            "'slf' have their words");
  WorkloadOptions spelt = options("bilstm_tagger_char", "a|O\n");
  spelt.counts = "c";
  spelt.weights = "w";
  EXPECT_EQ(refusal(spelt),
            "[--counts] model bilstm_tagger_char: got c, expected no counts: the weights say which "
            "words are spelt");
  WorkloadOptions pairs = options("lstm_nmt", "a\n");
  pairs.weights = "w";
  pairs.target_rows = 3;
  EXPECT_EQ(refusal(pairs),
            "[--target-rows] model lstm_nmt: got 3, expected the rows that the weights have");
  pairs.weights.clear();
  pairs.target_rows = 1U << 30U;
  EXPECT_EQ(refusal(pairs),
            "[--target-rows] model lstm_nmt: got 1073741824, expected 0 to 4194304");
  WorkloadOptions random = options("lattice_lstm", "");
  random.data = "random:lattices";
  random.lexicon = "words.txt";
  EXPECT_EQ(refusal(random), "[--lexicon] random data: got words.txt, expected no such option");
  random.lexicon.clear();
  random.data = "random:trees";
  EXPECT_EQ(refusal(random),
            "[--data] model lattice_lstm: got random trees, expected random lattices");
}

TEST_F(WorkloadTest, TagThatTheWeightsLackIsRefused) {
  WorkloadOptions again{
      .model = "bilstm_tagger",
      .data = folder_.write("more", "a|Z\n"),
      .weights = saved(open_workload(options("bilstm_tagger", "a|XY b|O\n")), "bilstm_tagger")};
  EXPECT_EQ(refusal(again),
            "[D/more:1] tag: got 'Z', expected one of the 2 that the weights have; known are 'XY' "
            "'O'");
}

}  // namespace
}  // namespace sheaf::engine
