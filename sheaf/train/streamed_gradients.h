// SPDX-License-Identifier: Apache-2.0
//
// Gradients of instances that are read in windows while they are trained on (instance_stream.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/train/gradient_source.h"
#include "sheaf/train/instance_stream.h"
#include "sheaf/train/model_gradients.h"

namespace sheaf::train {

// A source whose minibatches are positions in the order of an epoch, ascending (TrainOptions::
// streamed): it reads the window that has them, and asks `source` for the gradients of the
// instances that stand there, by their numbers in the data. A minibatch may lie in two windows.
class StreamedGradients final : public GradientSource {
 public:
  // All must outlive it. `source` hands on to `own`. `minibatches`: of an epoch.
  StreamedGradients(InstanceStream& stream, ModelGradients& own, GradientSource& source,
                    std::uint64_t minibatches)
      : stream_(stream), own_(own), source_(source), minibatches_(minibatches) {}

  StepLoss run(std::span<const std::uint32_t> positions, std::uint64_t step,
               graph::Gradients& gradients) override;
  void after_update() override { source_.after_update(); }
  std::string explain_non_finite() override { return source_.explain_non_finite(); }

 private:
  // Reads the window of that epoch in which the position lies.
  void load(std::uint64_t epoch, std::uint32_t position);

  InstanceStream& stream_;
  ModelGradients& own_;
  GradientSource& source_;
  std::uint64_t minibatches_;  // of an epoch
  std::uint64_t epoch_ = 0;
  std::uint32_t begin_ = 0;  // position of the window's first instance
  std::vector<nn::Instance> window_;
  std::vector<std::uint32_t> window_numbers_;
  std::vector<nn::Instance> minibatch_;
  std::vector<std::uint32_t> numbers_;
};

}  // namespace sheaf::train
