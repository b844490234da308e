// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::target {

// A converter that the columns of a crossbar share in turns.
struct Adc {
  // Resolution, 1..16. A sum above 2^bits - 1 reads as 2^bits - 1. ISAAC (ISCA 2016), table I: 8.
  std::uint32_t bits = 8;
  // Conversions per ns, > 0. ISAAC, table I: 1.2 GS/s; its text: 1.28 GS/s, a column each 0.78 ns.
  double rate_gsps = 1.28;
  // Converters of one crossbar, >= 1.
  std::uint32_t per_crossbar = 1;
  // Energy and area by one of the models of sim/adc/model.h.
  std::string model = "isaac-forms";
  // Technology, nm, of models that ask for it.
  double node_nm = 32;
  // Of model `walden`: energy of a conversion step, fJ: energy = fom_fj 2^bits.
  double fom_fj = 6.5;
  std::string source = "ISAAC (ISCA 2016) table I";
};

}  // namespace sheaf::target
