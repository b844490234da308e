// SPDX-License-Identifier: Apache-2.0
//
// Where every result of a graph lies and how every operand is read. Offsets only, in floats from
// the start of an arena that belongs to the backend.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/batching/schedule.h"
#include "sheaf/memory_plan/compiled_network.h"

namespace sheaf::memory_plan {

using Offset = std::uint64_t;

// How one input of a batch is read. A row is the value of one node here, be it a matrix.
struct InputPlan {
  enum class Kind : std::uint8_t {
    in_place,  // rows lie one after the other from `at`
    gathered,  // row i is copied from gather_offsets[at + i]
    summed,    // row i is the sum of gather_offsets[sum_begin[at + i] .. sum_begin[at + i + 1]]
    indirect,  // row i, a matrix, is read at gather_offsets[at + i], where it lies
  };
  Kind kind;
  Offset at;
};

struct BatchPlan {
  graph::TypeId type;
  std::uint32_t rows;
  std::uint32_t first_node;    // into MemoryPlan::order
  std::uint32_t first_input;   // into MemoryPlan::inputs: one per cell input
  std::uint32_t first_output;  // into MemoryPlan::outputs: one per port
};

// The plan of a graph, segment by segment. Results keep their place as long as the graph lives.
struct MemoryPlan {
  std::vector<BatchPlan> batches;
  std::vector<graph::NodeId> order;
  std::vector<std::uint32_t> payloads;  // of the nodes in `order`
  std::vector<InputPlan> inputs;
  std::vector<Offset> outputs;  // of a batch's first row
  std::vector<Offset> gather_offsets;
  std::vector<std::uint64_t> sum_begin;
  Offset arena_floats = 0;
  std::uint64_t copied_bytes = 0;  // written by gathers and sums

  // Of each node: its batch and its row in it.
  std::vector<std::uint32_t> batch_of;
  std::vector<std::uint32_t> row_of;

  void clear();
  [[nodiscard]] Offset offset(const CompiledNetwork& network, graph::Operand operand) const {
    const BatchPlan& batch = batches[batch_of[operand.node]];
    return outputs[batch.first_output + operand.port] +
           Offset{row_of[operand.node]} * network.stride(batch.type, operand.port);
  }

  // Throws InternalError when results overlap, or when an input is read from elsewhere than where
  // its operand was written.
  void verify(const graph::Graph& graph, const CompiledNetwork& network) const;
  [[nodiscard]] std::string to_string(const graph::Graph& graph) const;
};

}  // namespace sheaf::memory_plan
