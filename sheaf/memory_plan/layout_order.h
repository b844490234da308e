// SPDX-License-Identifier: Apache-2.0
//
// One order of all variables such that every batch finds its operands side by side and in the order
// of its results: ED-Batch (Chen et al., ICML 2023), section 3 and appendix B.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sheaf::memory_plan {

// A batch of m ops as the layout sees it: the variables of its results and of each operand, op by
// op. A vector names no variable twice.
struct LayoutBatch {
  std::vector<std::vector<std::uint32_t>> vectors;  // each of length m >= 2
  std::uint64_t copy_bytes = 0;                     // what it costs not to be laid out
};

struct LayoutOrder {
  std::vector<std::uint32_t> order;  // the variables, as they lie in memory
  std::vector<bool> kept;            // by batch: laid out; the others must copy
};

// The paper's passes. Pass 0 reduces a PQ tree by every vector (adjacency). BroadcastConstraint
// gives what is consecutive within one vector of a batch to the other vectors, until the subtrees
// of all vectors of every batch are isomorphic. DecideNodesOrder makes the directions of Q-nodes
// and the permutations of P-nodes that must agree the same, in a union-find whose edges carry a
// permutation (alignment). Ours: batches enter one by one, those dearest to copy first, and a batch
// with which any pass fails is taken out again, so that of batches that exclude each other the
// cheapest are dropped; the paper drops single constraints. Never throws for batches that do not
// fit together.
[[nodiscard]] LayoutOrder order_variables(std::uint32_t variables,
                                          std::span<const LayoutBatch> batches);

// Whether the vectors of a batch lie side by side in `order`, each in the order of the others.
[[nodiscard]] bool is_laid_out(std::span<const std::uint32_t> order, const LayoutBatch& batch);

}  // namespace sheaf::memory_plan
