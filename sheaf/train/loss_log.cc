// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/loss_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"

namespace sheaf::train {

LossLog::LossLog(GradientSource& source, const std::string& path) : source_(source), path_(path) {
  if (path_.empty()) return;
  file_.open(path_);
  if (!file_) throw base::IoError({.place = path_, .what = "cannot write"});
}

StepLoss LossLog::run(std::span<const std::uint32_t> instances, std::uint64_t step,
                      graph::Gradients& gradients) {
  const StepLoss loss = source_.run(instances, step, gradients);
  if (path_.empty()) return loss;
  const nlohmann::ordered_json line = {
      {"step", step},
      {"loss", loss.loss / static_cast<double>(std::max<std::uint64_t>(loss.terms, 1))},
      {"terms", loss.terms},
      {"instances", instances}};
  file_ << line.dump() << std::endl;
  if (!file_) throw base::IoError({.place = path_, .what = "cannot write"});
  return loss;
}

}  // namespace sheaf::train
