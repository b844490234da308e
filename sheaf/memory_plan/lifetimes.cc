// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/lifetimes.h"

#include <algorithm>

namespace sheaf::memory_plan {
using graph::Operand;

// What the inputs of batches ask for.
class Wishes {
 public:
  Wishes(const graph::Graph& graph, const CompiledNetwork& network, const MemoryPlan& plan,
         Neighbours& neighbours)
      : graph_(graph), network_(network), plan_(plan), neighbours_(neighbours) {
    neighbours.next_.assign(plan.outputs.size(), kNoOutput);
    neighbours.previous_.assign(plan.outputs.size(), kNoOutput);
  }

  void ask(const BatchPlan& batch, std::uint32_t input) {
    const auto nodes = plan_.nodes(batch);
    Operand before = graph_.operands(nodes.front())[input];
    const Operand last = graph_.operands(nodes.back())[input];
    if (plan_.batch_of[before.node] == plan_.batch_of[last.node])
      return;  // one result, or no range
    auto& pairs = neighbours_.pairs_;
    pairs.clear();
    for (const graph::NodeId node : nodes.subspan(1)) {
      const Operand operand = graph_.operands(node)[input];
      if (!follows(before, operand)) return;
      before = operand;
    }
    for (const auto& [left, right] : pairs) {
      if (neighbours_.next_[left] != kNoOutput || neighbours_.previous_[right] != kNoOutput) {
        continue;
      }
      neighbours_.next_[left] = right;
      neighbours_.previous_[right] = left;
    }
  }

 private:
  // Whether `operand` lies, or may be made to lie, one row after `before`.
  bool follows(Operand before, Operand operand) {
    const std::uint32_t left = plan_.batch_of[before.node];
    const std::uint32_t right = plan_.batch_of[operand.node];
    const BatchPlan& a = plan_.batches[left];
    const BatchPlan& b = plan_.batches[right];
    const std::uint16_t column = column_of(b, operand);
    if (before.port != operand.port || column == CompiledType::kNoColumn) return false;
    if (left == right) return plan_.row_of[operand.node] == plan_.row_of[before.node] + 1;
    if (left > right || plan_.row_of[operand.node] != 0 ||
        plan_.row_of[before.node] + 1 != a.rows || column_of(a, before) != column) {
      return false;
    }
    neighbours_.pairs_.emplace_back(a.first_output + before.port, b.first_output + operand.port);
    return true;
  }

  [[nodiscard]] std::uint16_t column_of(const BatchPlan& batch, Operand operand) const {
    return network_.types[batch.type].port_column[operand.port];
  }

  const graph::Graph& graph_;
  const CompiledNetwork& network_;
  const MemoryPlan& plan_;
  Neighbours& neighbours_;
};

void find_lifetimes(const graph::Graph& graph, const CompiledNetwork& network, MemoryPlan& plan) {
  plan.first_value.resize(plan.order.size());
  std::uint32_t* const first_value = plan.first_value.data();
  for (std::uint32_t b = 0; b < plan.batches.size(); ++b) {
    const BatchPlan& batch = plan.batches[b];
    const auto ports = static_cast<std::uint32_t>(network.types[batch.type].port_column.size());
    auto value = static_cast<std::uint32_t>(plan.last_reader.size());
    // A result that nobody reads lives while it is written.
    plan.last_reader.resize(value + std::size_t{ports} * batch.rows, b);
    std::uint32_t* const last_reader = plan.last_reader.data();
    for (const graph::NodeId node : plan.nodes(batch)) {
      first_value[node] = value;
      value += ports;
      for (const Operand& operand : graph.operands(node)) {
        last_reader[first_value[operand.node] + operand.port] = b;
      }
    }
  }
  const auto keep = [&](Operand operand) {
    plan.last_reader[plan.value(operand)] = MemoryPlan::kKept;
  };
  for (const Operand& operand : graph.outputs()) keep(operand);
  for (const Operand& operand : graph.decoded()) keep(operand);
}

void Neighbours::find(const graph::Graph& graph, const CompiledNetwork& network,
                      const MemoryPlan& plan) {
  Wishes wishes(graph, network, plan, *this);
  for (const BatchPlan& batch : plan.batches) {
    if (batch.rows == 1) continue;
    const std::uint32_t inputs = inputs_of_one_operand(graph, plan.nodes(batch));
    for (std::uint32_t input = 0; input < inputs; ++input) wishes.ask(batch, input);
  }
}

}  // namespace sheaf::memory_plan
