// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/lifetimes.h"

#include <algorithm>

namespace sheaf::memory_plan {
namespace {

using graph::Operand;

// What one input of a batch asks for.
class Wishes {
 public:
  Wishes(const graph::Graph& graph, const CompiledNetwork& network, std::uint32_t first_batch,
         const MemoryPlan& plan)
      : graph_(graph), network_(network), first_batch_(first_batch), plan_(plan) {
    first_output_ = plan.batches[first_batch].first_output;
    const BatchPlan& last = plan.batches.back();
    const std::size_t outputs =
        last.first_output + network.types[last.type].port_column.size() - first_output_;
    neighbours_.next.assign(outputs, kNoOutput);
    neighbours_.previous.assign(outputs, kNoOutput);
  }

  void ask(const BatchPlan& batch, std::uint32_t input) {
    pairs_.clear();
    const auto nodes = plan_.nodes(batch);
    Operand before = graph_.operands(nodes[0])[input];
    for (const graph::NodeId node : nodes.subspan(1)) {
      const Operand operand = graph_.operands(node)[input];
      if (!follows(before, operand)) return;
      before = operand;
    }
    for (const auto& [left, right] : pairs_) {
      if (neighbours_.next[left] != kNoOutput || neighbours_.previous[right] != kNoOutput) continue;
      neighbours_.next[left] = right;
      neighbours_.previous[right] = left;
    }
  }

  Neighbours take() { return std::move(neighbours_); }

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
    if (left < first_batch_ || left > right || plan_.row_of[operand.node] != 0 ||
        plan_.row_of[before.node] + 1 != a.rows || column_of(a, before) != column) {
      return false;
    }
    pairs_.emplace_back(a.first_output + before.port - first_output_,
                        b.first_output + operand.port - first_output_);
    return true;
  }

  [[nodiscard]] std::uint16_t column_of(const BatchPlan& batch, Operand operand) const {
    return network_.types[batch.type].port_column[operand.port];
  }

  const graph::Graph& graph_;
  const CompiledNetwork& network_;
  std::uint32_t first_batch_;
  const MemoryPlan& plan_;
  std::uint32_t first_output_ = 0;
  Neighbours neighbours_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_;
};

}  // namespace

void find_lifetimes(const graph::Graph& graph, const CompiledNetwork& network,
                    std::uint32_t first_batch, MemoryPlan& plan) {
  for (auto b = first_batch; b < plan.batches.size(); ++b) {
    const BatchPlan& batch = plan.batches[b];
    const std::size_t ports = network.types[batch.type].port_column.size();
    // A result that nobody reads lives while it is written.
    plan.last_reader.resize(batch.first_value + ports * batch.rows, b);
    for (const graph::NodeId node : plan.nodes(batch)) {
      for (const Operand& operand : graph.operands(node)) plan.last_reader[plan.value(operand)] = b;
    }
  }
  const auto keep = [&](Operand operand) {
    if (plan.batch_of[operand.node] >= first_batch) {
      plan.last_reader[plan.value(operand)] = MemoryPlan::kKept;
    }
  };
  for (const Operand& operand : graph.outputs()) keep(operand);
  for (const Operand& operand : graph.decoded()) keep(operand);
}

Neighbours find_neighbours(const graph::Graph& graph, const CompiledNetwork& network,
                           std::uint32_t first_batch, const MemoryPlan& plan) {
  Wishes wishes(graph, network, first_batch, plan);
  for (auto b = first_batch; b < plan.batches.size(); ++b) {
    const BatchPlan& batch = plan.batches[b];
    if (batch.rows == 1) continue;
    const std::uint32_t inputs = inputs_of_one_operand(graph, plan.nodes(batch));
    for (std::uint32_t input = 0; input < inputs; ++input) wishes.ask(batch, input);
  }
  return wishes.take();
}

}  // namespace sheaf::memory_plan
