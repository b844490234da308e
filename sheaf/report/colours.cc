// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/colours.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace sheaf::report {

std::string colour_of(std::size_t number) {
  const double hue = std::fmod(static_cast<double>(number) * 137.508, 360.0);
  const int lightness = number % 2 == 0 ? 80 : 68;
  return fmt::format("hsl({:.0f},65%,{}%)", hue, lightness);
}

const char* line_colour(std::size_t number) {
  static constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                          "#e69f00", "#56b4e9", "#7a5195", "#000000"};
  return kColours[number % kColours.size()];
}

}  // namespace sheaf::report
