// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "sheaf/tensor/tensor.h"

namespace sheaf::train {

// State that a checkpoint holds, by name. The owner writes copies and takes them back.
using NamedTensors = std::map<std::string, tensor::Tensor, std::less<>>;

// A tensor that holds what `value` holds.
[[nodiscard]] tensor::Tensor copy(const tensor::Tensor& value);

// Takes a tensor of this shape out of `tensors`. Throws DataError when there is none, or one of
// another shape.
[[nodiscard]] tensor::Tensor take(NamedTensors& tensors, const std::string& name,
                                  tensor::Shape shape);

}  // namespace sheaf::train
