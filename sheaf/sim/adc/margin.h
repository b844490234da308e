// SPDX-License-Identifier: Apache-2.0
//
// Cells at level 0 conduct when the on/off ratio is finite, and all R of a read do so together. A
// count by l non-zeros is right only if what they add rounds away: R G_off V < half a step.
#pragma once

#include <cstdint>

#include "sheaf/sim/adc/resolution.h"

namespace sheaf::sim::adc {

struct LeakageMargin {
  double leak_lsb = 0;            // the most that all rows leak, in steps of the converter
  double leak_on_cells = 0;       // the same in cells at the highest level: R / ratio
  bool rounds_away = true;        // leak_lsb < 0.5
  double least_on_off_ratio = 0;  // that would do for these rows
  std::uint64_t most_rows = 0;    // that this ratio allows; 0: none
};

// A step is the current of one level of one cell under the lowest digit: (G_on - G_off) V /
// (2^w-1). `on_off_ratio` > 1, perhaps infinite (most_rows is then 2^64 - 1). Of uncompensated
// converters: a column of cells at level 0 whose current is subtracted takes the leak away.
[[nodiscard]] LeakageMargin leakage_margin(std::uint64_t rows, ColumnBits column,
                                           double on_off_ratio);

}  // namespace sheaf::sim::adc
