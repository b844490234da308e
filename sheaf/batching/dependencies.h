// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/graph/graph.h"

namespace sheaf::batching {

// Index of a node within its segment.
using LocalId = std::uint32_t;

// What a policy needs to know of one segment: who waits for whom. Operands in earlier segments have
// run already and are left out; an operand read through several ports in a row counts once. Types
// are those of the network. What makes a node wait for another is an *edge*; edges are in the order
// of their consumers.
class Dependencies {
 public:
  // Replaces the contents, keeping memory. O(nodes + operands).
  void build(const graph::Graph& graph, graph::Segment segment);

  [[nodiscard]] LocalId size() const { return static_cast<LocalId>(types_.size()); }
  [[nodiscard]] graph::NodeId first_node() const { return first_node_; }
  [[nodiscard]] std::size_t type_count() const { return type_count_; }
  [[nodiscard]] graph::TypeId type(LocalId node) const { return types_[node]; }
  [[nodiscard]] std::span<const graph::TypeId> types() const { return types_; }
  // Nodes of a type.
  [[nodiscard]] std::uint32_t count(graph::TypeId type) const { return type_nodes_[type]; }
  [[nodiscard]] std::span<const LocalId> producers(LocalId node) const {
    return {producers_.data() + producer_begin_[node],
            producer_begin_[node + 1] - producer_begin_[node]};
  }
  [[nodiscard]] std::span<const LocalId> consumers(LocalId node) const {
    return {consumers_.data() + consumer_begin_[node],
            consumer_begin_[node + 1] - consumer_begin_[node]};
  }
  // Hints that consumers(node) will be asked for: where they begin, and, when that has come, the
  // consumers.
  void prefetch_begin(LocalId node) const { __builtin_prefetch(consumer_begin_.data() + node); }
  void prefetch_consumers(LocalId node) const {
    __builtin_prefetch(consumers_.data() + consumer_begin_[node]);
  }
  [[nodiscard]] std::uint32_t producer_count(LocalId node) const {
    return producer_begin_[node + 1] - producer_begin_[node];
  }
  // Of each edge, both ends. Loops over them do not depend on how many edges a node has, which
  // branch predictors can't know.
  [[nodiscard]] std::span<const LocalId> edge_producers() const { return producers_; }
  [[nodiscard]] std::span<const LocalId> edge_consumers() const { return edge_consumers_; }

  // Whether some node of type `after` reads one of type `before`.
  [[nodiscard]] bool type_follows(graph::TypeId before, graph::TypeId after) const {
    return follows_[before * type_count_ + after] != 0;
  }
  // [before * types + after]: type_follows().
  [[nodiscard]] std::span<const std::uint8_t> follows() const { return follows_; }
  // Of the node that has the most.
  [[nodiscard]] std::size_t most_producers() const { return most_producers_; }

 private:
  graph::NodeId first_node_ = 0;
  std::size_t type_count_ = 0;
  std::span<const graph::TypeId> types_;  // of the graph, which must stay as it is
  std::vector<std::uint32_t> producer_begin_;
  std::vector<LocalId> producers_;
  std::vector<LocalId> edge_consumers_;
  std::vector<std::uint32_t> consumer_begin_;
  std::vector<LocalId> consumers_;
  std::vector<std::uint8_t> follows_;      // [before][after]
  std::vector<std::uint32_t> type_nodes_;  // by type
  std::size_t most_producers_ = 0;
};

// [b * types + a]: whether an a-node may lie below a b-node, on whatever path: the transitive
// closure of type_follows().
[[nodiscard]] std::vector<std::uint8_t> types_below(const Dependencies& dependencies);
void types_below(const Dependencies& dependencies, std::vector<std::uint8_t>& below);

// Longest path that ends at each node, in nodes: 0 for a node that waits for none.
[[nodiscard]] std::vector<std::uint32_t> depths(const Dependencies& dependencies);
void depths(const Dependencies& dependencies, std::vector<std::uint32_t>& depth);

// A number of batches that no schedule can beat: the sum over types t of the largest number of
// t-nodes on one path (ED-Batch, ICML 2023, appendix A.3).
[[nodiscard]] std::uint32_t lower_bound(const Dependencies& dependencies);

}  // namespace sheaf::batching
