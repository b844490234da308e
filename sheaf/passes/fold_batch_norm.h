// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/graph/network.h"

namespace sheaf::passes {

// Folds what follows a convolution into its weights: a cell that computes
//
//   add_row(mul_row(conv2d(x; W, b), scale), shift)
//
// (or with depthwise_conv2d), where scale and shift are computed from parameters and constants
// alone, as batch normalisation by running statistics does, becomes one that computes
// conv2d(x; W', b'), with row o of W' being scale_o times that of W and b' = scale b + shift.
//
// Adds the type "NAME.folded" of that cell to the network, with the parameters "NAME.folded.SLOT"
// for W' and b' ("NAME.folded.SLOT.2" and so on where a slot is folded more than once), computed in
// double precision from the values that there are now; all other parameters are those of `type`.
// Values of the cell that are no longer used stay and are dropped when it is compiled. Folds every
// such place; throws UsageError where there is none, where a parameter has no value, or where the
// network has a type of that name. Sessions have to be compiled again.
graph::TypeId fold_batch_norm(graph::Network& network, graph::TypeId type);

// The network with the cells of all types folded where there is something to fold, under their own
// names and ids; parameters keep theirs, too, those that are new come after them. Types of which a
// "NAME.folded" has been made stay as they are. Throws UsageError where a parameter has no value.
[[nodiscard]] graph::Network fold_batch_norms(const graph::Network& network);

}  // namespace sheaf::passes
