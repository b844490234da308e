// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/lattice_model.h"

namespace sheaf::nn {

// Lattice-LSTM as in ED-Batch's benchmark (after Zhang and Yang, ACL 2018): one LSTM step per arc.
// Equations: docs/models.md.
class LatticeLstm final : public LatticeModel {
 public:
  explicit LatticeLstm(const ModelOptions& options);
};

}  // namespace sheaf::nn
