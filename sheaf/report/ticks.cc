// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/ticks.h"

#include <cmath>
#include <initializer_list>

namespace sheaf::report {

double tick_step(double length, int most) {
  const double step = std::pow(10, std::floor(std::log10(length / most)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (length / (step * factor) <= most) return step * factor;
  }
  return step * 10;
}

}  // namespace sheaf::report
