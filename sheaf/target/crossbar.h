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
  // All cells of one read together, pJ. ISAAC, table I: 2.4 mW for 8 crossbars of 100 ns, so 30 pJ.
  double read_energy_pj = 30;
  // The array itself, um2. ISAAC, table I: 0.0002 mm2 for 8.
  double area_um2 = 25;
  std::string source = "ISAAC (ISCA 2016) table I";
};

// Rows that one read drives.
[[nodiscard]] inline std::uint32_t driven_rows(const Crossbar& crossbar) {
  return crossbar.parallel_rows == 0 ? crossbar.rows : crossbar.parallel_rows;
}

}  // namespace sheaf::target
