// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sheaf/graph/cell.h"

namespace sheaf::passes {

// What is multiplied by a mask: Srivastava et al., JMLR 2014, scaled in training, so that the cell
// without masks is the one for inference.
enum class Drop : std::uint8_t {
  lookups,  // rows of tables: the payload being the row, a word is masked alike wherever it stands
            // (Gal and Ghahramani, NIPS 2016, drop words so)
  inputs,   // inputs, repeated ones when they are summed, of a cell that reads no payload: who
            // adds its nodes gives each its own
};

inline constexpr const char* kDropoutKey = "dropout.key";

// The cell with the values that `what` names masked with probability p: the masks are a function of
// the two numbers in slot kDropoutKey [1 x 2], of the payload and of the column. Values that are
// matrices are left alone. The cell itself where there is nothing to mask.
[[nodiscard]] graph::Cell with_dropout(const graph::Cell& cell, Drop what, float p);

}  // namespace sheaf::passes
