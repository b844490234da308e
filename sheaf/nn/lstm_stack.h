// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sheaf/graph/graph.h"

namespace sheaf::nn {

// LSTM steps (lstm_step of cells.h) of size `hidden`. Outputs: h, c. The state is two repeated
// inputs with no operand at the first step, that is 0, and one at every other.
// x: an input of `width` columns.
[[nodiscard]] std::shared_ptr<const graph::Cell> lstm_cell(const std::string& name,
                                                           std::uint32_t width,
                                                           std::uint32_t hidden);
// x: a row of the table in slot `table`.
[[nodiscard]] std::shared_ptr<const graph::Cell> lookup_lstm_cell(const std::string& name,
                                                                  const std::string& table,
                                                                  std::uint32_t hidden);

// Two LSTM layers of one direction: a batch type for each.
struct LstmStack {
  graph::TypeId layer1;
  graph::TypeId layer2;
};

enum class Direction { from_left, from_right };

// Appends the steps of a stack over rows of its table (layer 1 made of lookup_lstm_cell) or over
// results (made of lstm_cell). Returns layer 2's states, h, in the order of the inputs.
std::vector<graph::Operand> append_stack(const LstmStack& stack,
                                         std::span<const std::uint32_t> rows, Direction direction,
                                         graph::Graph& graph);
std::vector<graph::Operand> append_stack(const LstmStack& stack,
                                         std::span<const graph::Operand> inputs,
                                         Direction direction, graph::Graph& graph);

}  // namespace sheaf::nn
