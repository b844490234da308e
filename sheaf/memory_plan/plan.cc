// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/plan.h"

#include "sheaf/base/error.h"

namespace sheaf::memory_plan {
namespace {

using graph::Operand;

// Lists the batches of a segment, with the row of every node.
void list_batches(const graph::Graph& graph, graph::Segment segment,
                  const batching::Schedule& schedule, const CompiledNetwork& network,
                  MemoryPlan& plan) {
  plan.batch_of.resize(segment.end);
  plan.row_of.resize(segment.end);
  const auto first_node = static_cast<std::uint32_t>(plan.order.size());
  for (const graph::NodeId node : schedule.order) {
    plan.order.push_back(node);
    plan.payloads.push_back(graph.payload(node));
  }
  auto first_input = static_cast<std::uint32_t>(plan.inputs.size());
  auto first_output = static_cast<std::uint32_t>(plan.outputs.size());
  for (const batching::Batch& batch : schedule.batches) {
    const auto index = static_cast<std::uint32_t>(plan.batches.size());
    plan.batches.push_back(
        {batch.type, batch.size(), first_node + batch.begin, first_input, first_output});
    const CompiledType& type = network.types[batch.type];
    const auto ports = static_cast<std::uint32_t>(type.port_column.size());
    first_input += static_cast<std::uint32_t>(type.cell->inputs.size());
    first_output += ports;
    std::uint32_t row = 0;
    for (const graph::NodeId node : schedule.nodes(batch)) {
      plan.batch_of[node] = index;
      plan.row_of[node] = row++;
    }
  }
  plan.inputs.reserve(first_input);
  plan.outputs.resize(first_output);
}

// Decides how every input is read, results having their places.
class InputPlanner {
 public:
  InputPlanner(const graph::Graph& graph, const CompiledNetwork& network, LayoutMode mode,
               MemoryPlan& plan)
      : graph_(graph), network_(network), mode_(mode), plan_(plan) {}

  void plan_batch(const BatchPlan& batch) {
    const CompiledCell& cell = *network_.types[batch.type].cell;
    const auto nodes = plan_.nodes(batch);
    const std::uint32_t single = inputs_of_one_operand(graph_, nodes);
    const auto repeated = static_cast<std::uint32_t>(cell.inputs.size()) - cell.fixed_inputs;
    for (std::uint32_t input = 0; input < cell.inputs.size(); ++input) {
      plan_.inputs.push_back(input < single ? plan_single(nodes, input, cell.inputs[input])
                                            : plan_sum(nodes, input, repeated, cell.inputs[input]));
    }
  }

 private:
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
};

}  // namespace

void Planner::plan_segment(const graph::Graph& graph, graph::Segment segment,
                           const batching::Schedule& schedule, const CompiledNetwork& network,
                           PlanOptions options, MemoryPlan& plan) {
  if (schedule.batches.empty()) return;
  const auto first_batch = static_cast<std::uint32_t>(plan.batches.size());
  plan.keep = options.keep;
  if (plan.keep == Keep::outputs) {
    base::check(first_batch == 0, "memory plan",
                "a graph whose earlier results are not kept has grown");
  }
  list_batches(graph, segment, schedule, network, plan);
  if (plan.keep == Keep::outputs) {
    find_lifetimes(graph, network, plan);
    neighbours_.clear();
    if (options.layout == LayoutMode::planned) neighbours_.find(graph, network, plan);
    placer_.place(network, neighbours_, plan);
  } else {
    place_in_columns(network, first_batch, plan);
  }
  InputPlanner inputs(graph, network, options.layout, plan);
  for (std::size_t b = first_batch; b < plan.batches.size(); ++b)
    inputs.plan_batch(plan.batches[b]);
}

void plan_segment(const graph::Graph& graph, graph::Segment segment,
                  const batching::Schedule& schedule, const CompiledNetwork& network,
                  PlanOptions options, MemoryPlan& plan) {
  Planner().plan_segment(graph, segment, schedule, network, options, plan);
}

}  // namespace sheaf::memory_plan
