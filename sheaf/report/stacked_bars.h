// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// A bar per row from left to right, made of a part per series.
struct StackedBars {
  struct Row {
    std::string name;
    std::vector<double> values;  // one per series; what is not finite or not above 0 is left out
    std::string note = {};       // behind the bar; empty: its sum
  };
  std::string title;
  std::string unit;
  std::vector<std::string> series;  // of which those without a value in any row are left out
  std::vector<Row> rows;

  // A picture of its own size, without anything that is not in the file.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
