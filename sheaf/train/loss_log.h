// SPDX-License-Identifier: Apache-2.0
//
// What the losses of updates were, for comparisons with other programs: one line of JSON per
// update,
//
//   {"step": 0, "loss": 1.609, "terms": 412, "instances": [17, 3, ...]}
//
// where `loss` is the mean over the terms before the update, and the instances are numbered as in
// the data, in the order in which they ran. A run that is resumed goes on where it was: what was
// written of its own step and of later ones is dropped.
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "sheaf/train/gradient_source.h"

namespace sheaf::train {

// Hands on what another source computes, and writes down its losses.
class LossLog final : public GradientSource {
 public:
  // `source` must outlive it. No file where `path` is empty; else it is opened by the first run(),
  // so that a training that is refused leaves it alone.
  LossLog(GradientSource& source, std::string path) : source_(source), path_(std::move(path)) {}

  // Throws IoError when the file can't be written.
  StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t step,
               graph::Gradients& gradients) override;
  void after_update() override { source_.after_update(); }
  std::string explain_non_finite() override { return source_.explain_non_finite(); }

 private:
  void open(std::uint64_t step);
  void require_written() const;

  GradientSource& source_;
  std::string path_;
  std::ofstream file_;
};

}  // namespace sheaf::train
