// SPDX-License-Identifier: Apache-2.0
//
// A PQ tree: all orders of n leaves in which each of a number of sets is consecutive (K. S. Booth
// and G. S. Lueker, "Testing for the consecutive ones property, interval graphs, and graph
// planarity using PQ-tree algorithms", JCSS 13, 1976). The orders are the frontiers of the tree
// when the children of a P-node may be permuted freely and those of a Q-node be reversed.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sheaf::memory_plan {

class PqTree {
 public:
  using NodeId = std::uint32_t;  // the node of leaf i is i
  static constexpr NodeId kNone = ~0U;

  enum class Kind : std::uint8_t { leaf, p, q };  // a P-node has 2 children or more, a Q-node 3

  // The smallest part of the tree that holds a set: of a P-node all children, of a Q-node those
  // from `first` on, `count` of them; of a leaf none.
  struct Subtree {
    NodeId node = kNone;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  // The universal tree: every order is permitted. Throws UsageError for no leaves.
  explicit PqTree(std::uint32_t leaves);

  // Permits from now on only orders in which `set` is consecutive. False, and the tree as it was,
  // when none of the permitted ones is. Throws UsageError for an empty set, a leaf that does not
  // exist and a leaf that is named twice. Linear: all reduces that succeed take O(n + sum |set|)
  // operations together; one that fails takes at most the size of the pruned pertinent subtree.
  bool reduce(std::span<const std::uint32_t> set);

  [[nodiscard]] std::uint32_t leaf_count() const { return leaves_; }
  // One permitted order: the leaves from left to right.
  [[nodiscard]] std::vector<std::uint32_t> frontier() const;
  // How many orders are permitted: k! for each P-node of k children, 2 for each Q-node. Saturates.
  [[nodiscard]] std::uint64_t order_count() const;

  [[nodiscard]] NodeId root() const { return root_; }
  [[nodiscard]] Kind kind(NodeId node) const { return nodes_[node].kind; }
  // From left to right, as in frontier().
  [[nodiscard]] std::vector<NodeId> children(NodeId node) const;
  [[nodiscard]] std::vector<std::uint32_t> leaves_below(NodeId node) const;
  // Where the leaves of `set` lie. O(n). Throws as reduce() does.
  [[nodiscard]] Subtree subtree(std::span<const std::uint32_t> set) const;

  // P-nodes in round brackets, Q-nodes in square ones: "(0 [1 2 3] 4)".
  [[nodiscard]] std::string to_string() const;
  // Throws InternalError on a broken invariant.
  void verify() const;

  // Elementary operations that all reduces have taken: what the linear bound counts.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }

 private:
  class Reduction;

  // Children form a chain whose links have no direction, so that a Q-node is reversed and two
  // chains are joined in constant time. Inner children of a Q-node do not know their parent: a
  // reduce finds it when one of their neighbours does.
  struct Node {
    Kind kind = Kind::leaf;
    bool in_q = false;      // a child of a Q-node
    NodeId parent = kNone;  // stale for inner children of a Q-node
    std::array<NodeId, 2> sibling{kNone, kNone};
    std::array<NodeId, 2> ends{kNone, kNone};  // of the chain of children
    std::uint32_t children = 0;                // of a P-node; not kept for Q-nodes
  };

  enum class Mark : std::uint8_t { none, queued, blocked, unblocked };
  enum class Label : std::uint8_t { empty, partial, full };

  // What the current reduce knows of a node; void when it was written by an earlier one.
  struct Scratch {
    std::uint64_t reduce = 0;
    Mark mark = Mark::none;
    Label label = Label::empty;
    bool saved = false;                    // its Node is in the journal, or new
    std::uint32_t pertinent_children = 0;  // not yet matched
    std::uint32_t pertinent_leaves = 0;
    std::uint32_t full_count = 0;
    std::uint32_t partial_count = 0;
    NodeId first_full = kNone;  // children that are full, linked by next_full
    NodeId next_full = kNone;
    std::array<NodeId, 2> partial{kNone, kNone};
  };

  void require_leaves(std::span<const std::uint32_t> set, const char* place) const;
  [[noreturn]] static void refuse_twice(std::uint32_t leaf, const char* place);
  [[nodiscard]] NodeId beyond(NodeId node, NodeId before) const;  // the other neighbour of `node`
  void verify_children(NodeId node) const;

  std::uint32_t leaves_;
  NodeId root_;
  std::vector<Node> nodes_;
  std::vector<NodeId> free_;  // slots of `nodes_`
  std::vector<Scratch> scratch_;
  std::uint64_t reduces_ = 0;
  std::uint64_t operations_ = 0;
};

}  // namespace sheaf::memory_plan
