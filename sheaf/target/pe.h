// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sheaf/target/adc.h"
#include "sheaf/target/buffer.h"
#include "sheaf/target/crossbar.h"
#include "sheaf/target/digital_unit.h"
#include "sheaf/target/pe_array.h"

namespace sheaf::target {

// A converter as somebody published it. At another number of bits its power and area follow from
// the ratio that the model of `Adc::model` gives.
struct ConverterPart {
  std::uint32_t bits = 8;
  double rate_gsps = 0;  // at which it takes its power; 0: that of the chip's converters
  double power_mw = 0;
  double area_um2 = 0;
};

enum class PeKind {
  crossbars,  // `crossbars` arrays with their drivers and converters (ISAAC: an IMA)
  array,      // digital
};

inline constexpr std::array<std::string_view, 2> kPeKindNames = {"crossbars", "array"};

// Of one conversion at its own bits, pJ.
[[nodiscard]] inline double conversion_pj(const ConverterPart& part, const Adc& adc) {
  return part.power_mw / (part.rate_gsps > 0 ? part.rate_gsps : adc.rate_gsps);
}

struct Pe {
  PeKind kind = PeKind::crossbars;
  std::uint32_t crossbars = 8;
  // Without it, a converter takes what its model says.
  std::optional<ConverterPart> converter;
  std::optional<PeArray> array;
  std::vector<Buffer> buffers;
  std::vector<DigitalUnit> units;
};

// How many of a unit the PE has.
[[nodiscard]] inline double count_of(const DigitalUnit& unit, const Pe& pe,
                                     const Crossbar& crossbar) {
  const double count = static_cast<double>(unit.count) / unit.shared_by;
  switch (unit.per) {
    case UnitPer::level:
      return count;
    case UnitPer::crossbar:
      return count * pe.crossbars;
    case UnitPer::row:
      return count * pe.crossbars * crossbar.rows;
    case UnitPer::column:
      return count * pe.crossbars * crossbar.columns;
  }
  return count;
}

}  // namespace sheaf::target
