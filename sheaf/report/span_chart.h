// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// What is at work from when to when: a bar per row over one axis that begins at 0.
struct SpanChart {
  struct Row {
    std::string name;
    double begin = 0;
    double end = 0;
    double busy = 0;  // share of the bar in which it works; the bar is that dark
  };
  std::string title;
  std::string unit;
  std::vector<Row> rows;

  // A picture of its own size, without anything that is not in the file.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
