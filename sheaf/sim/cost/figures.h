// SPDX-License-Identifier: Apache-2.0
//
// The figures of a chip by name, and how far they are from those that a paper prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sheaf/target/chip.h"

namespace sheaf::sim::cost {

struct Figure {
  std::string name;  // ends with its unit: "tile.power_mw", "chip.gops_per_w"
  double value = 0;
};

// All that this chip has, in a fixed order.
[[nodiscard]] std::vector<Figure> figures_of(const target::Chip& chip);

// A published figure beside that of the description.
struct Check {
  target::Published published;
  double computed = 0;
  double difference = 0;  // computed / published - 1
  bool same = false;      // |difference| <= published.within
};

// Of all figures that the chip publishes. Throws ConfigError for one that it does not have.
[[nodiscard]] std::vector<Check> check_published(const target::Chip& chip);

}  // namespace sheaf::sim::cost
