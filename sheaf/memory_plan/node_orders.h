// SPDX-License-Identifier: Apache-2.0
//
// DecideNodesOrder (ED-Batch, appendix B): which nodes of a PQ tree must be turned alike.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "sheaf/memory_plan/pq_tree.h"

namespace sheaf::memory_plan {

// The order of a node is a permutation of its children. A node that can only be reversed, which a
// P-node of two children is too, has the permutations of two things: its ends.
class NodeOrders {
 public:
  explicit NodeOrders(const PqTree& tree) : tree_(tree) {}

  // Demands that two vectors of the same length, both consecutive in the tree, come in the same
  // order. False when their subtrees are not isomorphic or when it contradicts what was demanded
  // before.
  bool align(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

  // A frontier of the tree that meets all demands. What is free stays in the order of the numbers.
  [[nodiscard]] std::vector<std::uint32_t> frontier() const;

 private:
  using Permutation = std::vector<std::uint32_t>;
  using Positions = std::vector<std::uint32_t>;  // of leaves in a vector, sorted

  // A node, or a run of a Q-node's children, with the positions of each child's leaves.
  struct Part {
    PqTree::NodeId node;
    bool only_turns;  // forwards or backwards
    std::vector<PqTree::NodeId> children;
    std::vector<Positions> positions;
  };
  struct Link {
    PqTree::NodeId to;
    Permutation map;  // from the order of `to` to the order of the node
  };

  [[nodiscard]] Part part_of(PqTree::NodeId node, std::vector<PqTree::NodeId> children,
                             const std::map<std::uint32_t, std::uint32_t>& position) const;
  bool align(const Part& a, const Part& b, const std::map<std::uint32_t, std::uint32_t>& position_a,
             const std::map<std::uint32_t, std::uint32_t>& position_b);
  bool unite(PqTree::NodeId a, PqTree::NodeId b, const Permutation& a_to_b);
  [[nodiscard]] Link find(PqTree::NodeId node, std::size_t size) const;
  [[nodiscard]] Permutation natural(PqTree::NodeId node) const;
  [[nodiscard]] std::vector<PqTree::NodeId> ordered_children(PqTree::NodeId node) const;
  [[nodiscard]] bool only_turns(PqTree::NodeId node) const;

  const PqTree& tree_;
  std::map<PqTree::NodeId, Link> links_;  // of nodes that are not the first of their class
};

}  // namespace sheaf::memory_plan
