// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/cell_batches.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace sheaf::memory_plan {
namespace {

using graph::ValueId;
using ops::OpKind;

// What two ops must share to be one batch.
using Key = std::tuple<OpKind, std::uint32_t, std::uint32_t, std::vector<ValueId>,
                       std::vector<tensor::Encoding>>;

// The ops of one level, numbered from 0, as the search sees them.
struct Level {
  std::vector<ValueId> ops;
  std::vector<int> kind;                           // by op; -1: runs as soon as it is ready
  std::vector<std::vector<std::uint32_t>> before;  // operands of the same level
  std::size_t kinds = 0;
};

bool is_batchable(OpKind kind) {
  if (kind == OpKind::copy || kind == OpKind::concat) return false;  // copies by themselves
  if (kind == OpKind::scale) return false;                           // each with its own factor
  return kind == OpKind::affine || ops::schema(kind).op_class == ops::OpClass::elementwise;
}

Level level_of(const graph::Cell& cell, const CellFacts& facts, std::uint32_t number) {
  Level level;
  std::map<Key, int> kinds;
  std::map<ValueId, std::uint32_t> index;
  const auto ops = cell.ops();
  for (ValueId v = 0; v < ops.size(); ++v) {
    if (!facts.live[v] || facts.level[v] != number) continue;
    index[v] = static_cast<std::uint32_t>(level.ops.size());
    level.ops.push_back(v);
    level.before.emplace_back();
    for (const ValueId operand : ops[v].operands) {
      if (const auto it = index.find(operand); it != index.end()) {
        level.before.back().push_back(it->second);
      }
    }
    int kind = -1;
    if (is_batchable(ops[v].kind)) {
      const bool affine = ops[v].kind == OpKind::affine;
      const Key key{ops[v].kind, affine ? 0 : ops[v].width, ops[v].rows,
                    affine ? facts.leaves_of(cell, v) : std::vector<ValueId>{},
                    affine ? facts.encodings_of(cell, v) : std::vector<tensor::Encoding>{}};
      kind = kinds.try_emplace(key, static_cast<int>(kinds.size())).first->second;
    }
    level.kind.push_back(kind);
  }
  level.kinds = kinds.size();
  return level;
}

class Search {
 public:
  Search(const Level& level, std::size_t states) : level_(level), states_(states) {}

  // Kinds in the order in which their ready ops run.
  std::vector<int> run() {
    State start{std::vector<bool>(level_.ops.size(), false), {}};
    settle(start.done);
    lower_bound_ = bound(start.done);
    visit(start);
    return best_;
  }
  [[nodiscard]] std::uint32_t lower_bound() const { return lower_bound_; }
  [[nodiscard]] std::uint32_t visited() const { return visited_; }

  [[nodiscard]] bool is_ready(const std::vector<bool>& done, std::size_t op) const {
    const auto& before = level_.before[op];
    return !done[op] && std::all_of(before.begin(), before.end(), [&](auto b) { return done[b]; });
  }
  // Runs what is in no batch and ready.
  void settle(std::vector<bool>& done) const {
    for (std::size_t op = 0; op < level_.ops.size(); ++op) {
      if (level_.kind[op] < 0 && is_ready(done, op)) done[op] = true;
    }
  }
  std::vector<std::size_t> ready(const std::vector<bool>& done, int kind) const {
    std::vector<std::size_t> result;
    for (std::size_t op = 0; op < level_.ops.size(); ++op) {
      if (level_.kind[op] == kind && is_ready(done, op)) result.push_back(op);
    }
    return result;
  }

 private:
  struct State {
    std::vector<bool> done;
    std::vector<int> steps;
  };

