// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/log_axis.h"

#include <algorithm>
#include <cmath>

namespace sheaf::report {

void LogAxis::hold(double value) {
  low_ = std::min(low_, std::log10(value));
  high_ = std::max(high_, std::log10(value));
}

void LogAxis::widen() {
  if (low_ > high_) {
    low_ = 0;
    high_ = 1;
  }
  const double room = std::max(0.05 * (high_ - low_), 0.17 - (high_ - low_) / 2);
  low_ -= std::max(room, 0.02);
  high_ += std::max(room, 0.02);
}

double LogAxis::share(double value) const { return (std::log10(value) - low_) / (high_ - low_); }

std::vector<double> LogAxis::ticks() const {
  std::vector<double> ticks;
  const bool is_short = high_ - low_ < 2.5;
  for (double e = std::floor(low_); e <= high_; ++e) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && !is_short) continue;
      const double value = factor * std::pow(10, e);
      if (std::log10(value) >= low_ && std::log10(value) <= high_) ticks.push_back(value);
    }
  }
  return ticks;
}

double LogAxis::least() const { return std::pow(10, low_); }
double LogAxis::most() const { return std::pow(10, high_); }

}  // namespace sheaf::report
