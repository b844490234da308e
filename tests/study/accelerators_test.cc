// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/accelerators.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sheaf::study {
namespace {

const std::vector<AcceleratorTable>& tables_of_lenet5() {
  static const std::vector<AcceleratorTable> tables = [] {
    AcceleratorOptions options;
    options.models = {"lenet5"};
    return study_accelerators(options);
  }();
  return tables;
}

TEST(Accelerators, EveryTableHasACellForEveryColumn) {
  const auto& tables = tables_of_lenet5();
  ASSERT_EQ(tables.size(), 7U);
  for (const AcceleratorTable& table : tables) {
    EXPECT_FALSE(table.rows.empty()) << table.name;
    EXPECT_FALSE(table.notes.empty() && table.name != "reboc_energy") << table.name;
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.head.size()) << table.name;
  }
}

TEST(Accelerators, JsonHoldsTheNumbersOfTheText) {
  const auto& tables = tables_of_lenet5();
  const auto json = accelerators_json(tables);
  EXPECT_EQ(json["study"], "accelerators");
  for (const AcceleratorTable& table : tables) {
    EXPECT_EQ(json[table.name]["rows"].size(), table.rows.size());
  }
  EXPECT_TRUE(json["reboc"]["rows"][0]["energy uJ"].is_number());
}

TEST(Accelerators, TextNamesWhatTheAbstractsSay) {
  const std::string text = accelerators_text(tables_of_lenet5(), false);
  for (const char* claim :
       {"4.1x and 2.6x", "3.5x power and 2.9x area", "up to 3.0x", "2.44x", "reconstructed"}) {
    EXPECT_NE(text.find(claim), std::string::npos) << claim;
  }
}

}  // namespace
}  // namespace sheaf::study
