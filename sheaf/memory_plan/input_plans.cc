// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/input_plans.h"

namespace sheaf::memory_plan {
namespace {

std::uint64_t bytes_of(const graph::CellInput& input, std::size_t nodes) {
  return nodes * value_floats(input.rows, input.width) * sizeof(float);
}

}  // namespace

void InputPlanner::plan(const graph::Graph& graph, const CompiledNetwork& network,
                        const Reads& reads, From from, MemoryPlan& plan) {
  list_offsets(network, reads, from.first_batch, plan);
  const std::uint32_t first_node = plan.batches[from.first_batch].first_node;
  for (auto b = from.first_batch; b < plan.batches.size(); ++b) {
    const BatchPlan& batch = plan.batches[b];
    const CompiledCell& cell = *network.types[batch.type].cell;
    const auto inputs = static_cast<std::uint32_t>(cell.inputs.size());
    const std::uint32_t single = reads.single_inputs(b - from.first_batch);
    const std::uint32_t row = batch.first_node - first_node;
    const auto operands = graph.operands(plan.order[batch.first_node]);
    for (std::uint32_t input = 0; input < inputs; ++input) {
      if (input >= single) {
        plan.inputs.push_back(plan_sum(reads, {row, batch.rows}, cell, input, plan));
        plan.copied_bytes += bytes_of(cell.inputs[input], batch.rows);
        continue;
      }
      const graph::TypeId source = graph.type(operands[input].node);
      const std::uint32_t port = operands[input].port;
      const bool table = network.types[source].in_table(port);
      plan.inputs.push_back(plan_single(column_of(reads, row, batch.rows, input, single == inputs),
                                        table ? 0 : network.stride(source, port),
                                        cell.inputs[input], from.layout, plan));
    }
  }
}

// Where every value of the batches from `first_batch` on lies, and what they read of earlier ones.
void InputPlanner::list_offsets(const CompiledNetwork& network, const Reads& reads,
                                std::uint32_t first_batch, const MemoryPlan& plan) {
  offsets_.resize(reads.values() + reads.earlier().size());
  Offset* first = offsets_.data();
  for (std::size_t b = first_batch; b < plan.batches.size(); ++b) {
    const BatchPlan& batch = plan.batches[b];
    const std::uint32_t ports = network.ports(batch.type);
    for (std::uint32_t port = 0; port < ports; ++port) {
      if (network.types[batch.type].in_table(port)) {
        for (std::uint32_t row = 0; row < batch.rows; ++row) {
          first[row * ports + port] =
              plan.offset(network, {plan.order[batch.first_node + row], port});
        }
        continue;
      }
      const Offset begin = plan.outputs[batch.first_output + port];
      const Offset stride = network.stride(batch.type, port);
      for (std::uint32_t row = 0; row < batch.rows; ++row) {
        first[row * ports + port] = begin + row * stride;
      }
    }
    first += batch.rows * ports;
  }
  for (const graph::Operand& operand : reads.earlier()) *first++ = plan.offset(network, operand);
}

InputPlanner::Column InputPlanner::column_of(const Reads& reads, std::uint32_t first_row,
                                             std::uint32_t rows, std::uint32_t input,
                                             bool uniform) {
  if (uniform) {
    const auto first = reads.of_row(first_row);
    return {first.data() + input, static_cast<std::uint32_t>(first.size()), rows};
  }
  column_.resize(rows);
  for (std::uint32_t row = 0; row < rows; ++row) {
    column_[row] = reads.of_row(first_row + row)[input];
  }
  return {column_.data(), 1, rows};
}

// In place when every row lies one stride after the row before. A matrix is too large to copy for
// the sake of its neighbours.
InputPlan InputPlanner::plan_single(const Column& column, Offset stride,
                                    const graph::CellInput& given, LayoutMode layout,
                                    MemoryPlan& plan) const {
  const Offset* const offsets = offsets_.data();
  const Offset begin = offsets[*column.first];
  if (layout == LayoutMode::planned && stride != 0) {
    std::uint32_t row = 1;
    const auto is_in_place = [&] {
      return offsets[column.first[row * column.step]] == begin + row * stride;
    };
    while (row < column.rows && is_in_place()) ++row;
    if (row == column.rows) return {InputPlan::Kind::in_place, begin};
  }
  const std::uint64_t at = plan.gather_offsets.size();
  plan.gather_offsets.resize(at + column.rows);
  Offset* const to = plan.gather_offsets.data() + at;
  for (std::uint32_t row = 0; row < column.rows; ++row) {
    to[row] = offsets[column.first[row * column.step]];
  }
  if (layout == LayoutMode::planned && given.rows > 1) return {InputPlan::Kind::indirect, at};
  plan.copied_bytes += bytes_of(given, column.rows);
  return {InputPlan::Kind::gathered, at};
}

InputPlan InputPlanner::plan_sum(const Reads& reads, Rows rows, const CompiledCell& cell,
                                 std::uint32_t input, MemoryPlan& plan) const {
  const auto step = static_cast<std::uint32_t>(cell.inputs.size()) - cell.fixed_inputs;
  const std::uint64_t at = plan.sum_begin.size();
  plan.sum_begin.resize(at + rows.count + 1);
  std::uint64_t* begin = plan.sum_begin.data() + at;
  std::uint64_t end = plan.gather_offsets.size();
  plan.gather_offsets.resize(
      end + (reads.count(rows.first, rows.count) - rows.count * cell.fixed_inputs) / step);
  Offset* const offsets = plan.gather_offsets.data();
  for (std::uint32_t row = 0; row < rows.count; ++row) {
    *begin++ = end;
    const auto read = reads.of_row(rows.first + row);
    for (std::size_t i = input; i < read.size(); i += step) offsets[end++] = offsets_[read[i]];
  }
  *begin = end;
  return {InputPlan::Kind::summed, at};
}

}  // namespace sheaf::memory_plan
