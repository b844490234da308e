// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/graph/parameter.h"

namespace sheaf::train {

// Gives every parameter of `to` but data (nn::is_data()) the value and encoding that `from` has
// under its name; what else `from` has is left out. A model that is trained has losses and
// gradients in its network; its weights are measured and saved with another that has none. Throws
// NotFoundError for a name that `from` lacks, UsageError for another shape.
void copy_weights(const graph::ParameterStore& from, graph::ParameterStore& to);

}  // namespace sheaf::train
