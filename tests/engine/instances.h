// SPDX-License-Identifier: Apache-2.0
//
// Models with seeded weights and random instances for them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/batching/cost_table.h"
#include "sheaf/nn/model.h"

namespace sheaf::test {

inline constexpr std::uint32_t kVocabulary = 23;
inline constexpr std::uint32_t kCharacters = 11;
inline constexpr std::uint32_t kClasses = 13;

// Any of nn::model_names(); every weight has a value.
[[nodiscard]] std::unique_ptr<nn::Model> seeded_model(const std::string& name,
                                                      std::uint32_t hidden = 20,
                                                      std::uint64_t seed = 1);

// Instances of 1 to `most` leaves, positions, words or nodes.
[[nodiscard]] std::vector<nn::Instance> random_instances(const std::string& model,
                                                         std::uint32_t count, std::uint32_t most,
                                                         std::uint64_t seed = 1);

// Names the cases of a test over models.
[[nodiscard]] std::string model_name(const testing::TestParamInfo<std::string>& info);

// Costs for policy `cost`, the same for every type.
[[nodiscard]] std::shared_ptr<const batching::CostTable> some_costs(const graph::Network& network);

}  // namespace sheaf::test
