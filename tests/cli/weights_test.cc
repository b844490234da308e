// SPDX-License-Identifier: Apache-2.0
//
// --weights and --save-weights.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/cli/synthetic.h"
#include "tests/cli/tool.h"
#include "tests/io/lac_folder.h"

namespace sheaf::test {
namespace {

class Weights : public Cli {
 protected:
  [[nodiscard]] Arguments trees(const std::string& text) const {
    return {"--model", "tree_lstm", "--data", folder_.write("trees", text)};
  }
  // Weights of hidden size 16 for the words of `text`.
  [[nodiscard]] std::string saved(const std::string& text, const std::string& seed = "1") const {
    const std::string path = folder_.path("weights");
    static_cast<void>(sheaf_output(
        Arguments{"run", "--hidden", "16", "--seed", seed, "--save-weights", path} + trees(text)));
    return path;
  }
  [[nodiscard]] Arguments run_with(const std::string& weights) const {
    return Arguments{"run", "--weights", weights} + trees(text_);
  }
  // A file with a header and data, as safetensors have them.
  [[nodiscard]] std::string safetensors(const std::string& header, const std::string& data) const {
    std::string bytes(8, '\0');
    const std::uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    return folder_.write("weights", bytes + header + data);
  }

  const std::string text_ = "(0 (1 a) (2 b))\n";
};

TEST_F(Weights, ThatWereSavedGiveTheSameDigest) {
  const std::string text = random_trees(20, 1);
  const std::string weights = saved(text, "3");
  EXPECT_EQ(digest_of_run(Arguments{"--weights", weights} + trees(text)),
            digest_of_run(Arguments{"--hidden", "16", "--seed", "3"} + trees(text)));
}

TEST_F(Weights, OfLatticesThatWereSavedGiveTheSameDigest) {
  const Arguments options = {"--model", "lattice_lstm", "--data",
                             folder_.write("l", random_lattices(20, 1))};
  const std::string weights = folder_.path("weights");
  const std::string digest =
      digest_of_run(Arguments{"--hidden", "16", "--save-weights", weights} + options);
  EXPECT_EQ(digest_of_run(Arguments{"--weights", weights} + options), digest);
}

TEST_F(Weights, OfTextLatticesServeOtherText) {
  const std::string weights = folder_.path("weights");
  const std::string lexicon = folder_.write("lexicon", random_lexicon(1));
  const auto options = [&](const std::string& text) {
    return Arguments{"--model", "lattice_lstm", "--lexicon",
                     lexicon,   "--data",       folder_.write("text", text)};
  };
  static_cast<void>(digest_of_run(Arguments{"--hidden", "16", "--save-weights", weights} +
                                  options(random_text(50, 1))));
  const Arguments part = options("我北京\n学大\n");
  EXPECT_EQ(digest_of_run(Arguments{"--weights", weights} + part),
            digest_of_run(Arguments{"--hidden", "16"} + part));
}

TEST_F(Weights, GiveUnknownWordsTheUnknownRow) {
  const std::string weights = saved(text_);
  const Arguments run = {"--weights", weights};
  EXPECT_EQ(digest_of_run(run + trees("(0 (1 a) (2 new))\n")),
            digest_of_run(run + trees("(0 (1 a) (2 <unk>))\n")));
  EXPECT_NE(digest_of_run(run + trees("(0 (1 a) (2 new))\n")), digest_of_run(run + trees(text_)));
}

TEST_F(Weights, OfWordsDoNotDependOnTheOtherWords) {
  const Arguments options = {"--hidden", "16"};
  const std::string alone = folder_.path("alone");
  const std::string together = folder_.path("together");
  static_cast<void>(digest_of_run(options + trees("(2 a)\n") + Arguments{"--out", alone}));
  static_cast<void>(
      digest_of_run(options + trees("(2 z)\n(2 y)\n(2 a)\n") + Arguments{"--out", together}));
  EXPECT_EQ(json_of(alone).at("instances")[0].at("outputs"),
            json_of(together).at("instances")[2].at("outputs"));
}

TEST_F(Weights, TellTheHiddenSize) {
  const std::string weights = saved(text_);
  EXPECT_EQ(digest_of_run(Arguments{"--weights", weights, "--hidden", "16"} + trees(text_)),
            digest_of_run(Arguments{"--weights", weights} + trees(text_)));
}

TEST_F(Weights, OfAnotherHiddenSizeThanAskedFor) {
  expect_refusal(run_with(saved(text_)) + Arguments{"--hidden", "32"}, 2,
                 "UsageError: [--hidden] model tree_lstm: got 32, expected 16, which the weights "
                 "have");
}

TEST_F(Weights, OfAnotherModel) {
  expect_refusal({"run", "--model", "lattice_lstm", "--weights", saved(text_), "--data",
                  folder_.write("l", "1\n1\n0\n0\n")},
                 2,
                 "DataError: [D/weights] weights of model: got tree_lstm, expected lattice_lstm");
}

TEST_F(Weights, WithoutARowForAnId) {
  const std::string weights = folder_.path("weights");
  const auto lattice = [&](const std::string& id) {
    return Arguments{"run", "--model", "lattice_lstm", "--data",
                     folder_.write("l", "1\n2\n0 0\n0\n1 0 " + id + "\n")};
  };
  static_cast<void>(
      sheaf_output(lattice("7") + Arguments{"--hidden", "16", "--save-weights", weights}));
  expect_refusal(lattice("8") + Arguments{"--weights", weights}, 2,
                 "DataError: [D/l:5] id: got 8, expected below 8; the embedding table has no such "
                 "row");
}

TEST_F(Weights, ThatAreTruncated) {
  const std::string bytes = bytes_of(saved(text_));
  const Result result = sheaf(run_with(folder_.write("w", bytes.substr(0, bytes.size() - 4))));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("sheaf: DataError: [" + folder_.path("w") + ": "))
      << result.err;
  EXPECT_NE(result.err.find("] truncated weight file: got "), std::string::npos) << result.err;
}

TEST_F(Weights, WithBytesTooMany) {
  const Result result = sheaf(run_with(folder_.write("w", bytes_of(saved(text_)) + "1234")));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("sheaf: DataError: [" + folder_.path("w") +
                                     "] size of the weight file: got "))
      << result.err;
}

