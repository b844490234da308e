// SPDX-License-Identifier: Apache-2.0
//
// Numbers with units, as a person writes them: "1200 um2", "0.083 mm2", "64 KB", "1.2 GHz".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sheaf::target {

// What a number measures. The comment is the unit that structs hold it in and that is printed.
enum class Quantity {
  plain,            // no unit
  length,           // nm
  wire_length,      // mm
  area,             // um2
  power,            // mW
  energy,           // pJ
  step_energy,      // fJ
  time,             // ns
  long_time,        // s
  frequency,        // GHz
  conversion_rate,  // GS/s
  bytes,            // B; KB and MB are 1024 and 1024^2
  bandwidth,        // GB/s; 1e9
  byte_energy,      // pJ/B
  energy_length,    // pJ/mm
  resistance,       // ohm
};

// "an area" and "um2, mm2": how messages and documentation name a quantity and its units, the one
// that is printed first. Both empty for `plain`.
[[nodiscard]] std::string_view quantity_name(Quantity quantity);
[[nodiscard]] std::string unit_names(Quantity quantity);

// The value of `text` in the unit of `quantity`; nothing when it is no number with one of its
// units, or a plain number where a unit is due. "inf" is a number, "nan" is none.
[[nodiscard]] std::optional<double> parse_quantity(std::string_view text, Quantity quantity);

// The shortest text that parse_quantity() turns into the same number.
[[nodiscard]] std::string format_quantity(double value, Quantity quantity);

}  // namespace sheaf::target
