// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/updater.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/compress/encode.h"
#include "sheaf/train/clip.h"
#include "sheaf/train/diverged_error.h"

namespace sheaf::train {
namespace {

constexpr const char* kOptimiser = "optimiser/";

void require_limit(double limit, const char* what) {
  if (limit >= 0 && std::isfinite(limit)) return;
  throw base::UsageError({.place = "clipping",
                          .what = what,
                          .got = std::to_string(limit),
                          .expected = "a finite number, not negative"});
}

std::vector<bool> find_frozen(const std::vector<std::string>& patterns,
                              const graph::ParameterStore& parameters) {
  std::vector<bool> frozen(parameters.size());
  for (const std::string& pattern : patterns) {
    bool any = false;
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      if (!compress::matches(pattern, parameters[id].name)) continue;
      frozen[id] = true;
      any = true;
    }
    if (any) continue;
    throw base::UsageError({.place = "frozen parameters",
                            .what = "pattern that matches no name",
                            .got = "'" + pattern + "'"});
  }
  return frozen;
}

void multiply(std::span<float> values, std::span<const float> factors) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[i];
}

void move_into(NamedTensors& all, NamedTensors part, const std::string& prefix) {
  for (auto& [name, value] : part) {
    const bool fresh = all.emplace(prefix + name, std::move(value)).second;
    base::check(fresh, "updater", "two tensors of state of one name");
  }
}

NamedTensors move_out(NamedTensors& all, const std::string& prefix) {
  NamedTensors part;
  for (auto it = all.lower_bound(prefix); it != all.end() && it->first.starts_with(prefix);) {
    part.emplace(it->first.substr(prefix.size()), std::move(it->second));
    it = all.erase(it);
  }
  return part;
}

}  // namespace

Updater::Updater(UpdateOptions options, graph::ParameterStore& parameters)
    : options_(std::move(options)),
      parameters_(parameters),
      optimiser_(make_optimiser(options_.optimiser)),
      frozen_(find_frozen(options_.frozen, parameters)),
      masks_(parameters.size()),
      masked_versions_(parameters.size()) {
  require_limit(options_.clip_norm, "norm");
  require_limit(options_.clip_value, "value");
}

void Updater::set_mask(graph::ParameterId id, tensor::Tensor mask) {
  if (mask.shape() != parameters_[id].stored_shape()) {
    throw base::UsageError({.place = "mask of " + parameters_[id].name,
                            .what = "shape",
                            .got = to_string(mask.shape()),
                            .expected = to_string(parameters_[id].stored_shape())});
  }
  masks_[id] = std::move(mask);
  mask_parameter(id);
}

Updater::Applied Updater::apply(graph::Gradients& gradients, std::uint64_t step) {
  for (const auto& hook : hooks_) hook->add_gradients(parameters_, gradients, step);
  mask_gradients(gradients);
  const Applied applied{.norm = global_norm(gradients), .rate = rate_at(options_.rate, step)};
  if (!std::isfinite(applied.norm)) {
    throw DivergedError({.place = "step " + std::to_string(step),
                         .what = "norm of the gradients",
                         .got = std::isnan(applied.norm) ? "NaN" : "infinity",
                         .expected = "a finite number"});
  }
  if (options_.clip_value > 0) clip_values(gradients, static_cast<float>(options_.clip_value));
  if (options_.clip_norm > 0) {
    const double norm = options_.clip_value > 0 ? global_norm(gradients) : applied.norm;
    const float factor = clip_factor(norm, options_.clip_norm);
    if (factor < 1) scale(gradients, factor);
  }
  optimiser_->update(parameters_, gradients, applied.rate);
  mask_changed();
  for (const auto& hook : hooks_) hook->after_update(parameters_, step);
  mask_changed();
  return applied;
}

void Updater::mask_gradients(graph::Gradients& gradients) const {
  for (graph::ParameterId id = 0; id < gradients.size(); ++id) {
    graph::ParameterGradient& gradient = gradients[id];
    if (frozen_[id]) gradient = {};
    if (masks_[id].shape().size() == 0) continue;
    if (!gradient.is_sparse()) {
      multiply(gradient.dense.values(), masks_[id].values());
      continue;
    }
    for (std::uint32_t i = 0; i < gradient.rows.size(); ++i) {
      multiply(gradient.row_values.row(i), masks_[id].row(gradient.rows[i]));
    }
  }
}

void Updater::mask_parameter(graph::ParameterId id) {
  multiply(parameters_.change(id), masks_[id].values());
  masked_versions_[id] = parameters_[id].version;
}

void Updater::mask_changed() {
  for (graph::ParameterId id = 0; id < masks_.size(); ++id) {
    if (masks_[id].shape().size() == 0) continue;
    if (parameters_[id].version != masked_versions_[id]) mask_parameter(id);
  }
}

NamedTensors Updater::state() const {
  NamedTensors state;
  move_into(state, optimiser_->state(parameters_), kOptimiser);
  for (const auto& hook : hooks_) move_into(state, hook->state(), "hook/" + hook->name() + "/");
  return state;
}

void Updater::restore(NamedTensors& state) {
  NamedTensors optimiser = move_out(state, kOptimiser);
  optimiser_->restore(parameters_, optimiser);
  for (const auto& hook : hooks_) {
    NamedTensors part = move_out(state, "hook/" + hook->name() + "/");
    hook->restore(part);
  }
}

}  // namespace sheaf::train
