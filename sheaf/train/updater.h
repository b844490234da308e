// SPDX-License-Identifier: Apache-2.0
//
// Everything between the gradients of a minibatch and the changed parameters, in this order:
//
//   1. hooks add to the gradients (the augmented term of ADMM)
//   2. gradients of frozen parameters are dropped, those of masked ones multiplied by their masks
//   3. the norm is taken; when it is not finite, nothing has been changed and DivergedError is
//   thrown
//   4. clipping by value, or by the norm
//   5. the optimiser's update, with the schedule's learning rate
//   6. masks on what has changed; hooks (proximal and projection steps); masks again
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/graph/gradients.h"
#include "sheaf/graph/parameter.h"
#include "sheaf/train/learning_rate.h"
#include "sheaf/train/optimiser.h"
#include "sheaf/train/update_hook.h"

namespace sheaf::train {

struct UpdateOptions {
  OptimiserOptions optimiser;
  LearningRate rate;
  double clip_norm = 0;             // 0: no clipping by the global norm
  double clip_value = 0;            // 0: no clipping by value
  std::vector<std::string> frozen;  // patterns of names, with * and ?: these keep their values
};

class Updater {
 public:
  // Throws UsageError for options that make no sense, and for a pattern that no name matches.
  // `parameters` must outlive it, with the parameters that it has now.
  Updater(UpdateOptions options, graph::ParameterStore& parameters);

  // Parameter and gradients are multiplied by `mask`, of the parameter's stored shape, from now on
  // and at once. Throws UsageError on another shape. Masks are not part of the state.
  void set_mask(graph::ParameterId id, tensor::Tensor mask);

  // Hooks run in the order in which they were added.
  void add_hook(std::unique_ptr<UpdateHook> hook) { hooks_.push_back(std::move(hook)); }

  struct Applied {
    double norm = 0;  // of all gradients, before clipping
    double rate = 0;
  };

  // One update, after `step` others. Changes the gradients. Throws DivergedError.
  Applied apply(graph::Gradients& gradients, std::uint64_t step);

  // State of optimiser and hooks: "optimiser/..." and "hook/NAME/...". restore() takes its tensors
  // out of `state` and throws DataError when one is missing or has another shape.
  [[nodiscard]] NamedTensors state() const;
  void restore(NamedTensors& state);

  [[nodiscard]] const UpdateOptions& options() const { return options_; }

 private:
  void mask_gradients(graph::Gradients& gradients) const;
  void mask_parameter(graph::ParameterId id);
  void mask_changed();

  UpdateOptions options_;
  graph::ParameterStore& parameters_;
  std::unique_ptr<Optimiser> optimiser_;
  std::vector<bool> frozen_;                    // by ParameterId
  std::vector<tensor::Tensor> masks_;           // by ParameterId; 0 x 0: none
  std::vector<std::uint64_t> masked_versions_;  // those that the masks were last applied to
  std::vector<std::unique_ptr<UpdateHook>> hooks_;
};

}  // namespace sheaf::train
