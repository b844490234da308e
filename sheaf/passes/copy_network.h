// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/graph/network.h"

namespace sheaf::passes {

// The same types and parameters under the same names and ids, with copies of the values. Cells are
// shared.
[[nodiscard]] graph::Network copy_network(const graph::Network& network);

[[nodiscard]] tensor::Tensor copy_tensor(const tensor::Tensor& tensor);

}  // namespace sheaf::passes
