// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

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

// The steps of a layer, calls `first` to `first + steps - 1` in the order in which they run.
struct LstmSteps {
  graph::NodeId first;
  std::uint32_t steps;
  Direction direction;

  // The call that reads input i.
  [[nodiscard]] graph::NodeId operator[](std::uint32_t i) const {
    return first + (direction == Direction::from_left ? i : steps - 1 - i);
  }
};

// Appends the steps of a stack over rows of its table (layer 1 made of lookup_lstm_cell). Returns
// layer 2; h is port 0.
LstmSteps append_lookup_stack(const LstmStack& stack, std::span<const std::uint32_t> rows,
                              Direction direction, graph::Graph& graph);
// The same over port 0 of calls (layer 1 made of lstm_cell).
LstmSteps append_reading_stack(const LstmStack& stack, std::span<const graph::NodeId> inputs,
                               Direction direction, graph::Graph& graph);

}  // namespace sheaf::nn
