// SPDX-License-Identifier: Apache-2.0
//
// Chips as text and JSON: what they are made of, what they do at best, and where their numbers are
// from. What is reconstructed says so, by chip and by part.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sheaf/sim/cost/adc_scaling.h"
#include "sheaf/target/chip.h"

namespace sheaf::report {

// Sums and peak rates by level and part.
[[nodiscard]] std::string peak_text(const target::Chip& chip);
[[nodiscard]] nlohmann::ordered_json peak_json(const target::Chip& chip);

// Published figures beside those of the description, and the source of every section.
[[nodiscard]] std::string check_text(const target::Chip& chip);
[[nodiscard]] nlohmann::ordered_json check_json(const target::Chip& chip);
// Whether all published figures are reproduced.
[[nodiscard]] bool all_same(const target::Chip& chip);

// A tile under every converter model.
[[nodiscard]] std::string adc_scaling_text(const target::Chip& chip,
                                           const std::vector<sim::cost::AdcScaling>& studies);
[[nodiscard]] nlohmann::ordered_json adc_scaling_json(
    const target::Chip& chip, const std::vector<sim::cost::AdcScaling>& studies);

// Every key that a description may have, as the rows of a Markdown table.
[[nodiscard]] std::string key_table();

}  // namespace sheaf::report
