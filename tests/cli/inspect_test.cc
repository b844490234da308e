// SPDX-License-Identifier: Apache-2.0
//
// `sheaf inspect` from outside.
#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

using InspectVerb = Cli;

TEST_F(InspectVerb, PrintsLinesOrJson) {
  const std::string data = folder_.write("t", "(3 (2 a) (2 b))\n");
  const std::string text = sheaf_output({"inspect", data});
  EXPECT_NE(text.find("format             brackets\n"), std::string::npos) << text;
  EXPECT_NE(text.find("leaves             mean 2, p50 2, max 2\n"), std::string::npos) << text;
  const auto json = nlohmann::json::parse(sheaf_output({"inspect", data, "--json"}));
  EXPECT_EQ(json["instances"], 1);
}

TEST_F(InspectVerb, ReadsStandardInput) {
  const std::string text = sheaf_output({"inspect", "-"}, "a|O b|X\n");
  EXPECT_NE(text.find("format             tagged\n"), std::string::npos) << text;
}

TEST_F(InspectVerb, ReportsAProblemAndReturnsTwo) {
  const Result result = sheaf({"inspect", folder_.write("t", "(3 (2 a)\n")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.out.find("format             brackets\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nproblem            ["), std::string::npos) << result.out;
  EXPECT_TRUE(result.err.starts_with("sheaf: DataError: [")) << result.err;
}

TEST_F(InspectVerb, RefusesWhatItCannotRead) {
  expect_refusal({"inspect", folder_.path("none")}, 2, "NotFoundError: [D/none] no such file");
  expect_refusal({"inspect", folder_.write("t", "a\n"), "--format", "txt"}, 2,
                 "UsageError: [--format] unknown format: got 'txt'; did you mean 'text'?");
}

TEST_F(InspectVerb, SaysWhatTheToolWrote) {
  const Arguments trees = {"--model", "tree_lstm", "--data",
                           folder_.write("t", "(3 (2 a) (2 b))\n")};
  static_cast<void>(
      sheaf_output(Arguments{"run", "--hidden", "8", "--save-weights", folder_.path("w")} + trees));
  static_cast<void>(sheaf_output(Arguments{"learn", "--out", folder_.path("p")} + trees));
  const auto weights =
      nlohmann::json::parse(sheaf_output({"inspect", folder_.path("w"), "--json"}));
  EXPECT_EQ(weights["kind"], "weights");
  EXPECT_EQ(weights["model"], "tree_lstm");
  EXPECT_EQ(weights["vocabulary"]["words"], 3);
  const auto policy = nlohmann::json::parse(sheaf_output({"inspect", folder_.path("p"), "--json"}));
  EXPECT_EQ(policy["kind"], "policy");
  EXPECT_GT(policy["states"], 0);
}

// Sizes that the data's own description states.
TEST_F(InspectVerb, AgreesWithWhatIsKnownOfTheSharedData) {
  const std::string trees = shared_data("trees/train.txt");
  if (trees.empty()) GTEST_SKIP() << kNoSharedData;
  const auto found = nlohmann::json::parse(sheaf_output({"inspect", trees, "--json"}));
  EXPECT_EQ(found["instances"], 8544);
  EXPECT_NEAR(found["leaves"]["mean"].get<double>(), 19.1, 0.1);
  const auto lattices =
      nlohmann::json::parse(sheaf_output({"inspect", shared_data("lattice/train.txt"), "--json"}));
  EXPECT_EQ(lattices["instances"], 1147);
  EXPECT_NEAR(lattices["arcs"]["mean"].get<double>(), 66.5, 0.1);
  EXPECT_NEAR(lattices["word_arcs"]["mean"].get<double>(), 23.3, 0.1);
  const auto tags =
      nlohmann::json::parse(sheaf_output({"inspect", shared_data("tags/dev.txt"), "--json"}));
  EXPECT_EQ(tags["instances"], 1696);
  EXPECT_NEAR(tags["words"]["mean"].get<double>(), 23.0, 0.05);
  const auto dependencies = nlohmann::json::parse(
      sheaf_output({"inspect", shared_data("dependency/en_ewt.dev.conllu"), "--json"}));
  EXPECT_EQ(dependencies["instances"], 2001);
  const auto resumes = nlohmann::json::parse(
      sheaf_output({"inspect", shared_data("ner/resume.dev.bmes"), "--json"}));
  EXPECT_EQ(resumes["instances"], 463);
}

}  // namespace
}  // namespace sheaf::test
