// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/tool.h"
#include "tests/report/xml.h"

namespace sheaf::test {
namespace {

class StudyBatching : public Cli {
 protected:
  // What `sheaf study batching` prints of two models; its progress goes to standard error.
  [[nodiscard]] static std::string study(const Arguments& more) {
    const Result result =
        sheaf(Arguments{"study", "batching", "--models", "tree_lstm,dag_gru", "--batch", "1,4",
                        "--minibatches", "2", "--optimal-below", "2"} +
              more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err,
              "tree_lstm, batch 1\ntree_lstm, batch 4\ndag_gru, batch 1\ndag_gru, batch 4\n");
    return result.out;
  }
};

TEST_F(StudyBatching, JsonHasEveryWorkloadAndPolicy) {
  const auto json = nlohmann::json::parse(study({"--json"}));
  ASSERT_EQ(json.at("workloads").size(), 4U);
  for (const auto& workload : json.at("workloads")) {
    EXPECT_EQ(workload.at("minibatches"), 2);
    EXPECT_EQ(workload.at("policies").size(), workload.at("batch") == 1 ? 10U : 9U);
    for (const auto& policy : workload.at("policies")) {
      EXPECT_GE(policy.at("batches"), workload.at("lower_bound")) << policy.dump();
    }
  }
  EXPECT_EQ(json.at("families").size(), 2U);
}

TEST_F(StudyBatching, MarkdownHasARowPerWorkloadInTwoTables) {
  const std::string text = study({"--markdown"});
  for (const char* workload : {"tree_lstm 1", "tree_lstm 4", "dag_gru 1", "dag_gru 4"}) {
    const std::string row = "\n| " + std::string(workload) + " | ";
    const std::size_t first = text.find(row);
    ASSERT_NE(first, std::string::npos) << text;
    EXPECT_NE(text.find(row, first + 1), std::string::npos) << text;
  }
}

TEST_F(StudyBatching, DrawsABarPerWorkloadAndPolicy) {
  const std::string path = folder_.path("chart.svg");
  EXPECT_EQ(study({"--svg", path}).find('|'), std::string::npos);
  std::string fault;
  const auto elements = parse_xml(bytes_of(path), fault);
  EXPECT_EQ(fault, "");
  const auto bars = std::count_if(elements.begin(), elements.end(),
                                  [](const auto& element) { return element.name == "title"; });
  EXPECT_EQ(bars, 2 * (10 + 9));
}

TEST_F(StudyBatching, UnknownVerbOfStudySuggestsTheNearest) {
  expect_refusal({"study", "batchng"}, 2,
                 "UsageError: [sheaf study] unknown verb: got 'batchng'; did you mean 'batching'?");
}

TEST_F(StudyBatching, UnknownOptionSuggestsTheNearest) {
  expect_refusal({"study", "batching", "--modles", "x"}, 2,
                 "UsageError: [sheaf study batching] unknown option: got '--modles'; did you mean "
                 "'--models'?");
}

TEST_F(StudyBatching, UnknownModelSuggestsTheNearest) {
  const Result result = sheaf({"study", "batching", "--models", "tree_lsmt"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("did you mean 'tree_lstm'?"), std::string::npos) << result.err;
}

TEST_F(StudyBatching, JsonAndMarkdownExcludeEachOther) {
  const Result result = sheaf({"study", "batching", "--json", "--markdown"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("excludes"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace sheaf::test
