// SPDX-License-Identifier: Apache-2.0
//
// What the resistance of a crossbar's wires does (IR drop). Row r is driven at its left end by a
// voltage, column c is held at 0 V at its bottom end; a piece of wire lies between a driver and the
// first cell, between neighbouring cells, and between the last cell of a column and 0 V:
//
//   V_r --Rw--+----Rw----+----Rw----+        word line r, open at its right end
//             |G         |G         |G       cells
//        ..---+     ..---+     ..---+        bit lines, Rb between rows, Rb to 0 V at the bottom
//
// Kirchhoff's law at the 2 m n nodes is solved by conjugate gradients on the bit lines' voltages,
// every word line eliminated and every bit line preconditioned exactly, as tridiagonal systems.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/base/thread_pool.h"

namespace sheaf::sim::crossbar {

struct WireGrid {
  std::uint32_t rows = 0;                 // >= 1
  std::uint32_t columns = 0;              // >= 1
  std::span<const double> conductance_s;  // [rows x columns], >= 0; 0 insulates
  double word_wire_ohm = 0;               // >= 0, of a piece; 0: no drop
  double bit_wire_ohm = 0;
};

struct WireSolution {
  std::vector<double> column_a;  // currents into 0 V, [columns]
  std::vector<double> word_v;    // at each cell, [rows x columns]
  std::vector<double> bit_v;
  std::uint32_t iterations = 0;
};

// Relative to where it starts, of the residual in the preconditioner's norm.
inline constexpr double kWireTolerance = 1e-11;

// Throws UsageError for sizes that disagree and negative or infinite resistances and conductances,
// and InternalError should the iteration not converge.
[[nodiscard]] WireSolution solve_wires(const WireGrid& grid, std::span<const double> row_v);

// The matrix [rows x columns] with which the crossbar multiplies: current of column c per volt on
// row r, all other rows at 0 V. The network is linear, so that the currents of any voltages are
// their product with it. Rows are solved eight at a time; the result does not depend on `pool`.
[[nodiscard]] std::vector<double> effective_conductance(const WireGrid& grid,
                                                        base::ThreadPool* pool = nullptr);

}  // namespace sheaf::sim::crossbar
