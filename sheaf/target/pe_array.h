// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::target {

// A digital array of multiply-accumulate units: `slices` (an output channel each, which share
// activations) x `lines` (input channels, summed by an adder tree) x `macs` (output columns), as
// in SmartExchange's accelerator (ISCA 2020) as far as it is known to us.
struct PeArray {
  std::uint32_t slices = 64;
  std::uint32_t lines = 16;
  std::uint32_t macs = 8;
  // Cycles of one product: 4 Booth digits of an 8-bit activation in bit-serial multipliers.
  std::uint32_t cycles_per_mac = 4;
  // Rebuild engines of a line: they make weights of basis and coefficients, in turns.
  std::uint32_t rebuild_engines = 2;
  // Side of the basis that an engine holds, S x S.
  std::uint32_t basis_size = 3;
  double mac_pj = 0.143;
  double adder_pj = 0.019;
  // An access to a register file, by byte. SmartExchange's is not known.
  double register_pj_per_byte = 0;
};

}  // namespace sheaf::target
