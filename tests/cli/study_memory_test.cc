// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/tool.h"

namespace sheaf::test {
namespace {

const Arguments kSmall = {"study", "memory", "--hidden", "16", "--repeat", "1"};

TEST(StudyMemory, JsonHasEveryCellBothWays) {
  const auto json = nlohmann::json::parse(sheaf_output(kSmall + Arguments{"--json"}));
  EXPECT_EQ(json.at("study"), "memory");
  ASSERT_EQ(json.at("cells").size(), 7U);
  for (const auto& cell : json.at("cells")) {
    for (const char* way : {"planned", "unplanned"}) {
      EXPECT_GT(cell.at(way).at("latency_us").get<double>(), 0) << cell.dump();
      EXPECT_GT(cell.at(way).at("compile_ms").get<double>(), 0) << cell.dump();
    }
    EXPECT_EQ(cell.at("planned").at("copied_bytes"), 0) << cell.dump();
  }
}

TEST(StudyMemory, MarkdownIsATableWithARowPerCell) {
  const std::string text = sheaf_output(kSmall + Arguments{"--markdown"});
  EXPECT_TRUE(text.starts_with("| cell |")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 9) << text;
}

}  // namespace
}  // namespace sheaf::test
