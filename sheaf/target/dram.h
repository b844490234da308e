// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sheaf::target {

// Memory outside the chip.
struct Dram {
  double energy_pj_per_byte = 100;  // read or written; SmartExchange's unit energies: 100 pJ
  double bandwidth_gb_s = 25.6;     // 1e9 bytes per s, > 0
  double latency_ns = 0;            // of the first byte
};

}  // namespace sheaf::target
