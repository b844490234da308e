// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sheaf::report {

// The routers of a mesh and the links between neighbours, coloured by the logarithm of what passes
// them.
struct HeatMap {
  std::string title;
  std::string unit;
  std::uint32_t columns = 1;
  std::uint32_t rows = 1;
  // Row by row; missing ones are 0.
  std::vector<double> routers;
  std::vector<double> right;  // of the link between a router and the next in its row, both ways
  std::vector<double> down;   // between it and that below

  // A picture of its own size, without anything that is not in the file.
  [[nodiscard]] std::string to_svg() const;
};

// From light to dark, told apart by readers who do not see all colours; share 0 to 1.
[[nodiscard]] std::string heat_colour(double share);

}  // namespace sheaf::report
