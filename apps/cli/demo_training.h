// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sheaf/train/learning.h"

namespace sheaf::cli {

struct DemoTraining {
  std::string out;  // folder of the picture
  std::uint32_t hidden = 96;
  std::uint64_t epochs = 12;
  std::uint64_t seed = 1;
  double most_seconds = 90;  // of CPU time, for each model; 0: any
  std::string isa = "auto";
};

// functions_train.txt and functions_dev.txt.
[[nodiscard]] train::LearningData read_functions(const std::string& data_dir);

// Trains two models on functions without their names: prints a table, writes learning.svg.
void demo_training(const train::LearningData& data, const DemoTraining& options);

}  // namespace sheaf::cli
