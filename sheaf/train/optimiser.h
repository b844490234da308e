// SPDX-License-Identifier: Apache-2.0
//
// Updates of parameters from gradients, with the semantics of torch.optim: the same formula, the
// same defaults, scalars in double and values in float32, so that both follow the same losses.
//
//   sgd        d = g + l2 w;  b = m b + d;  w -= r b          (nesterov: w -= r (d + m b))
//   adagrad    d = g + l2 w;  s += d d;  w -= r d / (sqrt(s) + eps)
//   adam       d = g + l2 w;  m += (1 - b1)(d - m);  v = b2 v + (1 - b2) d d;
//              w -= r / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps)
//   adamw      w *= 1 - r decay; then as adam with d = g
//
// (Duchi, Hazan and Singer, JMLR 2011; Kingma and Ba, ICLR 2015; Loshchilov and Hutter, ICLR 2019.)
//
// A sparse gradient updates the rows that it has and no others, with their state and their decay:
// for sgd without momentum and decay, and for adagrad without decay, that is what the dense
// gradient gives; the others are lazy, as torch.optim.SparseAdam is (a row that is not touched
// keeps moving under dense Adam). t counts the updates of the parameter, not those of the row.
//
// Element by element, never fused, so that the bits do not depend on the width of a vector.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sheaf/graph/gradients.h"
#include "sheaf/graph/parameter.h"
#include "sheaf/train/named_tensors.h"

namespace sheaf::train {

struct OptimiserOptions {
  std::string name = "sgd";  // sgd, momentum, adagrad, adam or adamw; momentum is sgd with 0.9
  double momentum = 0;       // sgd
  bool nesterov = false;     // sgd; needs momentum
  double beta1 = 0.9;        // adam, adamw
  double beta2 = 0.999;      // adam, adamw
  double epsilon = 0;        // 0: torch's default, 1e-10 for adagrad, 1e-8 for adam and adamw
  double initial_sum = 0;    // adagrad: the sum of squares before the first gradient
  double weight_decay = 0;   // adamw: decoupled; the others: l2, added to the gradient
};

class Optimiser {
 public:
  virtual ~Optimiser() = default;
  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;

  // Updates every parameter that has a gradient, with the learning rate `rate`. The others keep
  // values, version, state and count. Gradients have the shapes of the stored values.
  void update(graph::ParameterStore& parameters, const graph::Gradients& gradients, double rate);

  // A copy of the state: "SLOT/PARAMETER" of the parameter's stored shape for every parameter that
  // has been updated, and "updates", the count of each as (low, high), low + 2^24 high.
  [[nodiscard]] NamedTensors state(const graph::ParameterStore& parameters) const;

  // Takes its tensors out of `state`. Throws DataError when one is missing or has another shape.
  void restore(const graph::ParameterStore& parameters, NamedTensors& state);

 protected:
  // A contiguous range of one parameter: its values, their gradient, and the same range of every
  // slot of state. All of the same length, and none overlaps another.
  struct Range {
    std::span<float> values;
    std::span<const float> gradient;
    std::vector<std::span<float>> slots;
  };

  struct Slot {
    std::string name;
    float initial = 0;
  };

  explicit Optimiser(std::vector<Slot> slots) : slots_(std::move(slots)) {}

  // `count` is that of the parameter's updates with this one: at least 1.
  virtual void update_range(const Range& range, double rate, std::uint64_t count) = 0;

 private:
  struct ParameterState {
    std::uint64_t updates = 0;
    std::vector<tensor::Tensor> slots;  // empty before the first update
  };

  void update_parameter(graph::ParameterStore& parameters, graph::ParameterId id,
                        const graph::ParameterGradient& gradient, double rate);

  std::vector<Slot> slots_;
  std::vector<ParameterState> states_;  // by ParameterId
};

// Throws UsageError for an unknown name, or a number outside of its range.
[[nodiscard]] std::unique_ptr<Optimiser> make_optimiser(const OptimiserOptions& options);

}  // namespace sheaf::train
