// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/comparison.h"

#include <algorithm>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/base/error.h"

namespace sheaf::backend::cim {
namespace {

std::uint64_t chip_crossbars(const target::Chip& chip) { return hardware_of(chip).crossbars; }

}  // namespace

Comparison compare(std::span<const Contestant> contestants, Equal equal) {
  base::check(!contestants.empty(), "comparison", "nobody to compare");
  const Contestant& first = contestants[0];
  const double first_area = crossbar_area_um2(*first.shapes, *first.chip, first.options);
  // Crossbars of the first, for one of each.
  std::vector<double> rates;
  double needed = 0;
  for (const Contestant& c : contestants) {
    const double area = crossbar_area_um2(*c.shapes, *c.chip, c.options);
    rates.push_back(equal == Equal::area ? area / first_area : 1);
    needed = std::max(
        needed, static_cast<double>(least_crossbars(*c.shapes, *c.chip, c.options)) * rates.back());
  }
  Comparison comparison;
  comparison.equal = equal;
  const std::uint64_t per_chip = chip_crossbars(*first.chip);
  comparison.crossbars = ceil_div(static_cast<std::uint64_t>(needed) + 1, per_chip) * per_chip;
  comparison.area_um2 = static_cast<double>(comparison.crossbars) * first_area;
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    CostOptions options = contestants[i].options;
    options.crossbars =
        static_cast<std::uint64_t>(static_cast<double>(comparison.crossbars) / rates[i]);
    comparison.costs.push_back(cost_of(*contestants[i].shapes, *contestants[i].chip, options));
  }
  return comparison;
}

}  // namespace sheaf::backend::cim
