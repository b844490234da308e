// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::target {

// From chip to chip. Area and power are those of one.
struct Link {
  std::uint32_t count = 1;
  double bandwidth_gb_s = 6.4;
  double area_um2 = 0;
  double power_mw = 0;
};

}  // namespace sheaf::target
