// SPDX-License-Identifier: Apache-2.0
//
// What `sheaf run` writes: outputs per instance, and which instances a change of the input touches.
#include <gtest/gtest.h>

#include "tests/cli/families.h"
#include "tests/cli/synthetic.h"
#include "tests/io/lac_folder.h"

namespace sheaf::test {
namespace {

using nlohmann::json;

class Run : public Cli {
 protected:
  // The JSON of a run over `data`.
  [[nodiscard]] json run(const Arguments& options, const std::string& data) const {
    const std::string path = folder_.write("data", data);
    static_cast<void>(sheaf_output(
        Arguments{"run", "--data", path, "--out", folder_.path("run.json")} + options));
    return json_of(folder_.path("run.json"));
  }

  // Exactly the outputs of `changed` differ between the runs over the two data.
  void expect_only_changed(const Arguments& options, const std::string& before,
                           const std::string& after, std::size_t changed) const {
    const json a = run(options, before).at("instances");
    const json b = run(options, after).at("instances");
    ASSERT_EQ(a.size(), b.size());
    ASSERT_GT(a.size(), changed);
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].at("outputs") != b[i].at("outputs"), i == changed) << "instance " << i;
    }
  }

  const Arguments trees_ = {"--model", "tree_lstm", "--hidden", "16"};
  const Arguments lattices_ = {"--model", "lattice_lstm", "--hidden", "16"};
};

// `text` with the first `old` after the beginning of line `line` (from 0 on) replaced.
std::string replaced(std::string text, std::size_t line, const std::string& old,
                     const std::string& by) {
  std::size_t at = 0;
  for (; line > 0; --line) at = text.find('\n', at) + 1;
  at = text.find(old, at);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, old.size(), by);
}

TEST_F(Run, PrintsDigestNumberOfInstancesAndOriginOfTheWeights) {
  const std::string data = folder_.write("t", "(0 a)\n(0 b)\n");
  const Arguments run = Arguments{"run", "--data", data} + trees_;
  const std::string weights = folder_.path("w");
  const std::string random = sheaf_output(run + Arguments{"--save-weights", weights});
  EXPECT_TRUE(random.ends_with(" 2 instances random weights\n")) << random;
  EXPECT_EQ(sheaf_output(run + Arguments{"--weights", weights}),
            random.substr(0, 64) + " 2 instances given weights\n");
}

