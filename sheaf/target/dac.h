// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::target {

// A row's driver: one digit of an input per read.
struct Dac {
  // Bits of a digit, 1..8: inputs of B bits take ceil(B / bits) reads. ISAAC (ISCA 2016): 1.
  std::uint32_t bits = 1;
  // One row, one read, pJ. CiMLoop's ISAAC library: 0.4167 pJ per drive of 1 bit.
  double energy_pj = 0.4167;
  // One row's driver, um2. CiMLoop's ISAAC library: 0.166 um2.
  double area_um2 = 0.166;
  std::string source = "ISAAC (ISCA 2016) table I by CiMLoop's component library";
};

}  // namespace sheaf::target
