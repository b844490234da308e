// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/copy_weights.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/nn/model.h"

namespace sheaf::train {

void copy_weights(const graph::ParameterStore& from, graph::ParameterStore& to) {
  for (graph::ParameterId id = 0; id < to.size(); ++id) {
    if (nn::is_data(to[id].name)) continue;
    const graph::Parameter& source = from[from.find(to[id].name)];
    if (source.shape != to[id].shape) {
      throw base::UsageError({.place = source.name,
                              .what = "shape of the weights",
                              .got = to_string(source.shape),
                              .expected = to_string(to[id].shape)});
    }
    if (to[id].encoding != source.encoding) to.encode(id, source.encoding);
    tensor::Tensor value(source.stored_shape());
    std::copy(source.value.values().begin(), source.value.values().end(), value.values().begin());
    to.assign(id, std::move(value));
  }
}

}  // namespace sheaf::train
