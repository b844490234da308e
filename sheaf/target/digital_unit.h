// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::target {

// Any block that only computes or moves: shift-and-add, sigmoid, pooling, a bus, a router. Area,
// power and energy are those of one.
struct DigitalUnit {
  std::string name;
  std::uint32_t count = 1;
  // How many of the things at this level share the `count` of them (ISAAC: four tiles a router).
  std::uint32_t shared_by = 1;
  double area_um2 = 0;
  double power_mw = 0;  // at its peak rate
  double leakage_mw = 0;
  double energy_pj = 0;  // of one action; 0: not known
};

}  // namespace sheaf::target
