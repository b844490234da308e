// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/critical_heights.h"

#include <algorithm>

namespace sheaf::batching {
namespace {

// Which types recur, and which of these may lie above a node of each type or be its own: only they
// need a height at that node.
struct Recurring {
  std::vector<std::uint32_t> types;   // that recur
  std::vector<std::uint8_t> carries;  // by type: whether a height has to be passed on through it
};

Recurring find_recurring(const Dependencies& dependencies) {
  const std::vector<std::uint8_t> below = types_below(dependencies);
  const std::size_t types = dependencies.type_count();
  Recurring recurring{{}, std::vector<std::uint8_t>(types, 0)};
  for (std::uint32_t a = 0; a < types; ++a) {
    if (below[a * types + a] == 0) continue;
    recurring.types.push_back(a);
    // From an a-node through b to an a-node.
    for (std::size_t b = 0; b < types; ++b) {
      if (below[a * types + b] != 0 && below[b * types + a] != 0) recurring.carries[b] = 1;
    }
  }
  return recurring;
}

// heights[v]: of v's own type, by one sweep from the consumers to the producers. kWidth: how many
// types recur, or 0 when more than the cases below.
template <std::size_t kWidth>
void sweep(const Dependencies& dependencies, const Recurring& recurring,
           std::span<std::uint32_t> heights) {
  const std::size_t width = kWidth == 0 ? recurring.types.size() : kWidth;
  std::vector<std::uint32_t> index(dependencies.type_count(),
                                   ~0U);  // of a type among the recurring
  for (std::uint32_t i = 0; i < recurring.types.size(); ++i) index[recurring.types[i]] = i;
  std::vector<std::uint32_t> longest(dependencies.size() * width, 0);
  for (LocalId v = dependencies.size(); v-- > 0;) {
    const graph::TypeId type = dependencies.type(v);
    if (recurring.carries[type] == 0) continue;
    std::uint32_t* const mine = &longest[v * width];
    for (const LocalId w : dependencies.consumers(v)) {
      const std::uint32_t* const theirs = &longest[w * width];
      for (std::size_t i = 0; i < width; ++i) mine[i] = std::max(mine[i], theirs[i]);
    }
    if (index[type] != ~0U) heights[v] = ++mine[index[type]];
  }
}

}  // namespace

CriticalHeights::CriticalHeights(const Dependencies& dependencies, const Frontier& frontier)
    : dependencies_(&dependencies),
      counts_(dependencies.type_count(), std::vector<std::uint32_t>(2, 0)),
      top_(dependencies.type_count(), 0),
      ready_critical_(dependencies.type_count(), 0),
      met_(dependencies.type_count(), 0) {
  find_heights();
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    if (frontier.has_run(v)) continue;
    auto& counts = counts_[dependencies.type(v)];
    const std::uint32_t own = height(v);
    if (counts.size() <= own) counts.resize(own + 1, 0);
    ++counts[own];
  }
  for (graph::TypeId a = 0; a < dependencies.type_count(); ++a) {
    top_[a] = static_cast<std::uint32_t>(counts_[a].size()) - 1;
    while (top_[a] > 0 && counts_[a][top_[a]] == 0) --top_[a];
    meet_ready(a, frontier.ready(a));
  }
}

void CriticalHeights::find_heights() {
  const Recurring recurring = find_recurring(*dependencies_);
  recurs_.assign(dependencies_->type_count(), 0);
  for (const std::uint32_t a : recurring.types) recurs_[a] = 1;
  if (recurring.types.empty()) return;
  heights_.assign(dependencies_->size(), 1);
  switch (recurring.types.size()) {
    case 1:
      return sweep<1>(*dependencies_, recurring, heights_);
    case 2:
      return sweep<2>(*dependencies_, recurring, heights_);
    case 4:
      return sweep<4>(*dependencies_, recurring, heights_);
    default:
      return sweep<0>(*dependencies_, recurring, heights_);
  }
}

void CriticalHeights::meet_ready(graph::TypeId a, std::span<const LocalId> nodes) {
  if (recurs_[a] == 0) {
    ready_critical_[a] = static_cast<std::uint32_t>(nodes.size());
    return;
  }
  for (const LocalId v : nodes.subspan(met_[a])) {
    ready_critical_[a] += heights_[v] == top_[a] ? 1U : 0U;
  }
  met_[a] = static_cast<std::uint32_t>(nodes.size());
}

graph::TypeId CriticalHeights::best(const Frontier& frontier) const {
  graph::TypeId best = 0;
  std::uint32_t least = ~0U;
  std::uint32_t most_ready = 0;
  for (graph::TypeId a = 0; a < top_.size(); ++a) {
    const std::uint32_t ready = frontier.count(a);
    if (ready == 0) continue;
    const std::uint32_t behind = blocked(a);
    if (behind > least || (behind == least && ready <= most_ready)) continue;
    best = a;
    least = behind;
    most_ready = ready;
  }
  return best;
}

void CriticalHeights::ran(graph::TypeId a, std::span<const LocalId> batch,
                          const Frontier& frontier) {
  auto& counts = counts_[a];
  if (recurs_[a] == 0) {
    counts[1] -= static_cast<std::uint32_t>(batch.size());
  } else {
    for (const LocalId v : batch) --counts[heights_[v]];
  }
  while (top_[a] > 0 && counts[top_[a]] == 0) --top_[a];
  // Every ready a-node has run: those that are ready now are new.
  ready_critical_[a] = 0;
  met_[a] = 0;
  for (graph::TypeId b = 0; b < top_.size(); ++b) meet_ready(b, frontier.ready(b));
}

}  // namespace sheaf::batching
