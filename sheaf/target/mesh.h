// SPDX-License-Identifier: Apache-2.0
//
// A network-on-chip as data: a mesh of wormhole routers with virtual channels and credits. The
// simulator is sheaf/sim/noc. Defaults are the settings of the tables in docs/noc.md.
#pragma once

#include <cstdint>
#include <string>

namespace sheaf::target {

// An input-queued router of five ports: +x, -x, +y, -y and its own node.
struct MeshRouter {
  // Virtual channels of each input port; at least 1, at most 64.
  std::uint32_t vcs = 4;
  // Flits that each virtual channel holds; at least 1, at most 65535. A credit comes back 6 cycles
  // after the flit that took it (8 for a head flit), so fewer cannot stream at full rate.
  std::uint32_t buffer_flits = 8;
  // The route is computed one router ahead: 4 cycles per router instead of 5.
  bool look_ahead = false;
};

// What an event costs, per flit of `kEnergyFlitBits`. Other widths are scaled in proportion, which
// overestimates wide flits (DSENT: 9 % at 128 bits).
struct MeshEnergy {
  double buffer_write_pj = 0;
  double buffer_read_pj = 0;
  double crossbar_pj = 0;
  double arbitration_pj = 0;  // both allocators, per flit that wins the switch
  double link_pj_per_mm = 0;
  double static_mw_per_router = 0;       // leakage; it grows with the buffers
  double clock_pj_per_router_cycle = 0;  // what the clock costs whether flits move or not
  std::string source;                    // where the figures come from
};
inline constexpr std::uint32_t kEnergyFlitBits = 32;

struct Mesh {
  std::uint32_t columns = 8;
  std::uint32_t rows = 8;
  MeshRouter router;
  // Width of a flit, and of a link.
  std::uint32_t flit_bits = 32;
  // Length of a link, the pitch of tiles.
  double link_mm = 1.0;
  double clock_ghz = 1.0;
  // A name of sim::noc::energy_preset_names.
  std::string energy = "dsent-32";
};

}  // namespace sheaf::target