  // Of what is left: for each kind its ops on the longest path.
  [[nodiscard]] std::uint32_t bound(const std::vector<bool>& done) const {
    std::uint32_t sum = 0;
    std::vector<std::uint32_t> depth(level_.ops.size());
    for (int kind = 0; kind < static_cast<int>(level_.kinds); ++kind) {
      std::uint32_t deepest = 0;
      for (std::size_t op = 0; op < level_.ops.size(); ++op) {
        depth[op] = 0;
        for (const std::uint32_t b : level_.before[op]) depth[op] = std::max(depth[op], depth[b]);
        if (!done[op] && level_.kind[op] == kind) ++depth[op];
        deepest = std::max(deepest, depth[op]);
      }
      sum += deepest;
    }
    return sum;
  }

  // Ready kinds, those first of whose ops with no op of the kind before them most are ready.
  [[nodiscard]] std::vector<int> choices(const std::vector<bool>& done) const {
    std::vector<std::pair<double, int>> ranked;
    for (int kind = 0; kind < static_cast<int>(level_.kinds); ++kind) {
      const std::size_t count = ready(done, kind).size();
      if (count == 0) continue;
      ranked.emplace_back(-static_cast<double>(count) / static_cast<double>(first_of(done, kind)),
                          kind);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<int> result;
    for (const auto& [rank, kind] : ranked) result.push_back(kind);
    return result;
  }

  // |Frontier(G^kind)|: ops of the kind that have none of it before them.
  [[nodiscard]] std::size_t first_of(const std::vector<bool>& done, int kind) const {
    std::size_t count = 0;
    std::vector<bool> behind(level_.ops.size());
    for (std::size_t op = 0; op < level_.ops.size(); ++op) {
      const auto& before = level_.before[op];
      behind[op] = std::any_of(before.begin(), before.end(), [&](auto b) {
        return behind[b] || (!done[b] && level_.kind[b] == kind);
      });
      if (!done[op] && level_.kind[op] == kind && !behind[op]) ++count;
    }
    return count;
  }

  void visit(const State& state) {
    ++visited_;
    const std::vector<int> kinds = choices(state.done);
    if (kinds.empty()) {
      if (!found_ || state.steps.size() < best_.size()) best_ = state.steps;
      found_ = true;
      return;
    }
    for (const int kind : kinds) {
      if (found_ && (best_.size() == lower_bound_ || visited_ >= states_)) return;
      State next = state;
      for (const std::size_t op : ready(state.done, kind)) next.done[op] = true;
      next.steps.push_back(kind);
      settle(next.done);
      if (found_ && next.steps.size() + bound(next.done) >= best_.size()) continue;
      const auto [it, fresh] = reached_.try_emplace(next.done, next.steps.size());
      if (!fresh && it->second <= next.steps.size()) continue;
      it->second = next.steps.size();
      visit(next);
    }
  }

  const Level& level_;
  std::size_t states_;
  std::uint32_t lower_bound_ = 0;
  std::uint32_t visited_ = 0;
  bool found_ = false;
  std::vector<int> best_;
  std::map<std::vector<bool>, std::size_t> reached_;  // with how many batches
};

}  // namespace

CellBatches find_cell_batches(const graph::Cell& cell, const CellFacts& facts) {
  CellBatches result;
  const std::uint32_t last = *std::max_element(facts.level.begin(), facts.level.end());
  for (std::uint32_t number = 0; number <= last; ++number) {
    const Level level = level_of(cell, facts, number);
    const std::size_t cost = level.ops.size() * level.kinds;  // of a state
    Search search(level, std::min<std::size_t>(kCellSearchStates, kCellSearchWork / (cost + 1)));
    const std::vector<int> steps = search.run();
    result.lower_bound += search.lower_bound();
    result.visited += search.visited();
    std::vector<bool> done(level.ops.size(), false);
    search.settle(done);
    for (const int kind : steps) {
      CellBatch batch{.kind = OpKind::copy, .level = number, .ops = {}};
      for (const std::size_t op : search.ready(done, kind)) batch.ops.push_back(level.ops[op]);
      for (const std::size_t op : search.ready(done, kind)) done[op] = true;
      search.settle(done);
      batch.kind = cell.ops()[batch.ops[0]].kind;
      result.batches.push_back(std::move(batch));
    }
  }
  return result;
}

}  // namespace sheaf::memory_plan
