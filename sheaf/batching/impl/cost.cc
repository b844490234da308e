// SPDX-License-Identifier: Apache-2.0
//
// The policy that minimises time. Components of types run one after the other (type_components.h).
// Within one, nodes are batched by level and type: linear, and no schedule has fewer batches where
// the component is a single type. Where it is several, a greedy search can do better; it runs when
// what it may save is more than what it takes, and its schedule is used when the table says that it
// is the faster one.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/batching/frontier.h"
#include "sheaf/batching/impl/component_greedy.h"
#include "sheaf/batching/impl/policies.h"
#include "sheaf/batching/type_components.h"

namespace sheaf::batching {
namespace {

// Beyond so many rows a price is worked out.
constexpr std::uint32_t kMostPrices = 256;

// Of the batches of lattices that are beyond one per level, the search drops a quarter (one
// sentence at a time) to two fifths (64).
constexpr double kFound = 0.4;

// The nodes of a segment, sorted by component, level and type into buckets. A node's level is the
// length of the longest path within its component that ends at it.
class Levels {
 public:
  Levels(const Dependencies& dependencies, const TypeComponents& components)
      : dependencies_(dependencies), components_(components), level_(dependencies.size()) {
    find_levels();
    first_bucket_.push_back(0);
    for (std::uint32_t c = 0; c < components.size(); ++c) {
      const auto width = static_cast<std::uint32_t>(components.types(c).size());
      first_bucket_.push_back(first_bucket_[c] + levels_[c] * width);
    }
    sort();
  }

  [[nodiscard]] std::uint32_t levels(std::uint32_t component) const { return levels_[component]; }

  // The batches of a component, without empty ones.
  void append(std::uint32_t component, Schedule& schedule) const {
    const auto types = components_.types(component);
    std::uint32_t bucket = first_bucket_[component];
    for (std::uint32_t level = 0; level < levels_[component]; ++level) {
      for (const graph::TypeId type : types) {
        append_batch(dependencies_, type, nodes(bucket++), schedule);
        if (schedule.batches.back().size() == 0) schedule.batches.pop_back();
      }
    }
  }

 private:
  void find_levels() {
    levels_.assign(components_.size(), 0);
    for (LocalId v = 0; v < dependencies_.size(); ++v) {
      const std::uint32_t component = components_.of(dependencies_.type(v));
      std::uint32_t level = 0;
      for (const LocalId u : dependencies_.producers(v)) {
        if (components_.of(dependencies_.type(u)) == component) {
          level = std::max(level, level_[u] + 1);
        }
      }
      level_[v] = level;
      levels_[component] = std::max(levels_[component], level + 1);
    }
  }

  // Counting sort; nodes of a bucket stay in graph order.
  void sort() {
    std::vector<std::uint32_t> first(dependencies_.type_count());  // bucket of a type's level 0
    std::vector<std::uint32_t> step(dependencies_.type_count());   // buckets between two levels
    for (std::uint32_t c = 0; c < components_.size(); ++c) {
      const auto types = components_.types(c);
      for (std::uint32_t t = 0; t < types.size(); ++t) {
        first[types[t]] = first_bucket_[c] + t;
        step[types[t]] = static_cast<std::uint32_t>(types.size());
      }
    }
    begin_.assign(first_bucket_.back() + 2, 0);
    for (LocalId v = 0; v < dependencies_.size(); ++v) {
      const graph::TypeId type = dependencies_.type(v);
      level_[v] = first[type] + level_[v] * step[type];  // from here on: its bucket
      ++begin_[level_[v] + 2];
    }
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    sorted_.resize(dependencies_.size());
    for (LocalId v = 0; v < dependencies_.size(); ++v) sorted_[begin_[level_[v] + 1]++] = v;
  }

  [[nodiscard]] std::span<const LocalId> nodes(std::uint32_t bucket) const {
    return {sorted_.data() + begin_[bucket], begin_[bucket + 1] - begin_[bucket]};
  }

