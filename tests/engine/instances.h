// SPDX-License-Identifier: Apache-2.0
//
// Models with seeded weights and random instances for them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/nn/model.h"

namespace sheaf::test {

inline constexpr std::uint32_t kVocabulary = 23;

// "tree_lstm", "lattice_lstm" or "lac"; every weight has a value.
[[nodiscard]] std::unique_ptr<nn::Model> seeded_model(const std::string& name,
                                                      std::uint32_t hidden = 20,
                                                      std::uint64_t seed = 1);

// Instances of 1 to `most` leaves, positions or characters.
[[nodiscard]] std::vector<nn::Instance> random_instances(const std::string& model,
                                                         std::uint32_t count, std::uint32_t most,
                                                         std::uint64_t seed = 1);

}  // namespace sheaf::test
