// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/plan.h"

#include <algorithm>

#include "sheaf/base/error.h"

namespace sheaf::memory_plan {
namespace {

// Whether nodes of a type are told apart by their payload.
bool reads_payload(const CompiledType& type) {
  const auto& column = type.port_column;
  return type.cell->reads_payload ||
         std::find(column.begin(), column.end(), CompiledType::kNoColumn) != column.end();
}

// Lists the batches of a segment; results have no places yet.
void list_batches(const graph::Graph& graph, const batching::Schedule& schedule,
                  const CompiledNetwork& network, MemoryPlan& plan) {
  const auto first_node = static_cast<std::uint32_t>(plan.order.size());
  plan.order.insert(plan.order.end(), schedule.order.begin(), schedule.order.end());
  plan.payloads.resize(plan.order.size(), 0);
  auto first_input = static_cast<std::uint32_t>(plan.inputs.size());
  auto first_output = static_cast<std::uint32_t>(plan.outputs.size());
  for (const batching::Batch& batch : schedule.batches) {
    const CompiledType& type = network.types[batch.type];
    const BatchPlan planned{batch.type, batch.size(), first_node + batch.begin, first_input,
                            first_output};
    plan.batches.push_back(planned);
    first_input += static_cast<std::uint32_t>(type.cell->inputs.size());
    first_output += network.ports(batch.type);
    if (!reads_payload(type)) continue;
    std::uint32_t* payload = &plan.payloads[planned.first_node];
    for (const graph::NodeId node : schedule.nodes(batch)) *payload++ = graph.payload(node);
  }
  plan.inputs.reserve(first_input);
  plan.outputs.resize(first_output);
}

// Lists the prefix batch of every window, and makes its batches rests.
void list_prefixes(const batching::Schedule& schedule, const Hoisting& hoisting,
                   std::uint32_t first_batch, MemoryPlan& plan) {
  for (std::uint32_t b = 0; b < schedule.batches.size(); ++b) {
    if (hoisting.first_of(b) != b) continue;
    BatchPlan prefix{.type = plan.batches[first_batch + b].type,
                     .rows = 0,
                     .first_node = static_cast<std::uint32_t>(plan.order.size()),
                     .first_input = 0,
                     .first_output = 0,
                     .part = BatchPlan::Part::prefix,
                     .prefix = static_cast<std::uint32_t>(plan.prefixes.size())};
    for (auto c = b; c != Hoisting::kNone; c = hoisting.next_of(c)) {
      BatchPlan& batch = plan.batches[first_batch + c];
      batch.part = BatchPlan::Part::rest;
      batch.prefix = prefix.prefix;
      batch.early_row = prefix.rows;
      prefix.rows += batch.rows;
      for (std::uint32_t row = batch.first_node; row < batch.first_node + batch.rows; ++row) {
        plan.order.push_back(plan.order[row]);
        plan.payloads.push_back(plan.payloads[row]);
      }
    }
    plan.prefixes.push_back(prefix);
  }
  plan.early_values.resize(plan.prefixes.size());
}

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
  list_batches(graph, schedule, network, plan);
  hoisting_.choose(schedule, network, options.hoist);
  if (hoisting_.any()) list_prefixes(schedule, hoisting_, first_batch, plan);
  reads_.list(graph, segment, network, first_batch, plan);
  if (plan.keep == Keep::outputs) {
    neighbours_.clear();
    if (options.layout == LayoutMode::planned) neighbours_.find(graph, network, reads_, plan);
    placer_.place(network, neighbours_, plan);
  } else {
    columns_.place(network, first_batch, plan);
  }
  inputs_.plan(graph, network, reads_, {options.layout, first_batch}, plan);
}

void plan_segment(const graph::Graph& graph, graph::Segment segment,
                  const batching::Schedule& schedule, const CompiledNetwork& network,
                  PlanOptions options, MemoryPlan& plan) {
  Planner().plan_segment(graph, segment, schedule, network, options, plan);
}

}  // namespace sheaf::memory_plan
