// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sheaf/target/chip.h"

namespace sheaf::sim::cost {

// One converter of a chip.
struct Converter {
  double energy_pj = 0;  // of a conversion
  double power_mw = 0;   // at its peak rate
  double area_um2 = 0;   // 0: the model has none
};

// With so many bits: the published part (`pe.converter`), which keeps its numbers at its own bits,
// scaled by the ratio that adc.model gives; without a part, what the model says. Area stays where
// the model has none. `chip` has an `adc`. Throws what adc::estimate() throws.
[[nodiscard]] Converter converter_of(const target::Chip& chip, std::uint32_t bits);

}  // namespace sheaf::sim::cost
