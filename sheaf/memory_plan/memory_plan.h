// SPDX-License-Identifier: Apache-2.0
//
// Where every result of a graph lies and how every operand is read. Offsets only, in floats from
// the start of an arena that belongs to the backend, or of a parameter table.
#pragma once

#include <cstdint>
#include <limits>
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

// Which results survive a graph's run.
enum class Keep : std::uint8_t {
  everything,  // all: any may be read, and a graph may grow
  outputs,     // the ports that the graph marks; the space of others is used again
};

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

  // What runs: the cell, or one of its parts where its prefix is hoisted (split_cell.h). A prefix
  // batch is one of MemoryPlan::prefixes, and has neither inputs nor outputs.
  enum class Part : std::uint8_t { whole, prefix, rest };
  Part part = Part::whole;
  std::uint32_t prefix = 0;     // of a rest: the prefix batch that has its nodes; its own index
  std::uint32_t early_row = 0;  // of a rest: the row there of its first node
};

// The inputs of a batch of these nodes that may be in place: all, when every row has one operand
// for each, else the fixed ones, which come first.
[[nodiscard]] std::uint32_t inputs_of_one_operand(const graph::Graph& graph,
                                                  std::span<const graph::NodeId> nodes);

// The plan of a graph, segment by segment. Results that are kept stay where they are as long as the
// graph lives.
struct MemoryPlan {
  Keep keep = Keep::everything;
  std::vector<BatchPlan> batches;
  std::vector<BatchPlan> prefixes;   // each runs just before the first batch that it has nodes of
  std::vector<Offset> early_values;  // of each prefix batch: those of its first node
  // Segment by segment, batch by batch; after a segment's, again, those of its prefix batches.
  std::vector<graph::NodeId> order;
  std::vector<std::uint32_t> payloads;  // of the nodes in `order`; 0 where a type reads no table
  std::vector<InputPlan> inputs;
  std::vector<Offset> outputs;  // of a batch's first row; of what stays in a table: kInTable
  std::vector<Offset> gather_offsets;
  std::vector<std::uint64_t> sum_begin;
  Offset arena_floats = 0;
  // The most floats that are needed at once, padding between rows included: what a batch writes,
  // and every value written before that it or a later batch reads, or that is kept.
  Offset live_floats = 0;
  std::uint64_t copied_bytes = 0;  // written by gathers and sums

  // Of a node: its batch, its row in it, and its first value. A segment's values are numbered node
  // by node in the order of execution, one per port.
  struct Place {
    std::uint32_t batch;
    std::uint32_t row;
    std::uint32_t first_value;

    friend bool operator==(const Place&, const Place&) = default;
  };
  std::vector<Place> places;  // of each node

  // Where outputs are kept only: of each value, the last batch that reads it, that which writes it
  // where none does, or kKept.
  std::vector<std::uint32_t> last_reader;
  static constexpr std::uint32_t kKept = std::numeric_limits<std::uint32_t>::max();

  // The prefix batch that is to run just before `batch`, or null.
  [[nodiscard]] const BatchPlan* prefix_before(const BatchPlan& batch) const {
    const bool first = batch.part == BatchPlan::Part::rest && batch.early_row == 0;
    return first ? &prefixes[batch.prefix] : nullptr;
  }
  // Where the early values of the first node of a prefix or a rest lie.
  [[nodiscard]] Offset early_offset(const CompiledNetwork& network, const BatchPlan& batch) const {
    return early_values[batch.prefix] +
           Offset{batch.early_row} * network.types[batch.type].split->early_floats;
  }

  // Forgets all segments. Keeps memory.
  void clear();
  [[nodiscard]] std::span<const graph::NodeId> nodes(const BatchPlan& batch) const {
    return {order.data() + batch.first_node, batch.rows};
  }
  [[nodiscard]] std::size_t value(graph::Operand operand) const {
    return std::size_t{places[operand.node].first_value} + operand.port;
  }
  [[nodiscard]] bool is_kept(graph::Operand operand) const {
    return keep == Keep::everything || last_reader[value(operand)] == kKept;
  }
  [[nodiscard]] Offset offset(const CompiledNetwork& network, graph::Operand operand) const {
    const Place& place = places[operand.node];
    const BatchPlan& batch = batches[place.batch];
    const CompiledType& type = network.types[batch.type];
    if (type.in_table(operand.port)) {
      const CompiledCell& cell = *type.cell;
      const Offset floats =
          value_stride(cell.output_rows[operand.port], cell.output_widths[operand.port]);
      return table_offset(type.port_table[operand.port],
                          payloads[batch.first_node + place.row] * floats);
    }
    return outputs[batch.first_output + operand.port] +
           Offset{place.row} * network.stride(batch.type, operand.port);
  }

  // Throws InternalError when an input is read from elsewhere than where its operand was written,
  // or when, batch by batch, a value is overwritten before its last reader has run or, where it is
  // to be kept, at all. (verify_plan.cc)
  void verify(const graph::Graph& graph, const CompiledNetwork& network) const;
  [[nodiscard]] std::string to_string(const graph::Graph& graph) const;
};

}  // namespace sheaf::memory_plan
