// SPDX-License-Identifier: Apache-2.0
//
// Parts of cells that several models share. Equations: docs/models.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sheaf/graph/cell.h"

namespace sheaf::nn {

// State [H] and memory cell [H] of an LSTM.
struct LstmState {
  graph::Value h;
  graph::Value c;
};

// f, i, o = s(U x + W h + b), g = tanh(U x + W h + b); c' = i * g + f * c; h' = o * tanh(c').
// Slots: U_k [H x width of x], W_k [H x H] and b_k [H] for the gates k = f, i, o, g.
[[nodiscard]] LstmState lstm_step(graph::CellBuilder& cell, graph::Value x, LstmState before);

// r, z = s(U h + W x + b), c = tanh(U_c (r * h) + W_c x + b_c); h' = z * h + (1 - z) * c.
// Slots: U_k [H x H], W_k [H x width of x] and b_k [H] for k = r, z, c.
[[nodiscard]] graph::Value gru_step(graph::CellBuilder& cell, graph::Value x, graph::Value h);

// log-softmax(V h): input h [H], slot V [classes x H].
[[nodiscard]] std::shared_ptr<const graph::Cell> classifier(const std::string& name,
                                                            std::uint32_t hidden,
                                                            std::uint32_t classes);

}  // namespace sheaf::nn
