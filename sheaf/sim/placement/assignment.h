// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace sheaf::sim::placement {

// The least sum of costs[row * size + column] with every row and column taken once (Kuhn, "The
// Hungarian method for the assignment problem", Naval Research Logistics 2, 1955; shortest
// augmenting paths). O(size^3).
[[nodiscard]] double least_assignment(std::span<const double> costs, std::uint32_t size);

}  // namespace sheaf::sim::placement
