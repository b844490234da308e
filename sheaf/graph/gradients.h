// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/tensor/tensor.h"

namespace sheaf::graph {

// The gradient of a loss with respect to one parameter.
struct ParameterGradient {
  // Of the parameter's stored shape: 0 where no call of the minibatch uses it; empty (0 x 0) where
  // no cell of the network does, and of tables.
  tensor::Tensor dense;
  // Of a table that is looked up: the rows that the minibatch touched, ascending, and the gradient
  // of each, [rows.size() x columns]. All others are 0.
  std::vector<std::uint32_t> rows;
  tensor::Tensor row_values;

  [[nodiscard]] bool is_sparse() const { return !rows.empty(); }
};

// By ParameterId.
using Gradients = std::vector<ParameterGradient>;

}  // namespace sheaf::graph
