// SPDX-License-Identifier: Apache-2.0
//
// Cells of the textbooks, typed from primitives by somebody who does not think of memory:
// parameters come in the order in which they came to mind. The engine lays them out.
#pragma once

#include "sheaf/graph/cell.h"

namespace sheaf::examples {

// One step of an LSTM over an embedded word (Hochreiter and Schmidhuber, 1997, with forget gates).
// Ports: h, c.
inline graph::Cell typed_lstm(std::uint32_t hidden) {
  graph::CellBuilder cell("typed_lstm");
  const auto x = cell.lookup("embedding", hidden);
  const auto h = cell.repeated_input("h", hidden);  // no operand: 0
  const auto c = cell.repeated_input("c", hidden);
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", x}, {"W_o", h}}, "b_o"));
  const auto g = tanh(cell.affine(hidden, {{"U_g", x}, {"W_g", h}}, "b_g"));
  const auto f = sigmoid(cell.affine(hidden, {{"U_f", x}, {"W_f", h}}, "b_f"));
  const auto kept = f * c;
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", x}, {"W_i", h}}, "b_i"));
  const auto c_new = i * g + kept;
  return cell.output(o * tanh(c_new)).output(c_new).build();
}

// One step of a GRU (Cho et al., 2014).
inline graph::Cell typed_gru(std::uint32_t hidden) {
  graph::CellBuilder cell("typed_gru");
  const auto x = cell.lookup("embedding", hidden);
  const auto h = cell.repeated_input("h", hidden);
  const auto z = sigmoid(cell.affine(hidden, {{"W_z", x}, {"U_z", h}}, "b_z"));
  const auto r = sigmoid(cell.affine(hidden, {{"W_r", x}, {"U_r", h}}, "b_r"));
  const auto c = tanh(cell.affine(hidden, {{"U_c", r * h}, {"W_c", x}}, "b_c"));
  return cell.output(z * h + one_minus(z) * c).build();
}

// One layer of a highway network (Srivastava et al., 2015) over the state so far.
inline graph::Cell typed_highway(std::uint32_t hidden) {
  graph::CellBuilder cell("typed_highway");
  const auto x = cell.lookup("embedding", hidden);
  const auto h = cell.repeated_input("h", hidden);
  const auto t = sigmoid(cell.affine(hidden, {{"T_h", h}, {"T_x", x}}, "b_t"));
  const auto y = tanh(cell.affine(hidden, {{"H_h", h}, {"H_x", x}}, "b_h"));
  return cell.output(t * y + one_minus(t) * h).build();
}

}  // namespace sheaf::examples
