// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sheaf::report {

// Multiply-adds by time over multiply-adds by conversion, both on logarithmic axes and of one
// crossbar, under what its converters and its cells can do.
struct ConverterRoofline {
  struct Point {
    std::string name;
    double macs_per_conversion;
    double gmacs_per_s;
  };
  std::string title;
  double gconversions_per_s = 0;  // of a crossbar's converters at best; above 0
  double peak_gmacs = 0;          // of its cells, with every row in use; above 0
  std::vector<Point> points;      // numbered from 1; what is not finite or not above 0 is left out

  // A picture of its own size, without anything that is not in the file.
  [[nodiscard]] std::string to_svg() const;
};

}  // namespace sheaf::report
