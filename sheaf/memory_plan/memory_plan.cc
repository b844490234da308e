// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/memory_plan.h"

#include <algorithm>

namespace sheaf::memory_plan {

std::uint32_t inputs_of_one_operand(const graph::Graph& graph,
                                    std::span<const graph::NodeId> nodes) {
  const graph::Cell& cell = *graph.network().type(graph.type(nodes[0])).cell;
  const auto all = static_cast<std::uint32_t>(cell.inputs().size());
  if (cell.repeated_inputs() == 0) return all;
  const auto has_all = [&](graph::NodeId node) { return graph.operands(node).size() == all; };
  return std::all_of(nodes.begin(), nodes.end(), has_all)
             ? all
             : static_cast<std::uint32_t>(cell.fixed_inputs());
}
void MemoryPlan::clear() {
  batches.clear();
  prefixes.clear();
  early_values.clear();
  order.clear();
  payloads.clear();
  inputs.clear();
  outputs.clear();
  gather_offsets.clear();
  sum_begin.clear();
  places.clear();
  arena_floats = 0;
  live_floats = 0;
  copied_bytes = 0;
}

std::string MemoryPlan::to_string(const graph::Graph& graph) const {
  static constexpr const char* kKinds[] = {"in place", "gathered", "summed", "indirect"};
  std::string text;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const BatchPlan& batch = batches[b];
    const graph::Cell& cell = *graph.network().type(batch.type).cell;
    const std::string& name = graph.network().type(batch.type).name;
    if (const BatchPlan* prefix = prefix_before(batch)) {
      text += "prefix " + name + " x " + std::to_string(prefix->rows) + ": -> " +
              std::to_string(early_values[batch.prefix]) + "\n";
    }
    text += std::to_string(b) + " " + name + " x " + std::to_string(batch.rows) + ":";
    if (batch.part == BatchPlan::Part::rest) text += " rest";
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
