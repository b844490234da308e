// SPDX-License-Identifier: Apache-2.0
//
// What fewer bits of the converters are worth to a tile, under every model of what they cost. The
// models disagree; whoever claims a gain has chosen one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/target/chip.h"

namespace sheaf::sim::cost {

struct AdcScalingPoint {
  std::uint32_t bits = 0;
  std::string refusal;        // empty: the model has numbers for it
  double power_gain = 1;      // tile as described / tile with these bits: also that of GOPs/W
  double area_gain = 1;       // the same of the area, and of GOPs/(s mm2)
  bool extrapolated = false;  // outside what the model's source covers
  bool area_known = true;     // false: the model has no area, which counts as unchanged
};

struct AdcScaling {
  std::string model;
  std::vector<AdcScalingPoint> points;
};

// All models of sim/adc, for bits most, most - 1, .. least. The rate of conversions stays. Sums are
// not rounded. Throws UsageError when the chip has no converters.
[[nodiscard]] std::vector<AdcScaling> adc_scaling(const target::Chip& chip, std::uint32_t most,
                                                  std::uint32_t least);

}  // namespace sheaf::sim::cost
