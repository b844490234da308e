// SPDX-License-Identifier: Apache-2.0
//
// Two ledgers side by side: in what two runs differ most.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/study/ledger_file.h"

namespace sheaf::study {

// One column of one row in two ledgers: those of the same name and component, or, where the two
// have no component in common, of the same name, summed over components.
struct CostDifference {
  std::string name;
  std::string component;  // empty: all
  std::string_view column;
  double a = 0;  // 0 where A has no such row
  double b = 0;
  double share = 0;  // |b - a| over the larger of both totals of what is known

  // b / a; infinite where a is 0.
  [[nodiscard]] double ratio() const { return b / a; }
};

struct Comparison {
  runtime::Cost a, b;                       // totals
  std::vector<CostDifference> differences;  // the largest share first; equal costs are left out
  std::vector<std::string> recipe;  // keys whose values differ: "policy: \"fsm\", \"depth\""
};

// Throws DataError where the two have no row of the same name.
[[nodiscard]] Comparison compare(const LedgerFile& a, const LedgerFile& b);

// In lines for people: totals, what differs in the recipes, and the first `most` differences.
[[nodiscard]] std::string to_text(const Comparison& comparison, const LedgerFile& a,
                                  const LedgerFile& b, std::size_t most);
[[nodiscard]] nlohmann::ordered_json to_json(const Comparison& comparison, std::size_t most);

}  // namespace sheaf::study
