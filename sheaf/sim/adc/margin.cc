// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/margin.h"

#include <cmath>
#include <limits>

namespace sheaf::sim::adc {

LeakageMargin leakage_margin(std::uint64_t rows, ColumnBits column, double on_off_ratio) {
  // G_off in steps is (2^w - 1) / (ratio - 1); the highest digit is 2^v - 1 times the lowest.
  const double per_row = static_cast<double>(largest_sum(1, column));
  const auto all = static_cast<double>(rows) * per_row;
  LeakageMargin margin;
  margin.leak_lsb = all / (on_off_ratio - 1);
  margin.leak_on_cells = static_cast<double>(rows) / on_off_ratio;
  margin.rounds_away = margin.leak_lsb < 0.5;
  margin.least_on_off_ratio = 1 + 2 * all;
  margin.most_rows = std::numeric_limits<std::uint64_t>::max();
  if (std::isfinite(on_off_ratio)) {
    const double most = 0.5 * (on_off_ratio - 1) / per_row;
    margin.most_rows = static_cast<std::uint64_t>(std::ceil(most) - 1);
  }
  return margin;
}

}  // namespace sheaf::sim::adc
