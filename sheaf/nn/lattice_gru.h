// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/lattice_model.h"

namespace sheaf::nn {

// Lattice-GRU as in ED-Batch's benchmark: one GRU step per arc. Equations: docs/models.md.
class LatticeGru final : public LatticeModel {
 public:
  explicit LatticeGru(const ModelOptions& options);
};

}  // namespace sheaf::nn
