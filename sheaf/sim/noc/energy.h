// SPDX-License-Identifier: Apache-2.0
//
// Energy of a mesh by counting events. Power times time is not used: a simulator's power figures
// hold for its own clock (docs/noc.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/sim/noc/network.h"

namespace sheaf::sim::noc {

// dsent-45, dsent-32, dsent-22, dsent-11, noxim-65, booksim-32.
[[nodiscard]] std::span<const std::string_view> energy_preset_names();

// Throws UsageError, suggesting the nearest name.
[[nodiscard]] target::MeshEnergy energy_preset(const std::string& name);

struct NocEnergy {
  double buffer_write_pj = 0;
  double buffer_read_pj = 0;
  double crossbar_pj = 0;
  double arbitration_pj = 0;
  double link_pj = 0;
  double static_pj = 0;  // leakage of all routers over the cycles
  double clock_pj = 0;
  [[nodiscard]] double router_pj() const noexcept {
    return buffer_write_pj + buffer_read_pj + crossbar_pj + arbitration_pj;
  }
  [[nodiscard]] double dynamic_pj() const noexcept { return router_pj() + link_pj; }
  [[nodiscard]] double total_pj() const noexcept { return dynamic_pj() + static_pj + clock_pj; }
};

// What `events` cost in a mesh that runs for `cycles`.
[[nodiscard]] NocEnergy energy_of(const target::Mesh& mesh, const Events& events,
                                  std::uint64_t cycles);

// The closed form: a flit over h links passes h + 1 routers. Dynamic energy only.
[[nodiscard]] double flit_energy_pj(const target::Mesh& mesh, std::uint32_t links);

}  // namespace sheaf::sim::noc
