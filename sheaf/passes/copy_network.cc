// SPDX-License-Identifier: Apache-2.0
#include "sheaf/passes/copy_network.h"

#include <algorithm>
#include <map>
#include <string>

namespace sheaf::passes {

tensor::Tensor copy_tensor(const tensor::Tensor& tensor) {
  tensor::Tensor copy(tensor.shape());
  std::copy(tensor.values().begin(), tensor.values().end(), copy.values().begin());
  return copy;
}

graph::Network copy_network(const graph::Network& network) {
  graph::Network copy;
  graph::ParameterStore& parameters = copy.parameters();
  for (const graph::Parameter& parameter : network.parameters()) {
    const graph::ParameterId id = parameters.declare(parameter.name, parameter.shape);
    if (!parameter.encoding.is_dense()) parameters.encode(id, parameter.encoding);
    const bool has_value = parameter.value.shape() == parameter.stored_shape();
    if (has_value) parameters.assign(id, copy_tensor(parameter.value));
  }
  for (graph::TypeId t = 0; t < network.type_count(); ++t) {
    const graph::BatchType& type = network.type(t);
    std::map<std::string, std::string> bound;
    for (std::size_t s = 0; s < type.binding.size(); ++s) {
      bound[type.cell->slots()[s].name] = parameters[type.binding[s]].name;
    }
    copy.add_type(type.name, type.cell, bound);
  }
  return copy;
}

}  // namespace sheaf::passes
