// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/colours.h"

#include <fmt/format.h>

#include <cmath>

namespace sheaf::report {

std::string colour_of(std::size_t number) {
  const double hue = std::fmod(static_cast<double>(number) * 137.508, 360.0);
  const int lightness = number % 2 == 0 ? 80 : 68;
  return fmt::format("hsl({:.0f},65%,{}%)", hue, lightness);
}

}  // namespace sheaf::report
