// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// A table of text cells. Columns are as wide as their widest cell; the first is set left, the
// others right.
struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // an empty row is a rule

  [[nodiscard]] std::string to_string() const;
  // The same without rules.
  [[nodiscard]] std::string to_markdown() const;
};

// 1234567 as "1,234,567".
[[nodiscard]] std::string with_commas(unsigned long long value);

}  // namespace sheaf::report
