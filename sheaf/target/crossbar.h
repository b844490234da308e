// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::target {

// An array of cells: word lines (rows) carry inputs, bit lines (columns) add currents up.
struct Crossbar {
  // ISAAC (ISCA 2016), table I: 128 x 128. >= 1.
  std::uint32_t rows = 128;
  std::uint32_t columns = 128;
  // Rows that one read drives, 1..rows; the others are at 0 V. 0: all of them.
  std::uint32_t parallel_rows = 0;
  // Of the piece of word or bit line between two neighbouring cells, ohm, >= 0; there is one piece
  // too between a driver and the first cell, and between the last and the converter. 0: no drop.
  double word_wire_ohm = 0;
  double bit_wire_ohm = 0;
  // From driving the rows to currents that can be sampled, ns, > 0. ISAAC: 100 ns.
  double read_latency_ns = 100;
  // All cells of one read together, pJ, in an array of the measured size. ISAAC, table I: 2.4 mW
  // for 8 crossbars of 100 ns, so 30 pJ. In proportion to the cells that are read.
  double read_energy_pj = 30;
  // Of writing one cell, pJ, where results are kept in cells. PipeLayer: 3.91 nJ a spike.
  double write_energy_pj = 0;
  // An array of the measured size, um2. ISAAC, table I: 0.0002 mm2 for 8. In proportion to its
  // cells.
  double area_um2 = 25;
  // Size of the array whose energy and area these are, and the rows that its read drove; 0: those
  // above.
  std::uint32_t measured_rows = 0;
  std::uint32_t measured_columns = 0;
  std::uint32_t measured_parallel_rows = 0;
  std::string source = "ISAAC (ISCA 2016) table I";
};

// Rows that one read drives.
[[nodiscard]] inline std::uint32_t driven_rows(const Crossbar& crossbar) {
  return crossbar.parallel_rows == 0 ? crossbar.rows : crossbar.parallel_rows;
}

// One read of this array: all columns of the rows that it drives, pJ.
[[nodiscard]] inline double read_pj(const Crossbar& crossbar) {
  const double driven = driven_rows(crossbar);
  double rows = crossbar.measured_parallel_rows;
  if (rows == 0) rows = crossbar.measured_rows == 0 ? driven : crossbar.measured_rows;
  const double columns =
      crossbar.measured_columns == 0 ? crossbar.columns : crossbar.measured_columns;
  return crossbar.read_energy_pj * (driven / rows) * (crossbar.columns / columns);
}

// Of this array, um2.
[[nodiscard]] inline double area_um2(const Crossbar& crossbar) {
  const double rows = crossbar.measured_rows == 0 ? crossbar.rows : crossbar.measured_rows;
  const double columns =
      crossbar.measured_columns == 0 ? crossbar.columns : crossbar.measured_columns;
  return crossbar.area_um2 * (crossbar.rows / rows) * (crossbar.columns / columns);
}

}  // namespace sheaf::target
