// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// Points over two logarithmic axes, some of them marked.
struct ScatterChart {
  struct Point {
    std::string name;  // what a reader sees who points at it
    double x;
    double y;
    bool marked = false;  // large and in colour
  };
  struct Series {
    std::string name;
    std::vector<Point> points;  // what is not finite or not above 0 is left out
    bool joined = false;        // marked points are joined by a staircase, in their order
  };
  std::string title;
  std::string note;  // a smaller line below the title; may be empty
  std::string x_label;
  std::string y_label;
  std::vector<Series> series;

  // A picture of its own size, without anything that is not in the file. Of points that are not
  // marked and would cover each other one is drawn.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
