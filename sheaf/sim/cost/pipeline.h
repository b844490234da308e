// SPDX-License-Identifier: Apache-2.0
//
// Closed forms of pipelines.
#pragma once

#include <cstdint>

#include "sheaf/target/chip.h"

namespace sheaf::sim::cost {

// Digits of an input: ceil(input bits / bits of a driver); 1 where there is no driver.
[[nodiscard]] std::uint32_t digits_of(const target::Chip& chip);

// Cycles from the first stage of an input to the end of its last: all stages once, and for every
// further digit those of the slowest stage that works digit by digit.
[[nodiscard]] std::uint32_t pipeline_cycles(const target::Pipeline& pipeline, std::uint32_t digits);

}  // namespace sheaf::sim::cost
