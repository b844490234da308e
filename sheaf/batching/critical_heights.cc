// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/critical_heights.h"

#include <algorithm>

namespace sheaf::batching {

void CriticalHeights::open(const Dependencies& dependencies, const Frontier& frontier) {
  dependencies_ = &dependencies;
  const std::size_t types = dependencies.type_count();
  const auto follows = dependencies.follows();
  // Minibatch after minibatch has the same graph of types.
  if (types_.size() != types || !std::equal(follows.begin(), follows.end(), follows_.begin())) {
    follows_.assign(follows.begin(), follows.end());
    find_components();
  }
  find_heights();
  count_nodes(frontier);
}

void CriticalHeights::find_components() {
  const std::size_t types = dependencies_->type_count();
  types_below(*dependencies_, reaches_);
  types_.assign(types, {});
  width_ = 0;
  for (std::size_t a = 0; a < types; ++a) {
    // The component is named by its first type.
    std::size_t first = 0;
    std::uint32_t lane = 0;
    const auto together = [&](std::size_t b) {
      return b == a || (reaches_[a * types + b] != 0 && reaches_[b * types + a] != 0);
    };
    while (!together(first)) ++first;
    for (std::size_t b = first; b < a; ++b) lane += together(b) ? 1 : 0;
    types_[a].component = static_cast<std::uint32_t>(first);
    if (reaches_[a * types + a] == 0) continue;
    types_[a].lane = lane;
    width_ = std::max<std::size_t>(width_, lane + 1);
  }
}

// From the last edge to the first: those after a node come before those that lead to it.
template <std::size_t kWidth>
void CriticalHeights::sweep() {
  const std::size_t width = kWidth == 0 ? width_ : kWidth;
  const auto producers = dependencies_->edge_producers();
  const auto consumers = dependencies_->edge_consumers();
  const graph::TypeId* const type = dependencies_->types().data();
  std::uint32_t* const below = below_.data();
  for (std::size_t e = producers.size(); e-- > 0;) {
    const LocalId u = producers[e];
    const LocalId v = consumers[e];
    const Type& own = types_[type[v]];
    // All bits where a path may go on, or none.
    const std::uint32_t same = 0U - (own.component == types_[type[u]].component ? 1U : 0U);
    for (std::size_t lane = 0; lane < width; ++lane) {
      const std::uint32_t itself = own.lane == lane ? 1 : 0;
      std::uint32_t& most = below[u * width + lane];
      most = std::max(most, (below[v * width + lane] + itself) & same);
    }
  }
}

void CriticalHeights::find_heights() {
  below_.assign(dependencies_->size() * width_, 0);
  switch (width_) {
    case 0:
      return;
    case 1:
      return sweep<1>();
    case 2:
      return sweep<2>();
    default:
      return sweep<0>();
  }
}

void CriticalHeights::count_nodes(const Frontier& frontier) {
  const auto types = static_cast<graph::TypeId>(types_.size());
  counts_.resize(types);
  for (auto& counts : counts_) counts.assign(2, 0);
  const bool from_the_beginning = frontier.left() == dependencies_->size();
  if (from_the_beginning) {
    for (graph::TypeId a = 0; a < types; ++a) {
      if (!recurs(a)) counts_[a][1] = dependencies_->count(a);
    }
  }
  for (LocalId v = 0; v < dependencies_->size(); ++v) {
    const graph::TypeId a = dependencies_->type(v);
    if (from_the_beginning ? !recurs(a) : frontier.has_run(v)) continue;
    auto& counts = counts_[a];
    const std::uint32_t own = height(v);
    if (counts.size() <= own) counts.resize(own + 1, 0);
    ++counts[own];
  }
  top_.resize(types);
  ready_critical_.assign(types, 0);
  met_.assign(types, 0);
  for (graph::TypeId a = 0; a < types; ++a) {
    top_[a] = static_cast<std::uint32_t>(counts_[a].size()) - 1;
    while (top_[a] > 0 && counts_[a][top_[a]] == 0) --top_[a];
    meet_ready(a, frontier.ready(a));
  }
}

void CriticalHeights::meet_ready(graph::TypeId a, std::span<const LocalId> nodes) {
  if (!recurs(a)) {
    ready_critical_[a] = static_cast<std::uint32_t>(nodes.size());
    return;
  }
  const std::uint32_t* const below = below_.data() + types_[a].lane;
  std::uint32_t critical = 0;
  for (const LocalId v : nodes.subspan(met_[a])) {
    critical += below[v * width_] + 1 == top_[a] ? 1U : 0U;
  }
  ready_critical_[a] += critical;
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
  if (!recurs(a)) {
    counts[1] -= static_cast<std::uint32_t>(batch.size());
  } else {
    for (const LocalId v : batch) --counts[height(v)];
  }
  while (top_[a] > 0 && counts[top_[a]] == 0) --top_[a];
  // Every ready a-node has run: those that are ready now are new.
  ready_critical_[a] = 0;
  met_[a] = 0;
  for (graph::TypeId b = 0; b < top_.size(); ++b) meet_ready(b, frontier.ready(b));
}

}  // namespace sheaf::batching
