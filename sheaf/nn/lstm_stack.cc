// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lstm_stack.h"

#include <optional>

#include "sheaf/nn/cells.h"

namespace sheaf::nn {
namespace {

using graph::Cell;
using graph::CellBuilder;
using graph::NodeId;
using graph::Operand;
using graph::Value;

std::shared_ptr<const Cell> finish(CellBuilder& cell, Value x, std::uint32_t hidden) {
  const auto h = cell.repeated_input("h", hidden);
  const auto c = cell.repeated_input("c", hidden);
  const auto [h_new, c_new] = lstm_step(cell, x, {h, c});
  return std::make_shared<const Cell>(cell.output(h_new).output(c_new).build());
}

// One layer; `add(i, state)` adds the step that reads input i after `state`, which is empty or h
// and c.
template <typename Add>
std::vector<Operand> append_layer(std::uint32_t steps, Direction direction, Add add) {
  std::vector<Operand> states(steps);
  Operand before[2];
  for (std::uint32_t t = 0; t < steps; ++t) {
    const std::uint32_t i = direction == Direction::from_left ? t : steps - 1 - t;
    const NodeId step = add(i, std::span<const Operand>(before, t == 0 ? 0 : 2));
    before[0] = {step, 0};
    before[1] = {step, 1};
    states[i] = {step, 0};
  }
  return states;
}

std::vector<Operand> append_reading_layer(graph::TypeId layer, std::span<const Operand> inputs,
                                          Direction direction, graph::Graph& graph) {
  return append_layer(static_cast<std::uint32_t>(inputs.size()), direction,
                      [&](std::uint32_t i, std::span<const Operand> state) {
                        Operand operands[3] = {inputs[i]};
                        std::copy(state.begin(), state.end(), operands + 1);
                        return graph.add(layer, std::span(operands, 1 + state.size()));
                      });
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

std::vector<Operand> append_stack(const LstmStack& stack, std::span<const std::uint32_t> rows,
                                  Direction direction, graph::Graph& graph) {
  const auto layer1 = append_layer(static_cast<std::uint32_t>(rows.size()), direction,
                                   [&](std::uint32_t i, std::span<const Operand> state) {
                                     return graph.add(stack.layer1, state, rows[i]);
                                   });
  return append_reading_layer(stack.layer2, layer1, direction, graph);
}

std::vector<Operand> append_stack(const LstmStack& stack, std::span<const Operand> inputs,
                                  Direction direction, graph::Graph& graph) {
  const auto layer1 = append_reading_layer(stack.layer1, inputs, direction, graph);
  return append_reading_layer(stack.layer2, layer1, direction, graph);
}

}  // namespace sheaf::nn
