// SPDX-License-Identifier: Apache-2.0
//
// The order of the rows inside each batch, chosen so that later batches find their operands one
// after the other. No value depends on its row: only the number of copies does.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sheaf/memory_plan/memory_plan.h"

namespace sheaf::memory_plan {

// Two passes over the operands of a segment, without comparisons. Holds only memory that is used
// again.
//
// 1. From the last batch to the first: the order of a batch follows from its consumers, which have
//    theirs already. Its nodes come by (first batch that reads them, input, row there); those that
//    nobody reads come last, as they were. So every step of a chain reads a prefix of the step
//    before, the longest chain being row 0, and the left children of a batch lie side by side, then
//    the right ones.
// 2. From the first batch to the last: a batch that nobody reads (heads) is free to follow its
//    producers; its rows come in the order of their first operands.
//
// Inputs that cannot be in place (sums) ask for nothing; rows of a network that has sums only, as
// those of lattices, stay as they are.
class RowOrder {
 public:
  // Permutes schedule.order within each batch. The same schedule gives the same order. O(nodes +
  // operands).
  void run(const graph::Graph& graph, graph::Segment segment, batching::Schedule& schedule);

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  // An entry of a list that is read in the opposite order to that in which it was written.
  struct Entry {
    graph::NodeId node;
    std::uint32_t next;
  };

  void open(graph::Segment segment, const batching::Schedule& schedule);
  void follow_consumers(std::uint32_t batch, std::span<graph::NodeId> rows);
  void tell_producers(const graph::Graph& graph, const batching::Schedule& schedule,
                      std::uint32_t batch);
  void follow_producers(const graph::Graph& graph, batching::Schedule& schedule);
  // False when no row has an operand in this segment.
  bool list_first_operands(const graph::Graph& graph, std::uint32_t& next_row,
                           std::span<graph::NodeId> rows);
  [[nodiscard]] std::uint32_t batch_of(graph::NodeId node) const {
    return batch_of_[node - segment_.begin];
  }
  void push(std::uint32_t& head, graph::NodeId node) {
    entries_.push_back({node, head});
    head = static_cast<std::uint32_t>(entries_.size() - 1);
  }

  graph::Segment segment_{};
  std::vector<std::uint32_t> batch_of_;  // of each node of the segment
  std::vector<std::uint32_t> wanted_;    // of each batch: list of its nodes, as consumers want them
  std::vector<std::uint8_t> is_read_;    // of each batch: whether another's first row reads it
  std::vector<std::uint32_t> followers_;  // of each node: list of the rows that follow it
  std::vector<std::uint32_t> next_row_;   // of each batch that follows: where its next row goes
  std::vector<std::uint8_t> placed_;      // of each node
  std::vector<Entry> entries_;
  std::vector<graph::NodeId> before_;  // rows of a batch as they were
};

}  // namespace sheaf::memory_plan
