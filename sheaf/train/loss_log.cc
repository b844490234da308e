// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/loss_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "sheaf/base/error.h"

namespace sheaf::train {

// Keeps the lines of the steps before.
void LossLog::open(std::uint64_t step) {
  std::string kept;
  if (step > 0) {
    std::ifstream before(path_);
    for (std::string line; std::getline(before, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_object() || json.value("step", step) >= step) break;
      kept += line + "\n";
    }
  }
  file_.open(path_, std::ios::trunc);
  file_ << kept << std::flush;
  require_written();
}

void LossLog::require_written() const {
  if (file_) return;
  throw base::IoError(
      {.place = path_, .what = "cannot write", .got = std::strerror(errno), .expected = {}});
}

StepLoss LossLog::run(std::span<const std::uint32_t> instances, std::uint64_t step,
                      graph::Gradients& gradients) {
  const StepLoss loss = source_.run(instances, step, gradients);
  if (path_.empty()) return loss;
  if (!file_.is_open()) open(step);
  const nlohmann::ordered_json line = {
      {"step", step},
      {"loss", loss.loss / static_cast<double>(std::max<std::uint64_t>(loss.terms, 1))},
      {"terms", loss.terms},
      {"instances", instances}};
  file_ << line.dump() << std::endl;
  require_written();
  return loss;
}

}  // namespace sheaf::train
