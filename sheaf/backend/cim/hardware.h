// SPDX-License-Identifier: Apache-2.0
//
// A chip as costs see it: how many of what there are, and what one event of each kind takes, in
// pJ, ns and um2. Made from target::Chip by sim/cost's models; no network is known here.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sheaf/target/chip.h"

namespace sheaf::backend::cim {

// What the energy of a network falls into, on every kind of chip.
enum class Component : std::uint8_t {
  crossbar,   // cells
  dac,        // word-line drivers
  adc,        // converters
  periphery,  // sample-and-hold, shift-and-add, output registers of a PE
  registers,  // input registers; of a digital array, register files
  buffer,     // memory of a tile (or of an array), and the bus to it
  network,    // between tiles
  digital,    // sigmoid, pooling, sums of a tile
  compute,    // multipliers of a digital array
  rebuild,    // rebuild engines of a digital array
  dram,       // outside of the chip
  leakage,    // of all that is in use, for as long as an input takes
};
inline constexpr std::size_t kComponents = 12;
inline constexpr std::array<std::string_view, kComponents> kComponentNames = {
    "crossbar", "dac",     "adc",     "periphery", "registers", "buffer",
    "network",  "digital", "compute", "rebuild",   "dram",      "leakage"};

// By component.
using Breakdown = std::array<double, kComponents>;
[[nodiscard]] double total(const Breakdown& breakdown);
[[nodiscard]] inline double& of(Breakdown& breakdown, Component component) {
  return breakdown[static_cast<std::size_t>(component)];
}
[[nodiscard]] inline double of(const Breakdown& breakdown, Component component) {
  return breakdown[static_cast<std::size_t>(component)];
}

// A chip of crossbars as the closed forms see it: what one event takes, and how much area one
// crossbar has with its share of everything. A figure that the chip gives by event is taken as it
// is; one that it gives as power at its peak rate is divided by that rate:
// - converters: one conversion in 1 / adc.rate;
// - what stands in a PE: all crossbars read all columns in every cycle, so units and buffers whose
//   name does not begin with "input" are shared out among conversions, and the others among drives
//   of a row;
// - memories of a tile that have a bus: one access of the bus per clock. Units named "bus" work as
//   long as they do;
// - other units of a tile: one result per clock.
struct Hardware {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::uint32_t parallel_rows = 0;  // that one read drives
  std::uint32_t cell_bits = 0;
  std::uint32_t dac_bits = 0;
  std::uint32_t adc_bits = 0;
  std::uint32_t crossbars_per_pe = 0;
  std::uint64_t crossbars_per_tile = 0;
  std::uint64_t crossbars = 0;  // of a chip
  std::uint32_t tiles = 0;
  // From one read of a crossbar to the next: the longest of its read, of the conversion of all its
  // columns, and of the chip's pipeline cycle.
  double cycle_ns = 0;
  // Cycles of the stages before and after those that run once per digit, and of the latter, once.
  std::uint32_t fixed_stages = 0;
  std::uint32_t digit_stages = 0;

  double read_pj = 0;              // all columns of the rows that one read drives
  double drive_pj = 0;             // a row, once
  double convert_pj = 0;           // a conversion at adc_bits
  double periphery_pj = 0;         // with every conversion
  double register_pj = 0;          // with every drive of a row
  double buffer_read_pj_byte = 0;  // memory of a tile, bus included
  double buffer_write_pj_byte = 0;
  double memory_bytes = 0;          // of a tile, for what layers read and write
  double memory_bytes_per_ns = 0;   // of a tile, read or written; 0: not stated
  double result_pj = 0;             // units of a tile, by number that leaves it
  double hop_pj_flit = 0;           // through a router and a link
  double first_router_pj_flit = 0;  // h links are passed between h + 1 routers
  double flit_ns = 0;  // of a link, from a flit to the next; 0: no network is described
  std::uint32_t flit_bits = 32;
  double input_density = 1;  // share of rows, and of what their cells draw, that a drive takes

  // How layers fill it.
  target::Copies copies = target::Copies::chip;
  bool shared_tiles = true;
  target::WeightSlices slices = target::WeightSlices::beside;
  target::InputFetch fetch = target::InputFetch::window;
  std::uint32_t sum_bits = 0;

  // Of one crossbar with its share of PE and tile.
  Breakdown area_um2 = {};
  // Of what stands beside the tiles, once a chip.
  double chip_area_um2 = 0;
  // Of one crossbar with its share of PE and tile, and of what stands beside the tiles.
  double leakage_mw = 0;
  double chip_leakage_mw = 0;
};

// Throws ConfigError for a chip without crossbars.
[[nodiscard]] Hardware hardware_of(const target::Chip& chip);

// Of the whole chip.
[[nodiscard]] double chip_leakage_mw(const target::Chip& chip);

// The same chip with converters of so many bits: their energy and area follow the chip's model.
[[nodiscard]] Hardware with_adc_bits(const target::Chip& chip, std::uint32_t bits);

}  // namespace sheaf::backend::cim
