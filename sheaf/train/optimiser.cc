// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/optimiser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/train/impl/optimisers.h"

namespace sheaf::train {
namespace {

// A float holds integers up to 2^24.
constexpr std::uint64_t kLowCount = std::uint64_t{1} << 24U;
constexpr const char* kUpdates = "updates";

bool has_gradient(const graph::ParameterGradient& gradient) {
  return gradient.is_sparse() || gradient.dense.shape().size() > 0;
}

void require(bool holds, const char* option, double got, const char* expected) {
  if (holds) return;
  throw base::UsageError(
      {.place = "optimiser", .what = option, .got = std::to_string(got), .expected = expected});
}

void require_ranges(const OptimiserOptions& options) {
  constexpr const char* kPart = "0 <= number < 1";
  constexpr const char* kPositive = "a finite number, not negative";
  const auto is_part = [](double x) { return x >= 0 && x < 1; };
  const auto is_positive = [](double x) { return x >= 0 && std::isfinite(x); };
  require(is_part(options.momentum), "momentum", options.momentum, kPart);
  require(is_part(options.beta1), "beta1", options.beta1, kPart);
  require(is_part(options.beta2), "beta2", options.beta2, kPart);
  require(is_positive(options.epsilon), "epsilon", options.epsilon, kPositive);
  require(is_positive(options.initial_sum), "initial sum", options.initial_sum, kPositive);
  require(is_positive(options.weight_decay), "weight decay", options.weight_decay, kPositive);
  require(!options.nesterov || options.momentum > 0, "momentum with nesterov", options.momentum,
          "a positive number");
}

}  // namespace

void Optimiser::update(graph::ParameterStore& parameters, const graph::Gradients& gradients,
                       double rate) {
  base::check(gradients.size() <= parameters.size(), "optimiser", "a gradient of no parameter");
  states_.resize(parameters.size());
  for (graph::ParameterId id = 0; id < gradients.size(); ++id) {
    if (has_gradient(gradients[id])) update_parameter(parameters, id, gradients[id], rate);
  }
}

void Optimiser::update_parameter(graph::ParameterStore& parameters, graph::ParameterId id,
                                 const graph::ParameterGradient& gradient, double rate) {
  const tensor::Shape shape = parameters[id].stored_shape();
  const tensor::Shape expected =
      gradient.is_sparse()
          ? tensor::Shape{static_cast<std::uint32_t>(gradient.rows.size()), shape.cols}
          : shape;
  const tensor::Tensor& values = gradient.is_sparse() ? gradient.row_values : gradient.dense;
  base::check(values.shape() == expected, "optimiser", "a gradient of another shape");
  ParameterState& state = states_[id];
  if (state.updates == 0) {
    state.slots.clear();
    for (const Slot& slot : slots_) {
      state.slots.emplace_back(shape);
      std::fill_n(state.slots.back().values().data(), shape.size(), slot.initial);
    }
  }
  ++state.updates;
  const std::span<float> parameter = parameters.change(id);
  Range range;
  range.slots.resize(slots_.size());
  const auto update_part = [&](std::size_t begin, std::span<const float> part) {
    range.values = parameter.subspan(begin, part.size());
    range.gradient = part;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      range.slots[i] = state.slots[i].values().subspan(begin, part.size());
    }
    update_range(range, rate, state.updates);
  };
  if (!gradient.is_sparse()) {
    update_part(0, values.values());
    return;
  }
  for (std::uint32_t i = 0; i < gradient.rows.size(); ++i) {
    base::check(gradient.rows[i] < shape.rows, "optimiser", "a gradient of no row");
    update_part(std::size_t{gradient.rows[i]} * shape.cols, values.row(i));
  }
}

NamedTensors Optimiser::state(const graph::ParameterStore& parameters) const {
  NamedTensors state;
  tensor::Tensor updates({static_cast<std::uint32_t>(parameters.size()), 2});
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const std::uint64_t count = id < states_.size() ? states_[id].updates : 0;
    updates.row(id)[0] = static_cast<float>(count % kLowCount);
    updates.row(id)[1] = static_cast<float>(count / kLowCount);
    if (count == 0) continue;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      state.emplace(slots_[i].name + "/" + parameters[id].name, copy(states_[id].slots[i]));
    }
  }
  state.emplace(kUpdates, std::move(updates));
  return state;
}

void Optimiser::restore(const graph::ParameterStore& parameters, NamedTensors& state) {
  const auto size = static_cast<std::uint32_t>(parameters.size());
  const tensor::Tensor updates = take(state, kUpdates, {size, 2});
  std::vector<ParameterState> states(size);
  for (graph::ParameterId id = 0; id < size; ++id) {
    for (const float part : updates.row(id)) {
      if (part >= 0 && part < static_cast<float>(kLowCount) && part == std::floor(part)) continue;
      throw base::DataError({.place = "checkpoint: updates",
                             .what = "count of " + parameters[id].name,
                             .got = std::to_string(part),
                             .expected = "an integer from 0 to 2^24 - 1"});
    }
    states[id].updates = static_cast<std::uint64_t>(updates.row(id)[0]) +
                         kLowCount * static_cast<std::uint64_t>(updates.row(id)[1]);
    if (states[id].updates == 0) continue;
    for (const Slot& slot : slots_) {
      states[id].slots.push_back(
          take(state, slot.name + "/" + parameters[id].name, parameters[id].stored_shape()));
    }
  }
  states_ = std::move(states);
}

std::unique_ptr<Optimiser> make_optimiser(const OptimiserOptions& options) {
  static const std::array<std::string, 5> kNames = {"sgd", "momentum", "adagrad", "adam", "adamw"};
  constexpr double kMomentum = 0.9;
  const bool is_sgd = options.name == "sgd" || options.name == "momentum";
  OptimiserOptions chosen = options;
  if (options.name == "momentum" && options.momentum == 0) chosen.momentum = kMomentum;
  constexpr const char* kNone = "none: sgd and momentum have it";
  require(is_sgd || options.momentum == 0, "momentum", options.momentum, kNone);
  require(is_sgd || !options.nesterov, "nesterov", 1, kNone);
  require_ranges(chosen);
  if (is_sgd) return make_sgd(chosen);
  if (options.name == "adagrad") return make_adagrad(options);
  if (options.name == "adam" || options.name == "adamw") return make_adam(options);
  throw base::UsageError({.place = "optimiser",
                          .what = "unknown name",
                          .got = "'" + options.name + "'",
                          .hint = base::suggest(options.name, kNames)});
}

}  // namespace sheaf::train
