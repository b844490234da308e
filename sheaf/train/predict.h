// SPDX-License-Identifier: Apache-2.0
//
// Predicted labels as text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/nn/model.h"

namespace sheaf::train {

// Names of the predicted labels (tag_decoder.h), one per output: words in the order of the
// sentence, tree nodes in post-order (the root is last), positions of a lattice but for the first,
// which no word leads to. A class without a name is called by its number.
[[nodiscard]] std::vector<std::string> label_names(const nn::Instance& instance,
                                                   std::span<const std::uint32_t> predicted,
                                                   const nn::Vocabulary& labels);

}  // namespace sheaf::train
