// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/nn/model.h"

namespace sheaf::engine {

struct WorkloadOptions {
  std::string model;
  std::string data;     // file, "-" for standard input
  std::string lexicon;  // lattice_lstm: makes lattices of text
  std::string weights;  // safetensors; lac: a folder. Empty: random, lac: the package's
  std::optional<std::uint32_t> hidden;  // default 256
  std::uint64_t seed = 1;               // of random weights
};

// A model with weights, and the instances that it is to run on.
struct Workload {
  std::unique_ptr<nn::Model> model;
  std::vector<nn::Instance> instances;
  nn::Vocabularies vocabularies;
  bool random_weights = false;
  std::vector<std::vector<std::string>> characters;  // lac: the characters of each sentence
  double unknown_share = 0;  // lac: share of characters that the dictionary lacks
};

// Reads model and data. Throws UsageError for unknown models and options that do not fit the model,
// DataError for bad files.
[[nodiscard]] Workload open_workload(const WorkloadOptions& options);

}  // namespace sheaf::engine
