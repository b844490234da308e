// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/cell_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/memory_plan/cells.h"
#include "tests/memory_plan/random_network.h"

namespace sheaf::memory_plan {
namespace {

using graph::ValueId;
using ops::OpKind;

std::vector<std::size_t> sizes(const CellBatches& found, OpKind kind) {
  std::vector<std::size_t> result;
  for (const CellBatch& batch : found.batches) {
    if (batch.kind == kind) result.push_back(batch.ops.size());
  }
  return result;
}

CellBatches batches_of(const graph::Cell& cell) { return find_cell_batches(cell, CellFacts(cell)); }

TEST(CellBatches, GatesOfAnLstmAreOneProductAndOneSigmoid) {
  const CellBatches found = batches_of(test::lstm_cell(16));
  EXPECT_EQ(sizes(found, OpKind::affine), std::vector<std::size_t>{4});
  EXPECT_EQ(sizes(found, OpKind::sigmoid), std::vector<std::size_t>{3});
  EXPECT_EQ(sizes(found, OpKind::tanh), (std::vector<std::size_t>{1, 1}));
  EXPECT_EQ(found.batches.size(), found.lower_bound);
}

TEST(CellBatches, GatesOfTwoProductsAreOneSigmoid) {
  const CellBatches found = batches_of(test::tree_lstm_cell(16));
  EXPECT_EQ(sizes(found, OpKind::affine), (std::vector<std::size_t>{3, 1, 1}));
  EXPECT_EQ(sizes(found, OpKind::sigmoid), std::vector<std::size_t>{4});
}

// What the search decides by itself: two chains, one of which has an op more in front, are batched
// from their ends.
TEST(CellBatches, WaitsForAnOpThatIsNotReadyYet) {
  graph::CellBuilder cell("chains");
  const auto a = cell.input("a", 16);
  const auto b = cell.input("b", 16);
  const auto left = tanh(sigmoid(a));
  const auto right = tanh(sigmoid(tanh(b)));
  const CellBatches found = batches_of(cell.output(left + right).build());
  EXPECT_EQ(sizes(found, OpKind::sigmoid), std::vector<std::size_t>{2});
  EXPECT_EQ(found.batches.size(), 4U);
}

TEST(CellBatches, SearchOfALargeCellIsBounded) {
  graph::CellBuilder cell("large");
  auto x = cell.input("x", 16);
  auto y = cell.input("y", 16);
  for (int i = 0; i < 300; ++i) {
    const auto z = i % 3 == 0 ? sigmoid(x) : i % 3 == 1 ? tanh(y) : one_minus(x);
    y = i % 2 == 0 ? y + z : y * z;
    x = i % 5 == 0 ? tanh(x) : x;
  }
  const CellBatches found = batches_of(cell.output(x * y).build());
  EXPECT_LE(found.visited, kCellSearchStates);
  EXPECT_GE(found.batches.size(), found.lower_bound);
}

// What every schedule needs, by looking at all of them: the fewest steps from a set of ops that
// have run to the end of a level.
class AllSchedules {
 public:
  AllSchedules(const graph::Cell& cell, const CellFacts& facts, const CellBatches& found)
      : cell_(cell), facts_(facts) {
    std::map<std::vector<ValueId>, int> products;
    for (const CellBatch& batch : found.batches) {
      for (const ValueId v : batch.ops) {
        if (batch.kind == OpKind::affine) {
          kind_[v] =
              -1 - products.try_emplace(facts.leaves_of(cell, v), static_cast<int>(products.size()))
                       .first->second;
        } else {
          const graph::CellOp& op = cell.ops()[v];
          kind_[v] = static_cast<int>(op.kind) + 100 * static_cast<int>(op.width) +
                     100000 * static_cast<int>(op.rows);
        }
      }
    }
  }

  std::size_t fewest(std::uint32_t level) {
    level_ = level;
    std::set<std::vector<bool>> states = {settled(std::vector<bool>(cell_.ops().size(), false))};
    for (std::size_t steps = 0;; ++steps) {
      std::set<std::vector<bool>> next;
      for (const auto& done : states) {
        const auto ready = ready_by_kind(done);
        if (ready.empty()) return steps;
        for (const auto& [kind, values] : ready) {
          std::vector<bool> after = done;
          for (const ValueId v : values) after[v] = true;
          next.insert(settled(after));
        }
      }
      states = std::move(next);
    }
  }

 private:
  [[nodiscard]] bool is_ready(const std::vector<bool>& done, ValueId v) const {
    const auto& operands = cell_.ops()[v].operands;
    return !done[v] && std::all_of(operands.begin(), operands.end(),
                                   [&](ValueId o) { return done[o] || facts_.level[o] < level_; });
  }
  [[nodiscard]] std::vector<bool> settled(std::vector<bool> done) const {
    for (ValueId v = 0; v < done.size(); ++v) {
      const bool here = facts_.level[v] == level_ && facts_.live[v];
      if (here && !kind_.contains(v) && is_ready(done, v)) done[v] = true;
    }
    return done;
  }
  [[nodiscard]] std::map<int, std::vector<ValueId>> ready_by_kind(
      const std::vector<bool>& done) const {
    std::map<int, std::vector<ValueId>> result;
    for (const auto& [v, kind] : kind_) {
      if (facts_.level[v] == level_ && is_ready(done, v)) result[kind].push_back(v);
    }
    return result;
  }

  const graph::Cell& cell_;
  const CellFacts& facts_;
  std::map<ValueId, int> kind_;
  std::uint32_t level_ = 0;
};

// Every op once, after its operands, with ops that it may be batched with.
void expect_legal(const graph::Cell& cell, const CellFacts& facts, const CellBatches& found) {
  std::set<ValueId> done;
  std::set<ValueId> batched;
  for (const CellBatch& batch : found.batches) batched.insert(batch.ops.begin(), batch.ops.end());
  for (const CellBatch& batch : found.batches) {
    for (const ValueId v : batch.ops) {
      EXPECT_EQ(cell.ops()[v].kind, batch.kind);
      EXPECT_EQ(facts.level[v], batch.level);
      for (const ValueId operand : cell.ops()[v].operands) {
        EXPECT_TRUE(!batched.contains(operand) || done.contains(operand));
      }
    }
    for (const ValueId v : batch.ops) EXPECT_TRUE(done.insert(v).second);
  }
}

TEST(CellBatches, NoScheduleOfARandomCellHasFewer) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    base::Rng rng(seed, "cell batches");
    const graph::Cell cell = test::random_cell("random", rng);
    const CellFacts facts(cell);
    const CellBatches found = find_cell_batches(cell, facts);
    expect_legal(cell, facts, found);
    EXPECT_GE(found.batches.size(), found.lower_bound);
    std::size_t fewest = 0;
    AllSchedules schedules(cell, facts, found);
    const std::uint32_t last = *std::max_element(facts.level.begin(), facts.level.end());
    for (std::uint32_t level = 0; level <= last; ++level) fewest += schedules.fewest(level);
    ASSERT_EQ(found.batches.size(), fewest) << "seed " << seed << "\n" << cell.to_string();
    compared += found.batches.size() > 3 ? 1 : 0;
  }
  EXPECT_GT(compared, 50U);
}

}  // namespace
}  // namespace sheaf::memory_plan
