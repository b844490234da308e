// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/named_tensors.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::train {

tensor::Tensor copy(const tensor::Tensor& value) {
  tensor::Tensor result(value.shape());
  std::copy(value.values().begin(), value.values().end(), result.values().begin());
  return result;
}

tensor::Tensor take(NamedTensors& tensors, const std::string& name, tensor::Shape shape) {
  const auto it = tensors.find(name);
  if (it == tensors.end()) {
    throw base::DataError(
        {.place = "checkpoint", .what = "tensor", .got = "none", .expected = "'" + name + "'"});
  }
  if (it->second.shape() != shape) {
    throw base::DataError({.place = "checkpoint: " + name,
                           .what = "shape",
                           .got = to_string(it->second.shape()),
                           .expected = to_string(shape)});
  }
  tensor::Tensor value = std::move(it->second);
  tensors.erase(it);
  return value;
}

}  // namespace sheaf::train