TEST_F(Weights, WithNotANumber) {
  std::string bytes = bytes_of(saved(text_));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + bytes.size() - sizeof(nan), &nan, sizeof(nan));
  expect_refusal(run_with(folder_.write("w", bytes)), 2,
                 "DataError: [D/w: head.V] value 79: got NaN, expected a finite number");
}

TEST_F(Weights, ThatAreNone) {
  expect_refusal(run_with(folder_.write("w", text_)), 2,
                 "DataError: [D/w] truncated weight file: got 16 bytes, expected a header of "
                 "2981699823794663464; weights are safetensors files as --save-weights writes "
                 "them");
}

TEST_F(Weights, WithoutAnEmbedding) {
  expect_refusal(run_with(safetensors("{}", "")), 2,
                 "DataError: [D/weights] tensor: got none, expected 'embedding'");
}

TEST_F(Weights, WhoseVocabularyHasAnotherSizeThanTheEmbedding) {
  expect_refusal(
      run_with(safetensors(R"({"__metadata__":{"vocabulary":"[\"<unk>\"]"},)"
                           R"("embedding":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})",
                           std::string(8, '\0'))),
      2, "DataError: [D/weights] words in the vocabulary: got 1, expected 2");
}

TEST_F(Weights, WhoseShapeOverflowsAreRefused) {
  const Result result = sheaf(run_with(safetensors(
      R"({"embedding":{"dtype":"F32","shape":[2147483648,2147483648],"data_offsets":[0,0]}})",
      "")));
  EXPECT_EQ(result.exit_code, 2) << result.err;
}

TEST_F(Weights, WithAHeaderNestedAHundredThousandDeepAreRefused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const Result result = sheaf(run_with(safetensors(
      R"({"embedding":{"shape":[1],"data_offsets":[0,4],"dtype":)" + deep + "}}", "1234")));
  EXPECT_EQ(result.exit_code, 2) << result.err.substr(0, 200);
}

TEST_F(Weights, WithoutHiddenUnitsAreADataErrorOfTheFile) {
  const Result result = sheaf(run_with(
      safetensors(R"({"embedding":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}})", "")));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("sheaf: DataError: [" + folder_.path("weights")))
      << result.err;
}

TEST_F(Weights, WhoseOutputsOverflowAreRefusedOrGiveJson) {
  std::string bytes = bytes_of(saved(text_));
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  bool negative = false;
  for (std::size_t at = 8 + header; at < bytes.size(); at += sizeof(float)) {
    const float value = negative ? -3e38F : 3e38F;
    negative = !negative;
    std::memcpy(bytes.data() + at, &value, sizeof(value));
  }
  const std::string out = folder_.path("out");
  if (sheaf(run_with(folder_.write("w", bytes)) + Arguments{"--out", out}).exit_code == 0) {
    EXPECT_TRUE(nlohmann::json::accept(bytes_of(out))) << bytes_of(out);
  }
}

TEST_F(Weights, OfTheTaggerThatAreTruncated) {
  write_lac_folder(folder_);
  folder_.write("model_baseline/crfw", "short");
  expect_refusal(
      {"run", "--model", "lac", "--weights", folder_.path(), "--data", folder_.write("t", "我\n")},
      2,
      "DataError: [D/model_baseline/crfw] truncated weight file: got 5 bytes, expected a "
      "header of 20; reinstall python3-jieba");
}

TEST_F(Weights, OfTheTaggerWithNotANumber) {
  write_lac_folder(folder_);
  auto values = lac_values("fc_3.b_0", 384);
  values[383] = std::nanf("");
  folder_.write("model_baseline/fc_3.b_0", paddle_variable(values));
  expect_refusal({"tag", "--weights", folder_.path(), folder_.write("t", "我\n")}, 2,
                 "DataError: [D/model_baseline/fc_3.b_0] weight 383: got NaN, expected a finite "
                 "number; reinstall python3-jieba");
}

}  // namespace
}  // namespace sheaf::test
