// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/batching/frontier.h"

namespace sheaf::batching {

// The *critical height* of an a-node is the largest number of a-nodes on one path that starts at
// it, itself counted. The largest height among the a-nodes that have still to run is the number of
// a-batches that are still needed; the nodes that have it are *critical*. A step that runs them all
// lowers the lower bound (lower_bound() in dependencies.h) by one; a step that leaves some of them
// behind has gained nothing.
//
// Here is how many of them each type would leave behind. That includes the sufficient condition of
// ED-Batch (lemma 2.1, see frontier_ratio.h): a critical node has no a-node above it that has still
// to run, so that where all of Frontier(G^a) is ready, all critical nodes are. The counters and
// their use are ours, not the paper's.
//
// A path between two a-nodes stays among the types that can come both after a and before it, its
// *component*: a node needs a height for each type of its own component only, one as a rule.
//
// Kept incrementally: O(1) a node over a whole schedule, and O(types) a step. A value: a copy is a
// snapshot.
class CriticalHeights {
 public:
  CriticalHeights() = default;
  CriticalHeights(const Dependencies& dependencies, const Frontier& frontier) {
    open(dependencies, frontier);
  }

  // From any point of a schedule: `frontier` says what has run. O(edges x types of the largest
  // component). Keeps memory.
  void open(const Dependencies& dependencies, const Frontier& frontier);

  // Of an a-node; 1 where no a-node can come after another.
  [[nodiscard]] std::uint32_t height(LocalId node) const {
    const std::uint32_t lane = types_[dependencies_->type(node)].lane;
    return lane == kNoLane ? 1 : below_[node * width_ + lane] + 1;
  }
  // Batches of `a` that are still needed, at least; 0 when none of its nodes is left.
  [[nodiscard]] std::uint32_t top(graph::TypeId a) const { return top_[a]; }
  // Critical a-nodes.
  [[nodiscard]] std::uint32_t critical(graph::TypeId a) const { return counts_[a][top_[a]]; }
  // Critical a-nodes that are not ready: what a step of `a` would leave behind.
  [[nodiscard]] std::uint32_t blocked(graph::TypeId a) const {
    return critical(a) - ready_critical_[a];
  }

  // The ready type that leaves the fewest critical nodes behind; of equals the one with more ready
  // nodes, then the first.
  [[nodiscard]] graph::TypeId best(const Frontier& frontier) const;

  // To be told of every batch that ran, when `frontier` knows of it.
  void ran(graph::TypeId a, std::span<const LocalId> batch, const Frontier& frontier);

 private:
  static constexpr std::uint32_t kNoLane = ~0U;
  struct Type {
    std::uint32_t component = 0;
    std::uint32_t lane = kNoLane;  // among the types of its component that recur
  };

  // Whether one of its nodes can follow another.
  [[nodiscard]] bool recurs(graph::TypeId a) const { return types_[a].lane != kNoLane; }
  void find_components();
  template <std::size_t kWidth>
  void sweep();
  void find_heights();
  void count_nodes(const Frontier& frontier);
  void meet_ready(graph::TypeId a, std::span<const LocalId> nodes);

  const Dependencies* dependencies_ = nullptr;
  std::vector<std::uint8_t> follows_;  // of the graph of types that types_ was made for
  std::vector<std::uint8_t> reaches_;  // its transitive closure
  std::vector<Type> types_;
  std::size_t width_ = 0;  // lanes
  // [node][lane]: most nodes of the lane's type on one path that starts after the node.
  std::vector<std::uint32_t> below_;
  std::vector<std::vector<std::uint32_t>> counts_;  // [a][height]: a-nodes that have still to run
  std::vector<std::uint32_t> top_;                  // by type
  std::vector<std::uint32_t> ready_critical_;       // by type
  std::vector<std::uint32_t> met_;                  // by type: ready nodes that have been looked at
};

}  // namespace sheaf::batching
