// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/topological_order.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace sheaf::io {
namespace {

// A cycle among the nodes that still wait for others: each has a predecessor that waits as well,
// so that a walk against the edges comes back to where it has been.
std::vector<std::uint32_t> find_cycle(std::span<const std::uint32_t> waiting,
                                      std::span<const Edge> edges) {
  constexpr std::uint32_t kNone = ~0U;
  std::vector<std::uint32_t> before(waiting.size(), kNone);
  for (const auto& [from, to] : edges) {
    if (waiting[from] > 0 && before[to] == kNone) before[to] = from;
  }
  std::uint32_t node = 0;
  while (waiting[node] == 0) ++node;
  std::vector<bool> seen(waiting.size(), false);
  for (; !seen[node]; node = before[node]) seen[node] = true;
  std::vector<std::uint32_t> cycle = {node};
  for (std::uint32_t at = before[node]; at != node; at = before[at]) cycle.push_back(at);
  std::reverse(cycle.begin(), cycle.end());
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  return cycle;
}

}  // namespace

TopologicalOrder topological_order(std::uint32_t nodes, std::span<const Edge> edges) {
  std::vector<std::uint32_t> begin(nodes + std::size_t{1}, 0);
  std::vector<std::uint32_t> waiting(nodes, 0);
  for (const auto& [from, to] : edges) {
    ++begin[from + std::size_t{1}];
    ++waiting[to];
  }
  for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
  std::vector<std::uint32_t> successors(edges.size());
  std::vector<std::uint32_t> next(begin.begin(), begin.end() - 1);
  for (const auto& [from, to] : edges) successors[next[from]++] = to;

  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t v = 0; v < nodes; ++v) {
    if (waiting[v] == 0) ready.push(v);
  }
  TopologicalOrder result;
  while (!ready.empty()) {
    const std::uint32_t v = ready.top();
    ready.pop();
    result.order.push_back(v);
    for (std::uint32_t i = begin[v]; i < begin[v + std::size_t{1}]; ++i) {
      if (--waiting[successors[i]] == 0) ready.push(successors[i]);
    }
  }
  if (result.order.size() < nodes) {
    result.order.clear();
    result.cycle = find_cycle(waiting, edges);
  }
  return result;
}

std::string to_string(std::span<const std::uint32_t> cycle) {
  constexpr std::size_t kMost = 8;
  std::string text;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    if (i == kMost && cycle.size() > kMost + 1) {
      text += "... -> " + std::to_string(cycle.back()) + " -> ";
      break;
    }
    text += std::to_string(cycle[i]) + " -> ";
  }
  return text + std::to_string(cycle.front());
}

}  // namespace sheaf::io
