// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/predict.h"

#include <variant>

namespace sheaf::train {

std::vector<std::string> label_names(const nn::Instance& instance,
                                     std::span<const std::uint32_t> predicted,
                                     const nn::Vocabulary& labels) {
  std::vector<std::string> names;
  for (std::size_t i = std::holds_alternative<nn::Lattice>(instance) ? 1 : 0; i < predicted.size();
       ++i) {
    const std::uint32_t label = predicted[i];
    names.push_back(label < labels.size() ? labels[label] : std::to_string(label));
  }
  return names;
}

}  // namespace sheaf::train