TEST_F(Run, WritesWhatItRanAndOutputsInTheOrderOfTheFile) {
  const json written =
      run(trees_ + Arguments{"--batch", "2", "--policy", "depth", "--shuffle", "9"},
          "(0 a)\n(0 (1 b) (2 c))\n(0 a)\n(0 b)\n");
  EXPECT_EQ(written.at("model"), "tree_lstm");
  EXPECT_EQ(written.at("policy"), "depth");
  EXPECT_EQ(written.at("batch"), 2);
  EXPECT_EQ(written.at("random_weights"), true);
  EXPECT_EQ(written.at("digest").get<std::string>().size(), 64U);
  const json& instances = written.at("instances");
  ASSERT_EQ(instances.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(instances[i].at("index"), i);
  // A row of five classes per tree node, in post-order; the same word gives the same row.
  ASSERT_EQ(instances[1].at("outputs").size(), 3U);
  EXPECT_EQ(instances[1].at("outputs")[2].size(), 5U);
  EXPECT_EQ(instances[0].at("outputs"), instances[2].at("outputs"));
  EXPECT_EQ(instances[1].at("outputs")[0], instances[3].at("outputs")[0]);
  EXPECT_NE(instances[0].at("outputs"), instances[3].at("outputs"));
}

TEST_F(Run, DigestPrintedIsTheDigestWritten) {
  const std::string data = folder_.write("t", random_trees(5, 1));
  const Arguments options = Arguments{"--data", data, "--out", folder_.path("o")} + trees_;
  const std::string printed = digest_of_run(options);
  EXPECT_EQ(printed, json_of(folder_.path("o")).at("digest"));
}

TEST_F(Run, OutputsOfALatticeAreARowOf18TagsPerPosition) {
  const json instances =
      run(lattices_, "2\n3\n0 0 0\n0\n1 0 4\n2 1 4 0 7\n1\n0\n0\n").at("instances");
  ASSERT_EQ(instances.size(), 2U);
  ASSERT_EQ(instances[0].at("outputs").size(), 3U);
  EXPECT_EQ(instances[0].at("outputs")[0].size(), 18U);
  EXPECT_EQ(instances[0].at("outputs")[0], instances[1].at("outputs")[0]);
  EXPECT_EQ(instances[1].at("outputs").size(), 1U);
}

TEST_F(Run, OutputsOfTheTaggerAre57EmissionsAndATagPerCharacter) {
  write_lac_folder(folder_);
  const json instances =
      run({"--model", "lac", "--weights", folder_.path()}, "我北\n\n京\n").at("instances");
  ASSERT_EQ(instances.size(), 3U);
  EXPECT_EQ(instances[0].at("outputs").size(), 2U);
  EXPECT_EQ(instances[0].at("outputs")[0].size(), 57U);
  EXPECT_EQ(instances[0].at("tags").size(), 2U);
  EXPECT_EQ(instances[1].at("outputs"), json::array());
  EXPECT_EQ(instances[1].at("tags"), json::array());
}

TEST_F(Run, ChangingALeafsWordChangesItsTreeOnly) {
  const std::string before = random_trees(100, 11);
  const std::string after = replaced(before, 42, " w", " another_w");
  expect_only_changed(trees_, before, after, 42);
}

TEST_F(Run, ChangingALeafsWordChangesTheRowsAboveItOnly) {
  const std::string text = "(0 (0 (0 a) (0 b)) (0 (0 c) (0 d)))\n";
  const json a = run(trees_, text).at("instances")[0].at("outputs");
  const json b = run(trees_, replaced(text, 0, "c", "x")).at("instances")[0].at("outputs");
  const bool changed[] = {false, false, false, true, false, true, true};
  ASSERT_EQ(a.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(a[i] != b[i], changed[i]) << "row " << i;
}

TEST_F(Run, ChangingAnArcsIdChangesItsLatticeOnly) {
  const std::string lattice = "3\n0 0 0\n0\n1 0 4\n2 1 5 0 7\n";
  const std::string before = "3\n" + lattice + lattice + lattice;
  expect_only_changed(lattices_, before, replaced(before, 6, "0 7", "0 299"), 1);
}

TEST_F(Run, ChangingACharacterChangesItsTextLatticeOnly) {
  const Arguments options =
      lattices_ + Arguments{"--lexicon", folder_.write("lexicon", random_lexicon(1))};
  const std::string before = "我北京\n大学来\n清华大学\n我北京\n";
  expect_only_changed(options, before, "我北京\n大学来\n清华北学\n我北京\n", 2);
}

TEST_F(Run, ChangingACharacterChangesItsSentenceOnly) {
  write_lac_folder(folder_);
  expect_only_changed({"--model", "lac", "--weights", folder_.path()}, "我北京\n北京\n我北京\n",
                      "我北京\n北我\n我北京\n", 1);
}

TEST_F(Run, LabelsDoNotChangeTheOutputs) {
  const json a = run(trees_, "(0 (1 a) (2 b))\n");
  const json b = run(trees_, "(4 (3 a) (9 b))\n");
  EXPECT_EQ(a.at("digest"), b.at("digest"));
}

TEST_F(Run, AddingInstancesLeavesTheOthersAsTheyWere) {
  const json few = run(trees_, random_trees(3, 1)).at("instances");
  const json more = run(trees_, random_trees(3, 1) + random_trees(200, 2)).at("instances");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(few[i], more[i]);
}

TEST_F(Run, DashIsStandardInput) {
  const std::string data = random_trees(3, 1);
  EXPECT_EQ(sheaf_output(Arguments{"run", "--data", "-"} + trees_, data),
            sheaf_output(Arguments{"run", "--data", folder_.write("t", data)} + trees_));
}

TEST_F(Run, DumpsTheStageThatIsNamed) {
  const std::string data = folder_.write("t", "(0 (0 a) (0 b))\n");
  for (const std::string stage : {"cells", "graph", "schedule", "plan"}) {
    const Result result = sheaf(Arguments{"run", "--data", data, "--dump-after", stage} + trees_);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_TRUE(result.err.starts_with("-- " + stage + "\n")) << result.err;
    EXPECT_GT(result.err.size(), 40U) << result.err;
  }
}

}  // namespace
}  // namespace sheaf::test
