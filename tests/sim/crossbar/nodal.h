// SPDX-License-Identifier: Apache-2.0
//
// Kirchhoff's law at every node of a crossbar, as one dense system, solved by elimination.
#pragma once

#include <vector>

namespace sheaf::test {

struct NodalSolution {
  std::vector<double> column_a;
  std::vector<double> device_a;  // [rows x columns]
};

// conductance [rows x row_v.size()], row-major; both wires above 0 ohm.
[[nodiscard]] NodalSolution solve_nodes(const std::vector<double>& conductance_s,
                                        const std::vector<double>& row_v, double word_wire_ohm,
                                        double bit_wire_ohm);

}  // namespace sheaf::test
