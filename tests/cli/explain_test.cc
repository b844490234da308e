// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/cli/tool.h"
#include "tests/report/xml.h"

namespace sheaf::test {
namespace {

class Explain : public Cli {
 protected:
  // `sheaf explain` of four trees, with these options after the others.
  [[nodiscard]] Arguments explain(const Arguments& more = {}) const {
    const std::string trees =
        "(0 (0 (0 a) (0 b)) (0 (0 c) (0 d)))\n(0 a)\n(0 (0 a) (0 b))\n(0 (0 a) (0 (0 b) (0 c)))\n";
    return Arguments{"explain",
                     "--model",
                     "tree_lstm",
                     "--hidden",
                     "8",
                     "--data",
                     folder_.write("t", trees)} +
           more;
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

// Leaves, two levels of nodes, heads.
TEST_F(Explain, SaysWhatRanAndWhatWasNextBest) {
  const std::string text = sheaf_output(explain());
  EXPECT_TRUE(text.starts_with(
      "tree_lstm, instance 0: 14 calls, 4 batches by critical, lower bound 4\n\n   1  "))
      << text;
  EXPECT_TRUE(contains(text, "leaves 0 of 4 critical behind, 4 of 4 ready\n")) << text;
  EXPECT_TRUE(contains(text, "   (next best: ")) << text;
  EXPECT_TRUE(contains(text, "\n   4  ")) << text;
  EXPECT_FALSE(contains(text, "\n   5  ")) << text;
  EXPECT_TRUE(contains(text, "\ncell ")) << text;
  EXPECT_TRUE(contains(text, "  planned:   ")) << text;
  EXPECT_FALSE(contains(text, "Pictures: ")) << text;
}

TEST_F(Explain, TakesAsManyInstancesAsThereAre) {
  EXPECT_TRUE(sheaf_output(explain({"--index", "1", "--batch", "2"}))
                  .starts_with("tree_lstm, instances 1 to 2: 8 calls"));
  EXPECT_TRUE(sheaf_output(explain({"--index", "2", "--batch", "9"}))
                  .starts_with("tree_lstm, instances 2 to 3: "));
}

TEST_F(Explain, WorksWithEveryPolicy) {
  for (const char* policy :
       {"single", "depth", "agenda", "fsm", "sufficient", "critical", "beam", "optimal"}) {
    const std::string text = sheaf_output(explain({"--policy", policy, "--batch", "4"}));
    EXPECT_TRUE(contains(text, " batches by " + std::string(policy) + ", lower bound ")) << text;
  }
}

TEST_F(Explain, WorksWithMeasuredCosts) {
  setenv("XDG_CACHE_HOME", folder_.path("cache").c_str(), 1);
  const Result result = sheaf(explain({"--policy", "cost"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, " batches by cost, lower bound 4\n")) << result.out;
}

TEST_F(Explain, SaysHowManyOfTheReadyAPolicyRuns) {
  EXPECT_TRUE(contains(sheaf_output(explain({"--policy", "single"})), "4 of 4 ready, 1 run"));
  EXPECT_FALSE(contains(sheaf_output(explain()), " run"));
}

TEST_F(Explain, WritesThreePictures) {
  for (const Arguments& policy : {Arguments{}, Arguments{"--policy", "fsm"}}) {
    const std::string text =
        sheaf_output(explain(Arguments{"--svg", folder_.path("p.svg"), "--batch", "4"} + policy));
    EXPECT_TRUE(contains(text, "\nPictures: ")) << text;
    for (const char* picture : {"machine", "batches", "cell"}) {
      const std::string path = folder_.path("p-" + std::string(picture) + ".svg");
      ASSERT_TRUE(std::filesystem::exists(path)) << path;
      std::string fault;
      const auto elements = parse_xml(bytes_of(path), fault);
      EXPECT_EQ(fault, "") << picture;
      EXPECT_EQ(elements.at(0).name, "svg");
      std::filesystem::remove(path);
    }
  }
}

TEST_F(Explain, ShowsTheCellOfTheTypeThatIsNamed) {
  const std::string text = sheaf_output(explain({"--type", "leaf"}));
  const std::string other = sheaf_output(explain({"--type", "node"}));
  EXPECT_NE(text.substr(text.find("\ncell ")), other.substr(other.find("\ncell ")));
}

TEST_F(Explain, IndexBeyondTheData) {
  expect_refusal(explain({"--index", "4"}), 2,
                 "UsageError: [--index] instance: got 4, expected below 4");
}

TEST_F(Explain, UnknownTypeSuggestsTheNearest) {
  expect_refusal(explain({"--type", "nodd"}), 2,
                 "UsageError: [--type] unknown batch type: got 'nodd'; did you mean 'node'?");
}

TEST_F(Explain, RefusesAFolderThatIsNotThereBeforeAnythingRuns) {
  const Result result = sheaf(explain({"--svg", folder_.path("none/p")}));
  EXPECT_EQ(result.exit_code, 74) << result.err;
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace sheaf::test