  const Dependencies& dependencies_;
  const TypeComponents& components_;
  std::vector<std::uint32_t> level_;
  std::vector<std::uint32_t> levels_;        // by component: how many
  std::vector<std::uint32_t> first_bucket_;  // by component
  std::vector<std::uint32_t> begin_;         // by bucket, in sorted_
  std::vector<LocalId> sorted_;
};

constexpr graph::TypeId kNoType = std::numeric_limits<graph::TypeId>::max();

}  // namespace

CostPolicy::CostPolicy(const CostTable& costs) : greedy_node_ns_(costs.greedy_node_ns) {
  costs.verify();
  for (graph::TypeId type = 0; type < costs.types.size(); ++type) {
    const CostCurve& curve = costs.types[type].batch;
    Prices prices{.ns = {},
                  .row_ns = curve.row_ns(),
                  .switch_ns = costs.types[type].switch_ns,
                  .most_rows = costs.best_rows(type)};
    for (std::uint32_t rows = 1; rows <= std::min(curve.rows.back(), kMostPrices); ++rows) {
      prices.ns.push_back(costs.batch_ns + curve.at(rows));
    }
    prices_.push_back(std::move(prices));
  }
}

// Predicted time of batches, the first after one of another type.
double CostPolicy::price(std::span<const Batch> batches) const {
  double sum = 0;
  graph::TypeId before = kNoType;
  for (const Batch& batch : batches) {
    const Prices& prices = prices_[batch.type];
    const std::size_t rows = std::min<std::size_t>(batch.size(), prices.ns.size());
    sum += prices.ns[rows - 1] + prices.row_ns * static_cast<double>(batch.size() - rows);
    if (batch.type != before) sum += prices.switch_ns;
    before = batch.type;
  }
  return sum;
}

// What fewer batches and fewer changes of type are likely to save: all that `batches` take beyond
// their rows, of the share of them that may be dropped, since each of `levels` needs one; and of
// that the part which the search finds.
double CostPolicy::likely_saving(std::span<const Batch> batches, double price,
                                 std::uint32_t levels) const {
  double overhead = price;
  for (const Batch& batch : batches) overhead -= prices_[batch.type].row_ns * batch.size();
  return kFound * overhead *
         (1 - static_cast<double>(levels) / static_cast<double>(batches.size()));
}

// Replaces the last batches, which are those of one component by levels, when others are faster.
void CostPolicy::improve(const Dependencies& dependencies, const TypeComponents& components,
                         std::uint32_t component, std::uint32_t levels, Schedule& schedule) const {
  std::size_t first = schedule.batches.size();
  while (first > 0 && components.of(schedule.batches[first - 1].type) == component) --first;
  const std::span<const Batch> batches = std::span(schedule.batches).subspan(first);
  if (batches.empty()) return;
  const std::uint32_t begin = batches.front().begin;
  const double by_levels = price(batches);
  const double effort = greedy_node_ns_ * (batches.back().end - begin);
  if (likely_saving(batches, by_levels, levels) < effort) return;
  Schedule other;
  other.batches.reserve(batches.size());
  append_greedily(dependencies, components, component, levels, other);
  if (price(other.batches) >= by_levels) return;
  schedule.batches.resize(first);
  for (const Batch& batch : other.batches) {
    schedule.batches.push_back({batch.type, begin + batch.begin, begin + batch.end});
  }
  std::copy(other.order.begin(), other.order.end(), schedule.order.begin() + begin);
}

// Cuts batches that have more rows than pay into equal parts.
void CostPolicy::cut_large(Schedule& schedule) const {
  const auto fits = [&](const Batch& batch) {
    return batch.size() <= prices_[batch.type].most_rows;
  };
  if (std::all_of(schedule.batches.begin(), schedule.batches.end(), fits)) return;
  std::vector<Batch> cut;
  for (const Batch& batch : schedule.batches) {
    const std::uint32_t parts = (batch.size() - 1) / prices_[batch.type].most_rows + 1;
    std::uint32_t begin = batch.begin;
    for (std::uint32_t left = parts; left > 0; --left) {
      const std::uint32_t end = begin + (batch.end - begin) / left;
      cut.push_back({batch.type, begin, end});
      begin = end;
    }
  }
  schedule.batches = std::move(cut);
}

void CostPolicy::plan(const Dependencies& dependencies, Workspace& /*workspace*/,
                      Schedule& schedule) const {
  base::check(prices_.size() == dependencies.type_count(), "policy cost",
              "the cost table is of another network");
  const TypeComponents components(dependencies);
  const Levels levels(dependencies, components);
  schedule.order.reserve(dependencies.size());
  for (std::uint32_t component = 0; component < components.size(); ++component) {
    levels.append(component, schedule);
    if (components.types(component).size() == 1) continue;
    improve(dependencies, components, component, levels.levels(component), schedule);
  }
  cut_large(schedule);
}

}  // namespace sheaf::batching
