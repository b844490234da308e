// SPDX-License-Identifier: Apache-2.0
//
// What designs are compared by: figures of one input on the crossbars in use, from a study
// (simulate.h) alone. What is not known, such as the area of a chip whose parts have none, is NaN,
// and never better than a number.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/study/simulate.h"

namespace sheaf::study {

// Figures of one design. The order is that of columns; units are in the names.
enum class Figure : std::uint8_t {
  energy_uj,    // of one input
  latency_us,   // of one input
  interval_us,  // from one input to the next
  area_mm2,     // of what is in use
  edp_uj_us,    // energy x latency
  power_w,      // energy by interval
  gops,         // two operations for each multiply-add of the dense network, by interval
  gops_per_w,
  gops_per_mm2,
  crossbars,
  chips,
  utilisation,  // share of cells in use, of crossbars in use
  adc_bits,
  missing_bits,  // that converters lack to read every column without loss
  conversions,
  flit_hops,
  dram_bytes,
};
inline constexpr std::size_t kFigures = 17;
inline constexpr std::array<std::string_view, kFigures> kFigureNames = {
    "energy_uj", "latency_us",   "interval_us",  "area_mm2",  "edp_uj_us", "power_w",
    "gops",      "gops_per_w",   "gops_per_mm2", "crossbars", "chips",     "utilisation",
    "adc_bits",  "missing_bits", "conversions",  "flit_hops", "dram_bytes"};

// For people: "energy, uJ".
[[nodiscard]] std::string figure_title(Figure figure);

// NaN where it is not known: the area of a chip that does not state it.
using Figures = std::array<double, kFigures>;

[[nodiscard]] inline double of(const Figures& figures, Figure figure) {
  return figures[static_cast<std::size_t>(figure)];
}

// Whether more of it is better.
[[nodiscard]] bool more_is_better(Figure figure);

// "energy_uj", or without its unit: "energy". Throws ConfigError at `place`, with the nearest name.
[[nodiscard]] Figure figure_of(const std::string& name, const std::string& place);

[[nodiscard]] Figures figures_of(const ChipStudy& study);

// Bits that the converters lack to read every column without loss, of the layer that needs most.
[[nodiscard]] double missing_bits(const ChipStudy& study);

}  // namespace sheaf::study
