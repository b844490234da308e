// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/memory_plan.h"

#include <algorithm>

#include "sheaf/base/error.h"

namespace sheaf::memory_plan {
namespace {

void holds(bool condition, const char* what) { base::check(condition, "memory plan", what); }

void verify_disjoint(const CompiledNetwork& network, const MemoryPlan& plan) {
  std::vector<std::pair<Offset, Offset>> ranges;
  for (const BatchPlan& batch : plan.batches) {
    const std::size_t ports = network.types[batch.type].port_column.size();
    for (std::uint32_t port = 0; port < ports; ++port) {
      if (network.types[batch.type].in_table(port)) continue;
      const Offset begin = plan.outputs[batch.first_output + port];
      ranges.emplace_back(begin, begin + Offset{batch.rows} * network.stride(batch.type, port));
    }
  }
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    holds(ranges[i].second <= plan.arena_floats, "a result lies beyond the arena");
    holds(i == 0 || ranges[i - 1].second <= ranges[i].first, "two results overlap");
  }
}

void verify_input(const graph::Graph& graph, const CompiledNetwork& network, const MemoryPlan& plan,
                  const BatchPlan& batch, std::uint32_t input) {
  const CompiledCell& cell = *network.types[batch.type].cell;
  const InputPlan& how = plan.inputs[batch.first_input + input];
  const bool repeated = input >= cell.fixed_inputs;
  const std::size_t step = repeated ? cell.inputs.size() - cell.fixed_inputs : 1;
  for (std::uint32_t row = 0; row < batch.rows; ++row) {
    const auto operands = graph.operands(plan.order[batch.first_node + row]);
    const std::size_t count = repeated ? (operands.size() - cell.fixed_inputs) / step : 1;
    holds(how.kind == InputPlan::Kind::summed || count == 1, "a sum is read as a single row");
    for (std::size_t i = 0; i < count; ++i) {
      const graph::Operand& operand = operands[input + i * step];
      const Offset wanted = plan.offset(network, operand);
      const Offset got =
          how.kind == InputPlan::Kind::in_place
              ? how.at + Offset{row} * network.stride(graph.type(operand.node), operand.port)
          : how.kind == InputPlan::Kind::summed
              ? plan.gather_offsets[plan.sum_begin[how.at + row] + i]
              : plan.gather_offsets[how.at + row];
      holds(got == wanted, "an input is read from a wrong place");
    }
    if (how.kind == InputPlan::Kind::summed) {
      holds(plan.sum_begin[how.at + row + 1] - plan.sum_begin[how.at + row] == count,
            "a sum has a wrong number of terms");
    }
  }
}

}  // namespace

void MemoryPlan::clear() {
  batches.clear();
  order.clear();
  payloads.clear();
  inputs.clear();
  outputs.clear();
  gather_offsets.clear();
  sum_begin.clear();
  batch_of.clear();
  row_of.clear();
  arena_floats = 0;
  copied_bytes = 0;
}

void MemoryPlan::verify(const graph::Graph& graph, const CompiledNetwork& network) const {
  holds(batch_of.size() == graph.size(), "not every node has a place");
  verify_disjoint(network, *this);
  for (const BatchPlan& batch : batches) {
    const std::size_t inputs_of_cell = network.types[batch.type].cell->inputs.size();
    for (std::uint32_t input = 0; input < inputs_of_cell; ++input) {
      verify_input(graph, network, *this, batch, input);
    }
  }
}

std::string MemoryPlan::to_string(const graph::Graph& graph) const {
  static constexpr const char* kKinds[] = {"in place", "gathered", "summed", "indirect"};
  std::string text;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const BatchPlan& batch = batches[b];
    const graph::Cell& cell = *graph.network().type(batch.type).cell;
    text += std::to_string(b) + " " + graph.network().type(batch.type).name + " x " +
            std::to_string(batch.rows) + ":";
    for (std::size_t i = 0; i < cell.inputs().size(); ++i) {
      text += " " + cell.inputs()[i].name + " " +
              kKinds[static_cast<std::size_t>(inputs[batch.first_input + i].kind)];
    }
    for (std::size_t p = 0; p < cell.outputs().size(); ++p) {
      const Offset at = outputs[batch.first_output + p];
      text += " -> " + (in_table(at) ? "table" : std::to_string(at));
    }
    text += "\n";
  }
  return text + "arena " + std::to_string(arena_floats * sizeof(float)) + " bytes, copied " +
         std::to_string(copied_bytes) + " bytes\n";
}

}  // namespace sheaf::memory_plan
