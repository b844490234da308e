// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/parameter.h"

#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::graph {
namespace {

void require_shape(const Parameter& parameter, tensor::Shape got) {
  if (got == parameter.shape) return;
  throw base::UsageError({.place = "parameter " + parameter.name,
                          .what = "shape",
                          .got = to_string(got),
                          .expected = to_string(parameter.shape)});
}

}  // namespace

ParameterId ParameterStore::declare(const std::string& name, tensor::Shape shape) {
  const auto [it, fresh] = by_name_.try_emplace(name, static_cast<ParameterId>(parameters_.size()));
  if (fresh) {
    parameters_.push_back({.name = name, .shape = shape, .value = {}});
  } else {
    require_shape(parameters_[it->second], shape);
  }
  return it->second;
}

ParameterId ParameterStore::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  if (it != by_name_.end()) return it->second;
  std::vector<std::string> names;
  for (const Parameter& p : parameters_) names.push_back(p.name);
  throw base::NotFoundError({.place = "parameters",
                             .what = "no such parameter",
                             .got = "'" + std::string(name) + "'",
                             .hint = base::suggest(name, names)});
}

void ParameterStore::assign(ParameterId id, tensor::Tensor value) {
  Parameter& parameter = parameters_[id];
  require_shape(parameter, value.shape());
  parameter.value = std::move(value);
  ++parameter.version;
  ++changes_;
}

}  // namespace sheaf::graph
