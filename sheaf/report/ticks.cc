// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/ticks.h"

#include <fmt/format.h>

#include <cmath>
#include <initializer_list>

#include "sheaf/report/table.h"

namespace sheaf::report {

double tick_step(double length, int most) {
  const double step = std::pow(10, std::floor(std::log10(length / most)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (length / (step * factor) <= most) return step * factor;
  }
  return step * 10;
}

std::string plain_number(double value, int digits) {
  if (value >= std::pow(10, digits - 1) && value < 1e7) {
    return with_commas(static_cast<unsigned long long>(std::llround(value)));
  }
  return fmt::format("{:.{}g}", value, digits);
}

}  // namespace sheaf::report
