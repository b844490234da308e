// SPDX-License-Identifier: Apache-2.0
//
// How long each value of a segment is needed, and which results should lie side by side.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sheaf/memory_plan/memory_plan.h"

namespace sheaf::memory_plan {

inline constexpr std::uint32_t kNoOutput = std::numeric_limits<std::uint32_t>::max();

// Results that a later batch reads as one range: of each entry of MemoryPlan::outputs, counted from
// the segment's first, the entry that should follow it in its column and the one that it follows. A
// result follows an earlier one only.
struct Neighbours {
  std::vector<std::uint32_t> next;
  std::vector<std::uint32_t> previous;
};

// Fills plan.last_reader for the batches from `first_batch` on, whose nodes have their rows
// already. Marked ports of the graph are kept. O(nodes + operands).
void find_lifetimes(const graph::Graph& graph, const CompiledNetwork& network,
                    std::uint32_t first_batch, MemoryPlan& plan);

// An input that would be in place if the results that it reads were neighbours asks for that; the
// first batch that asks gets it. O(nodes + operands).
[[nodiscard]] Neighbours find_neighbours(const graph::Graph& graph, const CompiledNetwork& network,
                                         std::uint32_t first_batch, const MemoryPlan& plan);

}  // namespace sheaf::memory_plan
