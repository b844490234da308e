// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/neighbours.h"

namespace sheaf::memory_plan {
using graph::Operand;

// What the inputs of batches ask for.
class Wishes {
 public:
  Wishes(const graph::Graph& graph, const CompiledNetwork& network, const Reads& reads,
         const MemoryPlan& plan, Neighbours& neighbours)
      : graph_(graph), network_(network), reads_(reads), plan_(plan), neighbours_(neighbours) {
    neighbours.next_.assign(plan.outputs.size(), kNoOutput);
    neighbours.previous_.assign(plan.outputs.size(), kNoOutput);
  }

  // `inputs`: operands of every row, or 0 where rows have different numbers of them.
  void ask(const BatchPlan& batch, std::uint32_t input, std::uint32_t inputs) {
    const auto nodes = plan_.nodes(batch);
    const Operand first = graph_.operands(nodes.front())[input];
    const Operand last = graph_.operands(nodes.back())[input];
    if (plan_.places[first.node].batch == plan_.places[last.node].batch) {
      return;  // one result, or no range
    }
    if (!find_pairs(batch, input, inputs)) return;
    for (const auto& [left, right] : neighbours_.pairs_) {
      if (neighbours_.next_[left] != kNoOutput || neighbours_.previous_[right] != kNoOutput) {
        continue;
      }
      neighbours_.next_[left] = right;
      neighbours_.previous_[right] = left;
    }
  }

 private:
  // The results of which the rows are one range if they are neighbours. False where they are none.
  bool find_pairs(const BatchPlan& batch, std::uint32_t input, std::uint32_t inputs) {
    neighbours_.pairs_.clear();
    const auto nodes = plan_.nodes(batch);
    std::uint32_t before = 0;  // value of the last row
    std::uint32_t end = 0;     // behind the values of its result
    std::uint32_t step = 0;    // from one row of it to the next
    Operand of{};
    for (std::uint32_t row = 0; row < batch.rows; ++row) {
      const std::uint32_t value = inputs != 0
                                      ? reads_.from_row(batch.first_node)[row * inputs + input]
                                      : reads_.of_row(batch.first_node + row)[input];
      if (row > 0 && value == before + step && value < end) {
        before = value;
        continue;
      }
      const Operand operand = graph_.operands(nodes[row])[input];
      if (row > 0 && !may_follow(of, before + step >= end, operand)) return false;
      const BatchPlan& result = plan_.batches[plan_.places[operand.node].batch];
      step = network_.ports(result.type);
      end = plan_.places[plan_.nodes(result).front()].first_value + result.rows * step;
      before = value;
      of = operand;
    }
    return true;
  }

  // Whether `operand` may be made to lie one row after the last one of a result, a row of which is
  // `of`; `at_end`: that was reached.
  bool may_follow(Operand of, bool at_end, Operand operand) {
    const MemoryPlan::Place& place = plan_.places[operand.node];
    const std::uint32_t left = plan_.places[of.node].batch;
    const std::uint32_t right = place.batch;
    const BatchPlan& a = plan_.batches[left];
    const BatchPlan& b = plan_.batches[right];
    const std::uint16_t column = column_of(b, operand);
    if (of.port != operand.port || column == CompiledType::kNoColumn || !at_end || left >= right ||
        place.row != 0 || column_of(a, of) != column) {
      return false;
    }
    neighbours_.pairs_.emplace_back(a.first_output + of.port, b.first_output + operand.port);
    return true;
  }

  [[nodiscard]] std::uint16_t column_of(const BatchPlan& batch, Operand operand) const {
    return network_.types[batch.type].port_column[operand.port];
  }

  const graph::Graph& graph_;
  const CompiledNetwork& network_;
  const Reads& reads_;
  const MemoryPlan& plan_;
  Neighbours& neighbours_;
};

void Neighbours::find(const graph::Graph& graph, const CompiledNetwork& network, const Reads& reads,
                      const MemoryPlan& plan) {
  Wishes wishes(graph, network, reads, plan, *this);
  for (std::uint32_t b = 0; b < plan.batches.size(); ++b) {
    if (plan.batches[b].rows == 1) continue;
    const std::uint32_t inputs = reads.single_inputs(b);
    const bool all = inputs == network.types[plan.batches[b].type].cell->inputs.size();
    for (std::uint32_t input = 0; input < inputs; ++input) {
      wishes.ask(plan.batches[b], input, all ? inputs : 0);
    }
  }
}

}  // namespace sheaf::memory_plan
