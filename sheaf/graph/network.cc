// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/network.h"

#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::graph {

TypeId Network::add_type(const std::string& name, std::shared_ptr<const Cell> cell,
                         const std::map<std::string, std::string>& shared) {
  Binding binding;
  for (const ParameterSlot& slot : cell->slots()) {
    const auto it = shared.find(slot.name);
    const std::string parameter = it == shared.end() ? name + "." + slot.name : it->second;
    if (slot.shape.rows != 0) {
      binding.push_back(parameters_.declare(parameter, slot.shape));
      continue;
    }
    const ParameterId table = parameters_.find(parameter);
    if (parameters_[table].shape.cols != slot.shape.cols) {
      throw base::UsageError({.place = "parameter " + parameter,
                              .what = "columns of a table",
                              .got = std::to_string(parameters_[table].shape.cols),
                              .expected = std::to_string(slot.shape.cols)});
    }
    binding.push_back(table);
  }
  types_.push_back({name, std::move(cell), std::move(binding)});
  return static_cast<TypeId>(types_.size() - 1);
}

std::vector<std::string> Network::type_names() const {
  std::vector<std::string> names;
  for (const BatchType& type : types_) names.push_back(type.name);
  return names;
}

}  // namespace sheaf::graph
