// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/plan.h"

namespace sheaf::memory_plan {
namespace {

using graph::Operand;

class Planner {
 public:
  Planner(const graph::Graph& graph, const CompiledNetwork& network, LayoutMode mode,
          MemoryPlan& plan)
      : graph_(graph), network_(network), mode_(mode), plan_(plan) {}

  void run(graph::Segment segment, const batching::Schedule& schedule) {
    open_columns(schedule);
    plan_.batch_of.resize(segment.end);
    plan_.row_of.resize(segment.end);
    const auto first_node = static_cast<std::uint32_t>(plan_.order.size());
    for (const graph::NodeId node : schedule.order) {
      plan_.order.push_back(node);
      plan_.payloads.push_back(graph_.payload(node));
    }
    for (const batching::Batch& batch : schedule.batches) {
      add_batch(batch.type, batch.size(), first_node + batch.begin);
    }
  }

 private:
  // A column per port number and width, as long as the segment's batches need it.
  void open_columns(const batching::Schedule& schedule) {
    std::vector<Offset> rows(network_.column_stride.size(), 0);
    for (const batching::Batch& batch : schedule.batches) {
      for (const std::uint16_t column : network_.types[batch.type].port_column) {
        if (column != CompiledType::kNoColumn) rows[column] += batch.size();
      }
    }
    for (std::size_t column = 0; column < rows.size(); ++column) {
      next_.push_back(plan_.arena_floats);
      plan_.arena_floats += rows[column] * network_.column_stride[column];
    }
  }

  void add_batch(graph::TypeId type, std::uint32_t rows, std::uint32_t first_node) {
    const CompiledType& compiled = network_.types[type];
    const auto index = static_cast<std::uint32_t>(plan_.batches.size());
    plan_.batches.push_back({type, rows, first_node,
                             static_cast<std::uint32_t>(plan_.inputs.size()),
                             static_cast<std::uint32_t>(plan_.outputs.size())});
    const std::span<const graph::NodeId> nodes(plan_.order.data() + first_node, rows);
    const std::uint32_t fixed = compiled.cell->fixed_inputs;
    const auto repeated = static_cast<std::uint32_t>(compiled.cell->inputs.size()) - fixed;
    for (std::uint32_t input = 0; input < compiled.cell->inputs.size(); ++input) {
      const bool single = input < fixed || all_single(nodes, fixed + repeated);
      const graph::CellInput& given = compiled.cell->inputs[input];
      plan_.inputs.push_back(single ? plan_single(nodes, input, given)
                                    : plan_sum(nodes, input, repeated, given));
    }
    for (const std::uint16_t column : compiled.port_column) {
      if (column == CompiledType::kNoColumn) {
        plan_.outputs.push_back(kInTable);
        continue;
      }
      plan_.outputs.push_back(next_[column]);
      next_[column] += Offset{rows} * network_.column_stride[column];
    }
    for (std::uint32_t row = 0; row < rows; ++row) {
      plan_.batch_of[nodes[row]] = index;
      plan_.row_of[nodes[row]] = row;
    }
  }

  [[nodiscard]] bool all_single(std::span<const graph::NodeId> nodes, std::uint32_t inputs) const {
    for (const graph::NodeId node : nodes) {
      if (graph_.operands(node).size() != inputs) return false;
    }
    return true;
  }

  [[nodiscard]] static std::uint64_t bytes_of(const graph::CellInput& input, std::size_t nodes) {
    return nodes * value_floats(input.rows, input.width) * sizeof(float);
  }

  // One operand per row: in place when every row lies one stride after the row before. A matrix is
  // too large to copy for the sake of its neighbours.
  InputPlan plan_single(std::span<const graph::NodeId> nodes, std::uint32_t input,
                        const graph::CellInput& given) {
    const std::uint64_t at = plan_.gather_offsets.size();
    const Operand first = graph_.operands(nodes[0])[input];
    const bool table = network_.types[graph_.type(first.node)].in_table(first.port);
    const Offset stride = table ? 0 : network_.stride(graph_.type(first.node), first.port);
    Offset wanted = plan_.offset(network_, first);
    bool in_place = mode_ == LayoutMode::planned && !table;
    for (const graph::NodeId node : nodes) {
      const Offset offset = plan_.offset(network_, graph_.operands(node)[input]);
      in_place = in_place && offset == wanted;
      wanted += stride;
      plan_.gather_offsets.push_back(offset);
    }
    if (in_place) {
      const Offset begin = plan_.gather_offsets[at];
      plan_.gather_offsets.resize(at);
      return {InputPlan::Kind::in_place, begin};
    }
    if (mode_ == LayoutMode::planned && given.rows > 1) return {InputPlan::Kind::indirect, at};
    plan_.copied_bytes += bytes_of(given, nodes.size());
    return {InputPlan::Kind::gathered, at};
  }

  InputPlan plan_sum(std::span<const graph::NodeId> nodes, std::uint32_t input, std::uint32_t step,
                     const graph::CellInput& given) {
    const std::uint64_t at = plan_.sum_begin.size();
    for (const graph::NodeId node : nodes) {
      plan_.sum_begin.push_back(plan_.gather_offsets.size());
      const auto operands = graph_.operands(node);
      for (std::size_t i = input; i < operands.size(); i += step) {
        plan_.gather_offsets.push_back(plan_.offset(network_, operands[i]));
      }
    }
    plan_.sum_begin.push_back(plan_.gather_offsets.size());
    plan_.copied_bytes += bytes_of(given, nodes.size());
    return {InputPlan::Kind::summed, at};
  }

  const graph::Graph& graph_;
  const CompiledNetwork& network_;
  LayoutMode mode_;
  MemoryPlan& plan_;
  std::vector<Offset> next_;  // of each column: where the next batch goes
};

}  // namespace

void plan_segment(const graph::Graph& graph, graph::Segment segment,
                  const batching::Schedule& schedule, const CompiledNetwork& network,
                  LayoutMode mode, MemoryPlan& plan) {
  Planner(graph, network, mode, plan).run(segment, schedule);
}

}  // namespace sheaf::memory_plan
