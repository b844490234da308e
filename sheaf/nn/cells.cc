// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/cells.h"

namespace sheaf::nn {

using graph::CellBuilder;
using graph::Value;

LstmState lstm_step(CellBuilder& cell, Value x, LstmState before) {
  const auto [h, c] = before;
  const std::uint32_t hidden = h.width();
  const auto f = sigmoid(cell.affine(hidden, {{"U_f", x}, {"W_f", h}}, "b_f"));
  const auto i = sigmoid(cell.affine(hidden, {{"U_i", x}, {"W_i", h}}, "b_i"));
  const auto o = sigmoid(cell.affine(hidden, {{"U_o", x}, {"W_o", h}}, "b_o"));
  const auto g = tanh(cell.affine(hidden, {{"U_g", x}, {"W_g", h}}, "b_g"));
  const auto c_new = i * g + f * c;
  return {o * tanh(c_new), c_new};
}

Value gru_step(CellBuilder& cell, Value x, Value h) {
  const std::uint32_t hidden = h.width();
  const auto r = sigmoid(cell.affine(hidden, {{"U_r", h}, {"W_r", x}}, "b_r"));
  const auto z = sigmoid(cell.affine(hidden, {{"U_z", h}, {"W_z", x}}, "b_z"));
  const auto c = tanh(cell.affine(hidden, {{"U_c", r * h}, {"W_c", x}}, "b_c"));
  return z * h + one_minus(z) * c;
}

std::shared_ptr<const graph::Cell> classifier(const std::string& name, std::uint32_t hidden,
                                              std::uint32_t classes) {
  CellBuilder cell(name);
  const auto h = cell.input("h", hidden);
  cell.output(log_softmax(cell.affine(classes, {{"V", h}})));
  return std::make_shared<const graph::Cell>(cell.build());
}

}  // namespace sheaf::nn
