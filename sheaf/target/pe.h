// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sheaf/target/buffer.h"
#include "sheaf/target/digital_unit.h"
#include "sheaf/target/pe_array.h"

namespace sheaf::target {

// A converter as somebody published it. At another number of bits its power and area follow from
// the ratio that the model of `Adc::model` gives.
struct ConverterPart {
  std::uint32_t bits = 8;
  double power_mw = 0;
  double area_um2 = 0;
};

enum class PeKind {
  crossbars,  // `crossbars` arrays with their drivers and converters (ISAAC: an IMA)
  array,      // digital
};

inline constexpr std::array<std::string_view, 2> kPeKindNames = {"crossbars", "array"};

struct Pe {
  PeKind kind = PeKind::crossbars;
  std::uint32_t crossbars = 8;
  // Without it, a converter takes what its model says.
  std::optional<ConverterPart> converter;
  std::optional<PeArray> array;
  std::vector<Buffer> buffers;
  std::vector<DigitalUnit> units;
};

}  // namespace sheaf::target
