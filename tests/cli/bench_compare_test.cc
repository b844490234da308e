// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "tests/cli/tool.h"
#include "tests/report/xml.h"

namespace sheaf::test {
namespace {

class BenchCompare : public Cli {
 protected:
  const Arguments bench_ = {"bench",
                            "--model",
                            "tree_lstm",
                            "--data",
                            "random:trees,n=12,leaves=5",
                            "--hidden",
                            "16",
                            "--batch",
                            "4",
                            "--repeat",
                            "2",
                            "--compare",
                            "depth,agenda,fsm,critical"};
};

TEST_F(BenchCompare, JsonHasEveryContestantInOrderAndItsRatioToTheFirst) {
  const auto json = nlohmann::json::parse(sheaf_output(bench_ + Arguments{"--json"}));
  const auto& contestants = json.at("contestants");
  ASSERT_EQ(contestants.size(), 4U);
  const char* const names[] = {"depth", "agenda", "fsm", "critical"};
  const double first = contestants[0].at("instances_per_s");
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(contestants[i].at("policy"), names[i]);
    EXPECT_EQ(contestants[i].at("recipe").at("policy"), names[i]);
    EXPECT_EQ(contestants[i].at("nodes"), contestants[0].at("nodes"));
    EXPECT_DOUBLE_EQ(contestants[i].at("ratio_to_first"),
                     contestants[i].at("instances_per_s").get<double>() / first);
  }
  EXPECT_GT(contestants[2].at("policy_states"), 0);
}

TEST_F(BenchCompare, TextIsATableWithARowPerContestant) {
  const std::string text = sheaf_output(bench_);
  for (const char* row : {"\ndepth ", "\nagenda ", "\nfsm ", "\ncritical "}) {
    EXPECT_NE(text.find(row), std::string::npos) << text;
  }
}

TEST_F(BenchCompare, ChartHasThreeBarsPerContestant) {
  const std::string path = folder_.path("chart.svg");
  static_cast<void>(sheaf_output(bench_ + Arguments{"--svg", path}));
  std::string fault;
  std::size_t bars = 0;
  for (const auto& element : parse_xml(bytes_of(path), fault)) bars += element.name == "title";
  EXPECT_EQ(fault, "");
  EXPECT_EQ(bars, 12U);
}

TEST_F(BenchCompare, TraceHasAProcessPerContestant) {
  const std::string path = folder_.path("trace.json");
  static_cast<void>(sheaf_output(bench_ + Arguments{"--trace", path}));
  const nlohmann::json trace = json_of(path);
  std::set<int> processes;
  for (const auto& event : trace.at("traceEvents")) {
    if (event.at("ph") == "X") processes.insert(event.at("pid").get<int>());
  }
  EXPECT_EQ(processes, (std::set<int>{1, 2, 3, 4}));
}

TEST_F(BenchCompare, AnUnknownPolicyIsNamed) {
  expect_refusal({"bench", "--model", "tree_lstm", "--data", "random:trees,n=2", "--hidden", "8",
                  "--compare", "depth,agneda"},
                 2, "UsageError: [--policy] unknown policy: got 'agneda'; did you mean 'agenda'?");
}

TEST_F(BenchCompare, RooflineOfAModelIsJsonTextAndPicture) {
  const Arguments roofline = {
      "study",    "roofline", "--model",  "tree_lstm", "--data", "random:trees,n=6,leaves=4",
      "--hidden", "16",       "--repeat", "1",         "--rows", "4"};
  const std::string path = folder_.path("roofline.svg");
  const auto json =
      nlohmann::json::parse(sheaf_output(roofline + Arguments{"--json", "--svg", path}));
  EXPECT_EQ(json.at("study"), "roofline");
  EXPECT_EQ(json.at("cells").size(), 9U);  // three types with 1, 2 and 4 rows
  std::string fault;
  static_cast<void>(parse_xml(bytes_of(path), fault));
  EXPECT_EQ(fault, "");
}

}  // namespace
}  // namespace sheaf::test
