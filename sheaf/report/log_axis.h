// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <vector>

namespace sheaf::report {

// A logarithmic axis around the values that it is shown. Without any it goes from 1 to 10.
class LogAxis {
 public:
  // Of a value above 0.
  void hold(double value);
  // Leaves some room on either side; at least a third of a decade in all.
  void widen();
  // 0 at its beginning, 1 at its end.
  [[nodiscard]] double share(double value) const;
  // Powers of ten; with 2 and 5 times these where it is short.
  [[nodiscard]] std::vector<double> ticks() const;
  [[nodiscard]] double least() const;
  [[nodiscard]] double most() const;

 private:
  double low_ = std::numeric_limits<double>::infinity();  // exponents of ten
  double high_ = -std::numeric_limits<double>::infinity();
};

}  // namespace sheaf::report
