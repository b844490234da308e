// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/graph/graph.h"

namespace sheaf::batching {

// Nodes of one type that run together: order[begin, end) of the schedule.
struct Batch {
  graph::TypeId type;
  std::uint32_t begin;
  std::uint32_t end;

  [[nodiscard]] std::uint32_t size() const { return end - begin; }
};

// The batches of one segment, in the order in which they run.
struct Schedule {
  std::vector<Batch> batches;
  std::vector<graph::NodeId> order;  // every node of the segment, once
  std::uint32_t fallback_steps = 0;  // steps in which an FSM did not know the state
  // What a search proved: no schedule has fewer batches. Equal to batches.size(): this one is
  // optimal. 0 where nothing was searched for.
  std::uint32_t proven_bound = 0;

  [[nodiscard]] std::span<const graph::NodeId> nodes(const Batch& batch) const {
    return {order.data() + batch.begin, batch.size()};
  }
  void clear();

  // Throws InternalError unless every node of `segment` runs once, in a batch of its type, after
  // its operands.
  void verify(const graph::Graph& graph, graph::Segment segment) const;
  [[nodiscard]] std::string to_string(const graph::Graph& graph) const;
};

}  // namespace sheaf::batching
