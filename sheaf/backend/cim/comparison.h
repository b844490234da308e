// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"

namespace sheaf::backend::cim {

// One side of a comparison of chips of crossbars. The pointers must outlive it.
struct Contestant {
  std::string label;
  const LayerShapes* shapes;
  const target::Chip* chip;
  CostOptions options;  // crossbars are set by the comparison
};

// What is kept equal.
enum class Equal : std::uint8_t {
  crossbars,  // each may use so many
  area,       // each may use as many as fit into the area of those of the first contestant
};

struct Comparison {
  Equal equal = Equal::crossbars;
  std::uint64_t crossbars = 0;  // of the first contestant
  double area_um2 = 0;          // of these
  std::vector<NetworkCost> costs;
};

// The first contestant has as few whole chips as let every contestant hold one copy of its network.
[[nodiscard]] Comparison compare(std::span<const Contestant> contestants, Equal equal);

}  // namespace sheaf::backend::cim
