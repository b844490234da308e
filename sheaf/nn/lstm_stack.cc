// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lstm_stack.h"

#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::Value;

std::shared_ptr<const Cell> finish(CellBuilder& cell, Value x, std::uint32_t hidden) {
  const auto h = cell.repeated_input("h", hidden);
  const auto c = cell.repeated_input("c", hidden);
  const auto [h_new, c_new] = lstm_step(cell, x, {h, c});
  return std::make_shared<const Cell>(cell.output(h_new).output(c_new).build());
}

// Steps of a layer made of lstm_cell over as many inputs; `input(i)` is the call whose port 0 is
// input i.
template <typename Input>
LstmSteps append_layer(graph::TypeId layer, std::uint32_t inputs, Direction direction, Input input,
                       graph::Graph& graph) {
  const LstmSteps steps{graph.size(), inputs, direction};
  for (std::uint32_t t = 0; t < inputs; ++t) {
    const auto operands = graph.append(layer, t == 0 ? 1 : 3);
    operands[0] = {input(direction == Direction::from_left ? t : inputs - 1 - t)};
    if (t == 0) continue;
    operands[1] = {steps.first + t - 1, 0};
    operands[2] = {steps.first + t - 1, 1};
  }
  return steps;
}

LstmSteps append_layer_over(graph::TypeId layer, const LstmSteps& below, graph::Graph& graph) {
  return append_layer(
      layer, below.steps, below.direction, [&](std::uint32_t i) { return below[i]; }, graph);
}

}  // namespace

std::shared_ptr<const Cell> lstm_cell(const std::string& name, std::uint32_t width,
                                      std::uint32_t hidden) {
  CellBuilder cell(name);
  return finish(cell, cell.input("x", width), hidden);
}

std::shared_ptr<const Cell> lookup_lstm_cell(const std::string& name, const std::string& table,
                                             std::uint32_t hidden) {
  CellBuilder cell(name);
  return finish(cell, cell.lookup(table, hidden), hidden);
}

LstmSteps append_lookup_stack(const LstmStack& stack, std::span<const std::uint32_t> rows,
                              Direction direction, graph::Graph& graph) {
  const auto count = static_cast<std::uint32_t>(rows.size());
  const LstmSteps layer1{graph.size(), count, direction};
  for (std::uint32_t t = 0; t < count; ++t) {
    const std::uint32_t i = direction == Direction::from_left ? t : count - 1 - t;
    const auto operands = graph.append(stack.layer1, t == 0 ? 0 : 2, rows[i]);
    if (t == 0) continue;
    operands[0] = {layer1.first + t - 1, 0};
    operands[1] = {layer1.first + t - 1, 1};
  }
  return append_layer_over(stack.layer2, layer1, graph);
}

LstmSteps append_reading_stack(const LstmStack& stack, std::span<const graph::NodeId> inputs,
                               Direction direction, graph::Graph& graph) {
  const LstmSteps layer1 = append_layer(
      stack.layer1, static_cast<std::uint32_t>(inputs.size()), direction,
      [&](std::uint32_t i) { return inputs[i]; }, graph);
  return append_layer_over(stack.layer2, layer1, graph);
}

}  // namespace sheaf::nn
