// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/lattice_model.h"

namespace sheaf::nn {

// Its cells, which lattice_lstm_bi shares: the learned state (outputs h, c), and the step along an
// arc.
[[nodiscard]] graph::Cell lattice_lstm_start(std::uint32_t hidden);
[[nodiscard]] graph::Cell lattice_lstm_arc(std::uint32_t hidden);

// Lattice-LSTM as in ED-Batch's benchmark (after Zhang and Yang, ACL 2018): one LSTM step per arc.
// Equations: docs/models.md.
class LatticeLstm final : public LatticeModel {
 public:
  explicit LatticeLstm(const ModelOptions& options);
};

}  // namespace sheaf::nn
