// SPDX-License-Identifier: Apache-2.0
//
// Where every result of a graph lies and how every operand is read. Offsets only, in floats from
// the start of an arena that belongs to the backend, or of a parameter table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/batching/schedule.h"
#include "sheaf/memory_plan/compiled_network.h"

namespace sheaf::memory_plan {

using Offset = std::uint64_t;

// A value that is a row of a parameter table stays there: its offset names table and first float.
inline constexpr Offset kInTable = Offset{1} << 63U;
inline constexpr std::uint32_t kTableShift = 40;

[[nodiscard]] constexpr bool in_table(Offset offset) { return (offset & kInTable) != 0; }
[[nodiscard]] constexpr Offset table_offset(graph::ParameterId table, std::uint64_t at) {
  return kInTable | (Offset{table} << kTableShift) | at;
}
[[nodiscard]] constexpr graph::ParameterId table_of(Offset offset) {
  return static_cast<graph::ParameterId>((offset & ~kInTable) >> kTableShift);
}
[[nodiscard]] constexpr std::uint64_t float_of(Offset offset) {
  return offset & ((Offset{1} << kTableShift) - 1);
}

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
  std::vector<Offset> outputs;  // of a batch's first row; of what stays in a table: kInTable
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
    const CompiledType& type = network.types[batch.type];
    if (type.in_table(operand.port)) {
      const CompiledCell& cell = *type.cell;
      const Offset floats =
          value_stride(cell.output_rows[operand.port], cell.output_widths[operand.port]);
      return table_offset(type.port_table[operand.port],
                          payloads[batch.first_node + row_of[operand.node]] * floats);
    }
    return outputs[batch.first_output + operand.port] +
           Offset{row_of[operand.node]} * network.stride(batch.type, operand.port);
  }

  // Throws InternalError when results overlap, or when an input is read from elsewhere than where
  // its operand was written.
  void verify(const graph::Graph& graph, const CompiledNetwork& network) const;
  [[nodiscard]] std::string to_string(const graph::Graph& graph) const;
};

}  // namespace sheaf::memory_plan
