// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/paper_cells.h"

#include <utility>

namespace sheaf::study {
namespace {

using graph::Cell;
using graph::CellBuilder;

Cell gru(std::uint32_t hidden) {
  CellBuilder cell("gru");
  const auto x = cell.input("x", hidden);
  const auto h = cell.input("h", hidden);
  const auto r = sigmoid(cell.affine(hidden, {{"W_r", x}, {"U_r", h}}, "b_r"));
  const auto z = sigmoid(cell.affine(hidden, {{"W_z", x}, {"U_z", h}}, "b_z"));
  const auto c = tanh(cell.affine(hidden, {{"W_c", x}, {"U_c", r * h}}, "b_c"));
  return cell.output(z * h + one_minus(z) * c).build();
}

Cell lstm(std::uint32_t hidden) {
  CellBuilder cell("lstm");
  const auto x = cell.input("x", hidden);
  const auto h = cell.input("h", hidden);
  const auto c = cell.input("c", hidden);
  const auto f = sigmoid(cell.affine(hidden, {{"U_f", x}, {"W_f", h}}, "b_f"));
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", x}, {"W_i", h}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", x}, {"W_o", h}}, "b_o"));
  const auto g = tanh(cell.affine(hidden, {{"U_g", x}, {"W_g", h}}, "b_g"));
  const auto c_new = i * g + f * c;
  return cell.output(o * tanh(c_new)).output(c_new).build();
}

Cell mv(std::uint32_t hidden) {
  CellBuilder cell("mv");
  const auto v1 = cell.input("v1", hidden);
  const auto m1 = cell.matrix_input("m1", hidden, hidden);
  const auto v2 = cell.input("v2", hidden);
  const auto m2 = cell.matrix_input("m2", hidden, hidden);
  const auto v =
      tanh(cell.affine(hidden, {{"W_v", concat(matvec(m1, v2), matvec(m2, v1))}}, "b_v"));
  return cell.output(v).output(cell.affine(hidden, {{"W_m", concat(m1, m2)}}, "b_m")).build();
}

Cell tree_gru_internal(std::uint32_t hidden) {
  CellBuilder cell("tree_gru_internal");
  const auto h1 = cell.input("h1", hidden);
  const auto h2 = cell.input("h2", hidden);
  const auto r1 = sigmoid(cell.affine(hidden, {{"U_r1", h1}}, "b_r"));
  const auto r2 = sigmoid(cell.affine(hidden, {{"U_r2", h2}}, "b_r"));
  const auto z1 = sigmoid(cell.affine(hidden, {{"U_z1", h1}}, "b_z"));
  const auto z2 = sigmoid(cell.affine(hidden, {{"U_z2", h2}}, "b_z"));
  const auto c1 = tanh(cell.affine(hidden, {{"U_c1", r1 * h1}}, "b_c"));
  const auto c2 = tanh(cell.affine(hidden, {{"U_c2", r2 * h2}}, "b_c"));
  const auto kept = z1 * h1 + z2 * h2;
  const auto fresh = one_minus(z1) * c1 + one_minus(z2) * c2;
  return cell.output((kept + fresh) * cell.constant(0.5F, hidden)).build();
}

Cell tree_gru_leaf(std::uint32_t hidden) {
  CellBuilder cell("tree_gru_leaf");
  const auto x = cell.input("x", hidden);
  const auto r = sigmoid(cell.affine(hidden, {{"U_r", x}}, "b_r"));
  const auto z = sigmoid(cell.affine(hidden, {{"U_z", x}}, "b_z"));
  const auto c = tanh(cell.affine(hidden, {{"U_c", r * x}}, "b_c"));
  return cell.output(z * x + one_minus(z) * c).build();
}

Cell tree_lstm_internal(std::uint32_t hidden) {
  CellBuilder cell("tree_lstm_internal");
  const auto h1 = cell.input("h1", hidden);
  const auto c1 = cell.input("c1", hidden);
  const auto h2 = cell.input("h2", hidden);
  const auto c2 = cell.input("c2", hidden);
  const auto e = concat(h1, h2);
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", e}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", e}}, "b_o"));
  const auto u = tanh(cell.affine(hidden, {{"U_u", e}}, "b_u"));
  const auto f1 = sigmoid(cell.affine(hidden, {{"F_1", h1}}, "b_f"));
  const auto f2 = sigmoid(cell.affine(hidden, {{"F_2", h2}}, "b_f"));
  const auto c = i * u + f1 * c1 + f2 * c2;
  return cell.output(o * tanh(c)).output(c).build();
}

Cell tree_lstm_leaf(std::uint32_t hidden) {
  CellBuilder cell("tree_lstm_leaf");
  const auto x = cell.input("x", hidden);
  const auto i = sigmoid(cell.affine(hidden, {{"W_i", x}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"W_o", x}}, "b_o"));
  const auto u = tanh(cell.affine(hidden, {{"W_u", x}}, "b_u"));
  const auto c = i * u;
  return cell.output(o * tanh(c)).output(c).build();
}

}  // namespace

std::vector<PaperCell> paper_cells(std::uint32_t hidden) {
  return {{"GRUCell", gru(hidden)},
          {"LSTMCell", lstm(hidden)},
          {"MVCell", mv(hidden)},
          {"TreeGRU-Internal", tree_gru_internal(hidden)},
          {"TreeGRU-Leaf", tree_gru_leaf(hidden)},
          {"TreeLSTM-Internal", tree_lstm_internal(hidden)},
          {"TreeLSTM-Leaf", tree_lstm_leaf(hidden)}};
}

}  // namespace sheaf::study
