// SPDX-License-Identifier: Apache-2.0
//
// Cells of the layers of a LayerList.
#pragma once

#include "sheaf/graph/cell.h"
#include "sheaf/nn/layer_list.h"

namespace sheaf::nn {

// What a layer reads.
struct LayerOperand {
  std::uint32_t height;
  std::uint32_t width;
  std::uint32_t channels;
  const char* table = nullptr;  // the table that it is a row of; nullptr: another layer's result
};

// One layer. With `layer.add` its second input is "sum", as large as its result. Throws UsageError
// where the layer does not fit.
[[nodiscard]] graph::Cell layer_cell(const ListedLayer& layer, const LayerOperand& x);

// One step of an LSTM:
//   k = s(U_k x + W_k h + p_k * c + b_k) for k = i, f; g = tanh(U_g x + W_g h + b_g);
//   c' = i * g + f * c;  o = s(U_o x + W_o h + p_o * c' + b_o);  m = o * tanh(c');  h' = W_p m.
// Without peepholes there is no p_k, without a projection h' = m. Outputs: h', c'. The state is two
// repeated inputs, with no operand at the first step. (H. Sak et al., 2014: LSTM with recurrent
// projection.)
[[nodiscard]] graph::Cell listed_lstm_cell(const ListedLayer& layer, const LayerOperand& x);

}  // namespace sheaf::nn
