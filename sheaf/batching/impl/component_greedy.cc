// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/impl/component_greedy.h"

#include <algorithm>
#include <vector>

#include "sheaf/batching/frontier.h"

namespace sheaf::batching {
namespace {

// Nodes of one type that have a height in common and have not run.
struct Rank {
  std::uint32_t nodes = 0;
  std::uint32_t ready = 0;
};

class ComponentGreedy {
 public:
  ComponentGreedy(const Dependencies& dependencies, const TypeComponents& components,
                  std::uint32_t component, std::uint32_t levels)
      : dependencies_(dependencies),
        types_(components.types(component)),
        place_(dependencies.type_count(), kElsewhere),
        ready_(types_.size()),
        ranks_(types_.size() * (levels + 1)),
        heights_(dependencies.size() * types_.size(), 0),
        own_(dependencies.size()),
        waiting_(dependencies.size(), 0) {
    for (std::uint32_t t = 0; t < types_.size(); ++t) {
      place_[types_[t]] = t;
      top_.push_back(&ranks_[t * (levels + 1)] + levels);
    }
    measure();
    for (LocalId v = 0; v < dependencies.size(); ++v) {
      if (waiting_[v] == 0 && place_of(v) != kElsewhere) make_ready(v, place_of(v));
    }
  }

  void run(Schedule& schedule) {
    schedule.order.reserve(nodes_);
    std::vector<LocalId> batch;
    std::uint32_t last = kElsewhere;
    while (nodes_ > 0) {
      last = best(last);
      batch.clear();
      batch.swap(ready_[last]);
      for (const LocalId v : batch) {
        --own_[v]->nodes;
        --own_[v]->ready;
        for (const LocalId w : dependencies_.consumers(v)) {
          const std::uint32_t t = place_of(w);
          if (t != kElsewhere && --waiting_[w] == 0) make_ready(w, t);
        }
      }
      nodes_ -= static_cast<LocalId>(batch.size());
      append_batch(dependencies_, types_[last], batch, schedule);
    }
  }

 private:
  static constexpr std::uint32_t kElsewhere = ~0U;

  // Which of the component's types a node is.
  [[nodiscard]] std::uint32_t place_of(LocalId v) const { return place_[dependencies_.type(v)]; }

  // Heights and waiting counts, from the last node to the first. heights_[v][u]: nodes of the
  // component's type u on the longest path from v.
  void measure() {
    const std::size_t types = types_.size();
    const std::size_t heights = ranks_.size() / types;
    for (LocalId v = dependencies_.size(); v-- > 0;) {
      const std::uint32_t t = place_of(v);
      if (t == kElsewhere) continue;
      ++nodes_;
      std::uint32_t* const mine = &heights_[v * types];
      for (const LocalId w : dependencies_.consumers(v)) {
        if (place_of(w) == kElsewhere) continue;
        ++waiting_[w];
        const std::uint32_t* const theirs = &heights_[w * types];
        for (std::size_t u = 0; u < types; ++u) mine[u] = std::max(mine[u], theirs[u]);
      }
      own_[v] = &ranks_[t * heights + ++mine[t]];
      ++own_[v]->nodes;
    }
  }

  void make_ready(LocalId v, std::uint32_t type) {
    ready_[type].push_back(v);
    ++own_[v]->ready;
  }

  // Share of a type's highest nodes that are ready; some must be left.
  double share(std::uint32_t type) {
    while (top_[type]->nodes == 0) --top_[type];
    return static_cast<double>(top_[type]->ready) / top_[type]->nodes;
  }

  std::uint32_t best(std::uint32_t last) {
    std::uint32_t best = kElsewhere;
    double best_share = -1;
    for (std::uint32_t t = 0; t < types_.size(); ++t) {
      if (ready_[t].empty()) continue;
      const double mine = share(t);
      const bool preferred = t == last || (best != last && best != kElsewhere &&
                                           ready_[t].size() > ready_[best].size());
      if (mine > best_share || (mine == best_share && preferred)) {
        best = t;
        best_share = mine;
      }
    }
    return best;
  }

  const Dependencies& dependencies_;
  std::span<const graph::TypeId> types_;
  std::vector<std::uint32_t> place_;         // by type of the network
  std::vector<std::vector<LocalId>> ready_;  // by type of the component
  std::vector<Rank> ranks_;                  // by type and height
  std::vector<Rank*> top_;                   // by type: no node left is higher
  std::vector<std::uint32_t> heights_;
  std::vector<Rank*> own_;              // by node: its type's rank at its height
  std::vector<std::uint32_t> waiting_;  // operands of the component that have not run
  LocalId nodes_ = 0;                   // that have not run
};

}  // namespace

void append_greedily(const Dependencies& dependencies, const TypeComponents& components,
                     std::uint32_t component, std::uint32_t levels, Schedule& schedule) {
  ComponentGreedy(dependencies, components, component, levels).run(schedule);
}

}  // namespace sheaf::batching
