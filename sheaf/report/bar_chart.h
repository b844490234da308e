// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// Groups of bars, one bar per series in each group.
struct BarChart {
  struct Group {
    std::string name;
    std::vector<double> values;  // one per series; what is not finite or below 0 is left out
  };
  std::string title;
  std::string y_label;
  std::vector<std::string> series;
  std::vector<Group> groups;
  double line = 0;  // a dashed line at this value; 0: none
  double most = 0;  // where the axis ends; higher bars are cut and marked; 0: at the highest bar

  // A picture of its own size, without anything that is not in the file.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
