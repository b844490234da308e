// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/nn/tree_model.h"

namespace sheaf::nn {

// Binary Tree-GRU as in ED-Batch's benchmark: a gated step from each child, and the mean of the
// two. Equations: docs/models.md.
class TreeGru final : public TreeModel {
 public:
  explicit TreeGru(const ModelOptions& options);
};

}  // namespace sheaf::nn
