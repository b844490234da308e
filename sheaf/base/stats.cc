// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/stats.h"

#include <algorithm>
#include <cmath>

namespace sheaf::base {

double quantile(std::vector<double> samples, double q) {
  if (samples.empty()) return 0;
  const auto rank =
      static_cast<std::ptrdiff_t>(std::llround(q * static_cast<double>(samples.size() - 1)));
  std::nth_element(samples.begin(), samples.begin() + rank, samples.end());
  return samples[static_cast<std::size_t>(rank)];
}

}  // namespace sheaf::base
