// SPDX-License-Identifier: Apache-2.0
//
// Cells from primitives, for tests of what a cell is compiled to.
#pragma once

#include "sheaf/graph/cell.h"

namespace sheaf::test {

inline graph::Cell lstm_cell(std::uint32_t hidden) {
  graph::CellBuilder cell("lstm");
  const auto x = cell.input("x", hidden);
  const auto h = cell.input("h", hidden);
  const auto c = cell.input("c", hidden);
  const auto f = sigmoid(cell.affine(hidden, {{"U_f", x}, {"W_f", h}}, "b_f"));
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", x}, {"W_i", h}}, "b_i"));
  const auto g = tanh(cell.affine(hidden, {{"U_g", x}, {"W_g", h}}, "b_g"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", x}, {"W_o", h}}, "b_o"));
  const auto c_new = i * g + f * c;
  return cell.output(o * tanh(c_new)).output(c_new).build();
}

// Gates without biases of the one input; parameters are declared one after the other, in the order
// of the gates.
inline graph::Cell tidy_cell(std::uint32_t hidden) {
  graph::CellBuilder cell("tidy");
  const auto x = cell.input("x", hidden);
  const auto a = sigmoid(cell.affine(hidden, {{"W_a", x}}));
  const auto b = sigmoid(cell.affine(hidden, {{"W_b", x}}));
  return cell.output(a * b).build();
}

// The same with its parameters declared in another order, by a value that nobody needs.
inline graph::Cell shuffled_cell(std::uint32_t hidden) {
  graph::CellBuilder cell("shuffled");
  const auto x = cell.input("x", hidden);
  cell.affine(hidden, {{"W_b", x}});
  const auto a = sigmoid(cell.affine(hidden, {{"W_a", x}}));
  const auto b = sigmoid(cell.affine(hidden, {{"W_b", x}}));
  return cell.output(a * b).build();
}

inline graph::Cell gru_cell(std::uint32_t hidden) {
  graph::CellBuilder cell("gru");
  const auto x = cell.input("x", hidden);
  const auto h = cell.input("h", hidden);
  const auto r = sigmoid(cell.affine(hidden, {{"W_r", x}, {"U_r", h}}, "b_r"));
  const auto z = sigmoid(cell.affine(hidden, {{"W_z", x}, {"U_z", h}}, "b_z"));
  const auto c = tanh(cell.affine(hidden, {{"W_c", x}, {"U_c", r * h}}, "b_c"));
  return cell.output(z * h + one_minus(z) * c).build();
}

inline graph::Cell tree_lstm_cell(std::uint32_t hidden) {
  graph::CellBuilder cell("tree_lstm");
  const auto h1 = cell.input("h1", hidden);
  const auto c1 = cell.input("c1", hidden);
  const auto h2 = cell.input("h2", hidden);
  const auto c2 = cell.input("c2", hidden);
  const auto e = concat(h1, h2);
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", e}}, "b_i"));
  const auto u = tanh(cell.affine(hidden, {{"U_u", e}}, "b_u"));
  const auto f1 = sigmoid(cell.affine(hidden, {{"F_1", h1}}, "b_f"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", e}}, "b_o"));
  const auto f2 = sigmoid(cell.affine(hidden, {{"F_2", h2}}, "b_f"));
  const auto c = i * u + f1 * c1 + f2 * c2;
  return cell.output(o * tanh(c)).output(c).build();
}

// Both children's gates and candidates are batches across two products.
inline graph::Cell tree_gru_cell(std::uint32_t hidden) {
  graph::CellBuilder cell("tree_gru");
  const auto h1 = cell.input("h1", hidden);
  const auto h2 = cell.input("h2", hidden);
  const auto r1 = sigmoid(cell.affine(hidden, {{"U_r1", h1}}, "b_r"));
  const auto r2 = sigmoid(cell.affine(hidden, {{"U_r2", h2}}, "b_r"));
  const auto z1 = sigmoid(cell.affine(hidden, {{"U_z1", h1}}, "b_z"));
  const auto z2 = sigmoid(cell.affine(hidden, {{"U_z2", h2}}, "b_z"));
  const auto c1 = tanh(cell.affine(hidden, {{"U_c1", r1 * h1}}, "b_c"));
  const auto c2 = tanh(cell.affine(hidden, {{"U_c2", r2 * h2}}, "b_c"));
  const auto sum = z1 * h1 + z2 * h2 + one_minus(z1) * c1 + one_minus(z2) * c2;
  return cell.output(sum * cell.constant(0.5F, hidden)).build();
}

}  // namespace sheaf::test
