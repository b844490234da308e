// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace sheaf::base {

// The value below which a share `q` in [0, 1] of the samples lies (nearest rank); 0 of no samples.
[[nodiscard]] double quantile(std::vector<double> samples, double q);

[[nodiscard]] inline double median(std::vector<double> samples) {
  return quantile(static_cast<std::vector<double>&&>(samples), 0.5);
}

}  // namespace sheaf::base
