// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/batching_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace sheaf::study {
namespace {

// Two sizes of one model; the larger was not searched for optima.
std::vector<WorkloadFigures> figures() {
  WorkloadFigures small{.model = "tree_lstm",
                        .family = "tree",
                        .data = "trees.txt",
                        .batch = 2,
                        .minibatches = 4,
                        .nodes = 1200,
                        .lower_bound = 100,
                        .tightened_bound = 105,
                        .optimum_proven = 80,
                        .policies = {}};
  small.policies = {{.policy = "fsm",
                     .batches = 120,
                     .proven = 3,
                     .batches_proven = 90,
                     .fallback_steps = 6,
                     .schedule_ns_per_node = 50,
                     .learn_ms = 1500,
                     .trials = 250,
                     .states = 17},
                    {.policy = "depth", .batches = 300, .proven = 3, .batches_proven = 200},
                    {.policy = "agenda", .batches = 200, .proven = 3, .batches_proven = 150},
                    {.policy = "critical", .batches = 110, .proven = 3, .batches_proven = 84},
                    {.policy = "optimal", .batches = 106, .proven = 3, .batches_proven = 80}};
  WorkloadFigures large = small;
  large.batch = 64;
  large.optimum_proven = 0;
  large.policies.pop_back();
  for (PolicyFigures& policy : large.policies) {
    policy.proven = 0;
    policy.batches_proven = 0;
  }
  return {small, large};
}

std::vector<std::string> lines_with(const std::string& text, const std::string& part) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.find(part) != std::string::npos) lines.push_back(line);
  }
  return lines;
}

TEST(BatchingJson, HasEveryFigure) {
  const auto json = batching_json(figures());
  EXPECT_EQ(json.at("clock"), "thread CPU time");
  ASSERT_EQ(json.at("workloads").size(), 2U);
  const auto& workload = json.at("workloads")[0];
  EXPECT_EQ(workload.at("model"), "tree_lstm");
  EXPECT_EQ(workload.at("family"), "tree");
  EXPECT_EQ(workload.at("data"), "trees.txt");
  EXPECT_EQ(workload.at("batch"), 2);
  EXPECT_EQ(workload.at("minibatches"), 4);
  EXPECT_EQ(workload.at("nodes"), 1200);
  EXPECT_EQ(workload.at("lower_bound"), 100);
  EXPECT_EQ(workload.at("tightened_bound"), 105);
  EXPECT_EQ(workload.at("optimum_proven"), 80);
  ASSERT_EQ(workload.at("policies").size(), 5U);
  const nlohmann::ordered_json fsm = {{"policy", "fsm"},
                                      {"batches", 120},
                                      {"over_bound", 1.2},
                                      {"proven", 3},
                                      {"batches_proven", 90},
                                      {"fallback_steps", 6},
                                      {"schedule_ns_per_node", 50.0},
                                      {"learn_ms", 1500.0},
                                      {"trials", 250},
                                      {"states", 17}};
  EXPECT_EQ(workload.at("policies")[0], fsm);
  EXPECT_EQ(json.at("workloads")[1].at("policies").size(), 4U);
}

TEST(BatchingJson, HasTheMeansOfEachFamily) {
  const auto json = batching_json(figures());
  ASSERT_EQ(json.at("families").size(), 1U);
  EXPECT_EQ(json.at("families")[0].at("family"), "tree");
  EXPECT_NEAR(json.at("families")[0].at("over_bound").get<double>(), 1.1, 1e-12);
  EXPECT_NEAR(json.at("families")[0].at("saved").get<double>(), 200.0 / 110, 1e-12);
}

TEST(BatchingText, RatiosAreBatchesOverTheBound) {
  const auto rows = lines_with(batching_text(figures(), true), "| tree_lstm 2 | 100 |");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0],
            "| tree_lstm 2 | 100 | 1.200 | 3.000 | 2.000 | 1.100 | 1.060 | 1.050 | 3/4 | 1.050 |");
}

TEST(BatchingText, APolicyThatDidNotRunHasAnEmptyCell) {
  const auto rows = lines_with(batching_text(figures(), true), "| tree_lstm 64 | 100 |");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], "| tree_lstm 64 | 100 | 1.200 | 3.000 | 2.000 | 1.100 |  | 1.050 | 0/4 |  |");
}

TEST(BatchingText, LearningIsOneRowPerMachineAndModelOverAllSizes) {
  const auto rows = lines_with(batching_text(figures(), true), "| tree_lstm | fsm |");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], "| tree_lstm | fsm | 1.500 | 250 | 17 | 5.0 % |");  // 12 of 240
}

TEST(BatchingText, MarkdownRowsHaveAsManyCellsAsTheirHead) {
  std::istringstream in(batching_text(figures(), true));
  std::ptrdiff_t bars = 0;  // of the table being read
  int tables = 0;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("|")) {
      bars = 0;
      continue;
    }
    const std::ptrdiff_t here = std::count(line.begin(), line.end(), '|');
    if (bars == 0) {
      ++tables;
      bars = here;
    }
    EXPECT_EQ(here, bars) << line;
  }
  EXPECT_EQ(tables, 4);
}

TEST(BatchingText, PlainTextHasNoBars) {
  const std::string text = batching_text(figures(), false);
  EXPECT_EQ(text.find('|'), std::string::npos);
  EXPECT_EQ(lines_with(text, "1.200").size(), 2U) << text;
  EXPECT_EQ(lines_with(text, "5.0 %").size(), 1U) << text;
}

TEST(BatchingChart, HasAGroupPerWorkloadAndAValuePerPolicy) {
  const report::BarChart chart = batching_chart(figures());
  EXPECT_EQ(chart.series,
            (std::vector<std::string>{"fsm", "depth", "agenda", "critical", "optimal"}));
  ASSERT_EQ(chart.groups.size(), 2U);
  EXPECT_EQ(chart.groups[0].name, "tree_lstm 2");
  EXPECT_EQ(chart.groups[1].name, "tree_lstm 64");
  const std::vector<double> values = {1.2, 3, 2, 1.1, 1.06};
  ASSERT_EQ(chart.groups[0].values.size(), 5U);
  for (std::size_t p = 0; p < 5; ++p) EXPECT_DOUBLE_EQ(chart.groups[0].values[p], values[p]);
  ASSERT_EQ(chart.groups[1].values.size(), 5U);
  EXPECT_LT(chart.groups[1].values[4], 0);  // which draws nothing
  EXPECT_EQ(chart.line, 1);
}

}  // namespace
}  // namespace sheaf::study
