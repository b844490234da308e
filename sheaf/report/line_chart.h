// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// Values over a common axis, a line per series. Both axes begin at 0 and end at the first tick that
// no point is beyond.
struct LineChart {
  struct Point {
    double x;
    double y;
  };
  struct Series {
    std::string name;
    std::vector<Point> points;  // joined in their order; what is not finite or below 0 is left out
  };
  // A dashed line across the chart.
  struct Level {
    std::string name;
    double y;
  };
  std::string title;
  std::string note;  // a smaller line below the title; may be empty
  std::string x_label;
  std::string y_label;
  std::vector<Series> series;
  std::vector<Level> levels;

  // A picture of its own size, without anything that is not in the file. Names stand right of the
  // chart, at the height at which their lines end.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
