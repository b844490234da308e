// SPDX-License-Identifier: Apache-2.0
//
// What the losses of updates were, for comparisons with other programs: one line of JSON per
// update,
//
//   {"step": 0, "loss": 1.609, "terms": 412, "instances": [17, 3, ...]}
//
// where `loss` is the mean over the terms before the update, and the instances are numbered as in
// the data, in the order in which they ran.
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>

#include "sheaf/train/gradient_source.h"

namespace sheaf::train {

// Hands on what another source computes, and writes down its losses.
class LossLog final : public GradientSource {
 public:
  // `source` must outlive it. No file where `path` is empty. Throws IoError when it can't be
  // opened.
  LossLog(GradientSource& source, const std::string& path);

  StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t step,
               graph::Gradients& gradients) override;
  std::string explain_non_finite() override { return source_.explain_non_finite(); }

 private:
  GradientSource& source_;
  std::string path_;
  std::ofstream file_;
};

}  // namespace sheaf::train
