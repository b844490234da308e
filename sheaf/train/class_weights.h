// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/nn/model.h"

namespace sheaf::train {

// A weight per class from lines of a label, blanks and a number, which is finite and not negative;
// empty lines are skipped. Throws DataError with file and line for a line that is none, a label
// that is unknown or comes twice; and for one that is missing.
[[nodiscard]] std::vector<float> parse_class_weights(std::string_view text, const std::string& path,
                                                     const nn::Vocabulary& labels);

// n / (classes * count) by class, as scikit-learn's class_weight="balanced" (King and Zeng 2001):
// n gold labels of the data, `count` of them of the class, and as many classes as the data have. 0
// for one that they do not have.
[[nodiscard]] std::vector<float> balanced_weights(const nn::Model& model,
                                                  std::span<const nn::Instance> instances,
                                                  std::uint32_t classes);

}  // namespace sheaf::train
