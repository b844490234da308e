// SPDX-License-Identifier: Apache-2.0
#include "sheaf/target/quantity.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <span>
#include <system_error>

namespace sheaf::target {
namespace {

// A value in this unit times `times` over `over` is one in the first unit of its list: both are
// whole numbers, so that one rounding is all that a conversion costs.
struct Unit {
  std::string_view name;
  double times = 1;
  double over = 1;
};

struct Units {
  std::string_view quantity;
  std::span<const Unit> units;
};

constexpr Unit kLength[] = {{"nm"}, {"um", 1e3}};
constexpr Unit kWireLength[] = {{"mm"}, {"um", 1, 1e3}};
constexpr Unit kArea[] = {{"um2"}, {"mm2", 1e6}};
constexpr Unit kPower[] = {{"mW"}, {"uW", 1, 1e3}, {"nW", 1, 1e6}, {"W", 1e3}};
constexpr Unit kEnergy[] = {{"pJ"}, {"fJ", 1, 1e3}, {"nJ", 1e3}, {"uJ", 1e6}};
constexpr Unit kStepEnergy[] = {{"fJ"}, {"pJ", 1e3}};
constexpr Unit kTime[] = {{"ns"}, {"ps", 1, 1e3}, {"us", 1e3}, {"ms", 1e6}};
constexpr Unit kLongTime[] = {{"s"}, {"min", 60}, {"h", 3600}, {"day", 86400}};
constexpr Unit kFrequency[] = {{"GHz"}, {"MHz", 1, 1e3}, {"kHz", 1, 1e6}};
constexpr Unit kConversionRate[] = {{"GS/s"}, {"MS/s", 1, 1e3}, {"kS/s", 1, 1e6}};
constexpr Unit kBytes[] = {{"B"}, {"KB", 1024}, {"MB", 1048576}, {"GB", 1073741824}};
constexpr Unit kBandwidth[] = {{"GB/s"}, {"MB/s", 1, 1e3}};
constexpr Unit kByteEnergy[] = {{"pJ/B"}, {"pJ/bit", 8}, {"fJ/bit", 1, 125}};
constexpr Unit kEnergyLength[] = {{"pJ/mm"}, {"fJ/mm", 1, 1e3}};
constexpr Unit kResistance[] = {{"ohm"}, {"kohm", 1e3}, {"Mohm", 1e6}};

Units units_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::plain:
      return {"", {}};
    case Quantity::length:
      return {"a length", kLength};
    case Quantity::wire_length:
      return {"a length", kWireLength};
    case Quantity::area:
      return {"an area", kArea};
    case Quantity::power:
      return {"a power", kPower};
    case Quantity::energy:
      return {"an energy", kEnergy};
    case Quantity::step_energy:
      return {"an energy", kStepEnergy};
    case Quantity::time:
      return {"a time", kTime};
    case Quantity::long_time:
      return {"a time", kLongTime};
    case Quantity::frequency:
      return {"a frequency", kFrequency};
    case Quantity::conversion_rate:
      return {"a rate of conversions", kConversionRate};
    case Quantity::bytes:
      return {"a size", kBytes};
    case Quantity::bandwidth:
      return {"a bandwidth", kBandwidth};
    case Quantity::byte_energy:
      return {"an energy by byte", kByteEnergy};
    case Quantity::energy_length:
      return {"an energy by length", kEnergyLength};
    case Quantity::resistance:
      break;
  }
  return {"a resistance", kResistance};
}

}  // namespace

std::string_view quantity_name(Quantity quantity) { return units_of(quantity).quantity; }

std::string unit_names(Quantity quantity) {
  std::string names;
  for (const Unit& unit : units_of(quantity).units) {
    if (!names.empty()) names += ", ";
    names += unit.name;
  }
  return names;
}

std::optional<double> parse_quantity(std::string_view text, Quantity quantity) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || std::isnan(value)) return std::nullopt;
  std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (quantity == Quantity::plain) return rest.empty() ? std::optional(value) : std::nullopt;
  for (const Unit& unit : units_of(quantity).units) {
    if (unit.name == rest) return value * unit.times / unit.over;
  }
  return std::nullopt;
}

std::string format_quantity(double value, Quantity quantity) {
  const auto& units = units_of(quantity).units;
  return units.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, units[0].name);
}

}  // namespace sheaf::target
