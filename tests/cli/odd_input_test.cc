// SPDX-License-Identifier: Apache-2.0
//
// Input that is odd and works.
#include <gtest/gtest.h>

#include "tests/cli/families.h"
#include "tests/cli/synthetic.h"
#include "tests/io/lac_folder.h"

namespace sheaf::test {
namespace {

constexpr const char* kEmptyDigest =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

class OddInput : public Cli {
 protected:
  [[nodiscard]] Arguments trees(const std::string& text) const {
    return {"--model", "tree_lstm", "--hidden", "16", "--data", folder_.write("trees", text)};
  }
  [[nodiscard]] Arguments lattices(const std::string& text) const {
    return {"--model", "lattice_lstm", "--hidden", "16", "--data", folder_.write("l", text)};
  }
};

class DeepTree : public Cli, public testing::WithParamInterface<std::string> {
 protected:
  void expect_runs(const std::string& tree) const {
    const Arguments options = {"--model", "tree_lstm", "--hidden",
                               "16",      "--data",    folder_.write("tree", tree)};
    const std::string first = digest_of_run(options + Arguments{"--policy", "single"});
    EXPECT_EQ(digest_of_run(options + Arguments{"--policy", GetParam()}), first);
  }
};

TEST_P(DeepTree, OfAHundredThousandNodesToTheLeftRuns) { expect_runs(left_tree(100'000)); }
TEST_P(DeepTree, OfAHundredThousandNodesToTheRightRuns) { expect_runs(right_tree(100'000)); }

INSTANTIATE_TEST_SUITE_P(Policies, DeepTree,
                         testing::Values("depth", "agenda", "fsm", "sufficient"),
                         [](const auto& info) { return info.param; });

TEST_F(OddInput, DeepTreeCanBeBenchedAndLearnedFrom) {
  const Arguments options = trees(right_tree(100'000));
  const auto figures = bench(options);
  EXPECT_EQ(figures.at("nodes"), 400'002);
  EXPECT_EQ(figures.at("batches"), figures.at("lower_bound"));
  const std::string policy = folder_.path("policy");
  static_cast<void>(sheaf_output(Arguments{"learn", "--out", policy} + options));
  EXPECT_GT(json_of(policy).at("states").size(), 0U);
}

TEST_F(OddInput, LatticeOfALonePositionRuns) {
  const Arguments options = lattices("3\n1\n0\n0\n2\n0 0\n0\n1 0 5\n1\n3\n0\n");
  EXPECT_EQ(digest_of_run(options + Arguments{"--batch", "1"}), digest_of_run(options));
}

TEST_F(OddInput, LatticesOfLonePositionsOnlyRun) {
  const Arguments options = lattices("2\n1\n0\n0\n1\n0\n0\n");
  EXPECT_EQ(digest_of_run(options + Arguments{"--policy", "fsm"}), digest_of_run(options));
}

TEST_F(OddInput, PositionWithManyIncomingArcsRuns) {
  std::string text = "1\n300\n0";
  for (int p = 1; p < 300; ++p) text += " 0";
  text += "\n0\n";
  for (int p = 1; p < 299; ++p) text += "1 " + std::to_string(p - 1) + " 3\n";
  text += "299";
  for (int source = 0; source < 299; ++source) text += " " + std::to_string(source) + " 4";
  const Arguments options = lattices(text + "\n");
  const std::string first = digest_of_run(options + Arguments{"--policy", "single"});
  for (const char* policy : {"depth", "agenda", "fsm", "sufficient"}) {
    EXPECT_EQ(digest_of_run(options + Arguments{"--policy", policy}), first) << policy;
  }
}

TEST_F(OddInput, TreeOfOneWordRuns) {
  EXPECT_EQ(sheaf_output(Arguments{"run"} + trees("(2 a)\n")).substr(64),
            " 1 instances random weights\n");
}

TEST_F(OddInput, EmptyLinesBetweenTreesAreSkipped) {
  EXPECT_EQ(digest_of_run(trees("\n(2 a)\r\n\n\n(2 b)\n \n")),
            digest_of_run(trees("(2 a)\n(2 b)\n")));
}

TEST_F(OddInput, EmptyFileOfTreesHasNoInstances) {
  for (const char* policy : {"single", "depth", "agenda", "fsm", "sufficient"}) {
    EXPECT_EQ(sheaf_output(Arguments{"run", "--policy", policy} + trees("")),
              std::string(kEmptyDigest) + " 0 instances random weights\n");
  }
}

TEST_F(OddInput, EmptyFileOfTreesGivesJsonWithoutInstances) {
  const std::string out = folder_.path("out");
  static_cast<void>(sheaf_output(Arguments{"run", "--out", out} + trees("")));
  EXPECT_EQ(json_of(out).at("instances"), nlohmann::json::array());
  EXPECT_EQ(json_of(out).at("digest"), kEmptyDigest);
}

TEST_F(OddInput, NoLatticesHaveNoInstances) {
  EXPECT_EQ(sheaf_output(Arguments{"run"} + lattices("0\n")),
            std::string(kEmptyDigest) + " 0 instances random weights\n");
}

TEST_F(OddInput, TextOfEmptyLinesGivesLonePositions) {
  const std::string out = folder_.path("out");
  static_cast<void>(
      sheaf_output(Arguments{"run", "--out", out, "--lexicon", folder_.write("lexicon", "")} +
                   lattices("\n\n")));
  const auto instances = json_of(out).at("instances");
  ASSERT_EQ(instances.size(), 2U);
  EXPECT_EQ(instances[0].at("outputs").size(), 1U);
}

TEST_F(OddInput, TextLatticesAreOneInstancePerLine) {
  const std::string text = random_text(30, 2);
  EXPECT_EQ(
      sheaf_output(Arguments{"run", "--lexicon", folder_.write("lexicon", random_lexicon(1))} +
                   lattices(text))
          .substr(64),
      " 30 instances random weights\n");
}

TEST_F(OddInput, EmptyLinesOfTextAreSentences) {
  write_lac_folder(folder_);
  EXPECT_EQ(sheaf_output({"run", "--model", "lac", "--weights", folder_.path(), "--data",
                          folder_.write("t", "\n\n\n")}),
            std::string(kEmptyDigest) + " 3 instances given weights\n");
}

TEST_F(OddInput, TextOfTheJiebaLexiconRuns) {
  const std::string lexicon = "/usr/lib/python3/dist-packages/jieba/dict.txt";
  if (!has_jieba()) GTEST_SKIP() << kNoJieba;
  const Arguments options = Arguments{"--lexicon", lexicon} +
                            lattices("我来到北京清华大学\n\n小明硕士毕业于中国科学院\n");
  const std::string first = digest_of_run(options + Arguments{"--policy", "single"});
  EXPECT_EQ(digest_of_run(options), first);
  EXPECT_EQ(digest_of_run(options + Arguments{"--batch", "1", "--policy", "fsm"}), first);
  // 9 and 12 characters, the words among them, and starts and heads of 10, 1 and 13 positions.
  EXPECT_GT(bench(options).at("nodes"), 9 + 12 + 3 + 10 + 1 + 13);
}

TEST_F(OddInput, BatchLargerThanTheDataRuns) {
  const Arguments options = trees(random_trees(5, 1));
  EXPECT_EQ(digest_of_run(options + Arguments{"--batch", "1048576"}), digest_of_run(options));
}

}  // namespace
}  // namespace sheaf::test
