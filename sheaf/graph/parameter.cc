// SPDX-License-Identifier: Apache-2.0
#include "sheaf/graph/parameter.h"

#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::graph {
namespace {

void require_shape(const Parameter& parameter, tensor::Shape got, tensor::Shape expected) {
  if (got == expected) return;
  throw base::UsageError({.place = "parameter " + parameter.name,
                          .what = "shape",
                          .got = to_string(got),
                          .expected = to_string(expected)});
}

}  // namespace

ParameterId ParameterStore::declare(const std::string& name, tensor::Shape shape) {
  const auto [it, fresh] = by_name_.try_emplace(name, static_cast<ParameterId>(parameters_.size()));
  if (fresh) {
    parameters_.push_back({.name = name, .shape = shape, .encoding = {}, .value = {}});
  } else {
    require_shape(parameters_[it->second], shape, parameters_[it->second].shape);
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
  require_shape(parameter, value.shape(), parameter.stored_shape());
  parameter.value = std::move(value);
  ++parameter.version;
  ++changes_;
}

std::span<float> ParameterStore::change(ParameterId id) {
  Parameter& parameter = parameters_[id];
  require_shape(parameter, parameter.value.shape(), parameter.stored_shape());
  ++parameter.version;
  ++changes_;
  return parameter.value.values();
}

void ParameterStore::encode(ParameterId id, tensor::Encoding encoding) {
  Parameter& parameter = parameters_[id];
  if (!tensor::fits(encoding, parameter.shape)) {
    throw base::UsageError({.place = "parameter " + parameter.name,
                            .what = "shape",
                            .got = to_string(parameter.shape),
                            .expected = "rows and columns that " + to_string(encoding) + " divides",
                            .hint = "leave it out of the pattern"});
  }
  parameter.encoding = encoding;
  parameter.value = {};
  ++parameter.version;
  ++changes_;
}

}  // namespace sheaf::graph
