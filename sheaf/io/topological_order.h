// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sheaf::io {

using Edge = std::pair<std::uint32_t, std::uint32_t>;  // from, to

struct TopologicalOrder {
  // Every node after those that have edges to it; of the nodes that could come next, the smallest
  // comes first, so that an order that is topological already stays as it is.
  std::vector<std::uint32_t> order;
  // Where there is no such order: the nodes of a cycle, along its edges. Empty otherwise.
  std::vector<std::uint32_t> cycle;
};

// Of nodes 0 .. nodes - 1; edges name existing nodes (Kahn's algorithm).
[[nodiscard]] TopologicalOrder topological_order(std::uint32_t nodes, std::span<const Edge> edges);

// "2 -> 5 -> 2"; of a long cycle its first nodes and the last.
[[nodiscard]] std::string to_string(std::span<const std::uint32_t> cycle);

}  // namespace sheaf::io
