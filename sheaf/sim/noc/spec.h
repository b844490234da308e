// SPDX-License-Identifier: Apache-2.0
//
// Sizes and rates as a user writes them.
#pragma once

#include <string>
#include <vector>

#include "sheaf/sim/noc/topology.h"

namespace sheaf::sim::noc {

// "8x4": 8 columns, 4 rows. Throws UsageError.
[[nodiscard]] Topology parse_size(const std::string& text);

// "0.3", or "0.05:0.45:0.05", from, to and step, the end included; at most kMostRates of them.
// Throws UsageError, also when a rate is not in [0, 1].
[[nodiscard]] std::vector<double> parse_rates(const std::string& text);

inline constexpr std::size_t kMostRates = 10000;

}  // namespace sheaf::sim::noc
