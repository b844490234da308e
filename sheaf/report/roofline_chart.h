// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sheaf::report {

// Rates over arithmetic intensity, both on logarithmic axes, under the limits of a processor: a
// slope per level of the memory, and the peak of its arithmetic.
struct RooflineChart {
  struct Level {
    std::string name;
    double gigabytes_per_s;
  };
  struct Point {
    std::string name;  // what a reader sees who points at it
    double flops_per_byte;
    double gflops_per_s;
  };
  // Points that a line joins, in their order.
  struct Series {
    std::string name;
    std::vector<Point> points;  // what is not finite or not above 0 is left out
  };
  std::string title;
  double peak_gflops = 0;  // above 0
  std::vector<Level> levels;
  std::vector<Series> series;

  // A picture of its own size, without anything that is not in the file.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
