// SPDX-License-Identifier: Apache-2.0
//
// Batches of ops inside a cell (ED-Batch, section 3: "operation batching within a static
// subgraph").
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/memory_plan/cell_facts.h"

namespace sheaf::memory_plan {

// Ops that may run as one: independent of each other, of one kind, shape and level. Affine ops read
// the same values, with weights of the same encodings: they are one product, whatever their
// widths. Ops that are no batch's, such as look-ups and row ops, are in none.
struct CellBatch {
  ops::OpKind kind;
  std::uint32_t level;
  std::vector<graph::ValueId> ops;  // ascending; one or more
};

struct CellBatches {
  std::vector<CellBatch> batches;  // in an order in which they can run
  std::uint32_t lower_bound = 0;   // no schedule has fewer
  std::uint32_t visited = 0;       // states of the search
};

// States of a level that the search looks at before it settles for the best schedule that it has:
// fewer when there are many ops and kinds, so that a large cell does not take long either.
inline constexpr std::size_t kCellSearchStates = 2000;
inline constexpr std::size_t kCellSearchWork = 200000;  // ops times kinds times states

// The fewest batches: branch and bound over the kinds, each step running all ready ops of one kind.
// A kind needs at least as many batches as it has ops on the longest path (the paper's bound for
// graphs, A.3). Ours: the search takes one level after the other, since lower() cuts a cell there;
// it begins with the greedy of Lemma 2.1; and its effort is bounded.
[[nodiscard]] CellBatches find_cell_batches(const graph::Cell& cell, const CellFacts& facts);

}  // namespace sheaf::memory_plan
