// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sheaf/graph/gradients.h"

namespace sheaf::train {

// What the losses of a minibatch are, summed, and how many they are. Where classes have weights,
// `loss` is terms times the weighted mean, so that loss / terms is that mean (ModelGradients::run).
struct StepLoss {
  double loss = 0;
  std::uint64_t terms = 0;
  double weight = 0;  // sum of the terms' weights
};

// Where gradients come from: forward and backward of a model over its training instances.
class GradientSource {
 public:
  virtual ~GradientSource() = default;

  // Gradient of (sum of losses / normaliser) at the parameters as they are now, of these instances
  // in this order. A function of its arguments and the parameters; `step` is the number of updates
  // that have been done, and seeds dropout.
  virtual StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t step,
                       graph::Gradients& gradients) = 0;

  // Called when the parameters have been updated by the gradients of the last run(): for what moves
  // along with them and is not learned by gradients, as running statistics are. Changes parameters
  // by what that run() computed only.
  virtual void after_update() {}

  // Asked when the last run() gave a loss or a gradient that is not finite: the instance and the
  // cell that produced the first such value. Empty when it cannot tell.
  virtual std::string explain_non_finite() { return {}; }
};

}  // namespace sheaf::train
