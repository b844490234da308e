// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/energy.h"

#include <array>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::sim::noc {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"dsent-45", "dsent-32", "dsent-22",
                                                    "dsent-11", "noxim-65", "booksim-32"};

// DSENT 0.91 for 5 ports and 4 virtual channels of 4 flits at 1 GHz. Only the 45 nm run is split
// into events; the other nodes are split in its proportions (derived).
target::MeshEnergy dsent(double router_pj, double link_fj_per_bit_mm, double static_mw,
                         double clock_pj, const std::string& node) {
  constexpr double kWrite = 1.23;
  constexpr double kRead = 1.12;
  constexpr double kCrossbar = 0.55;
  constexpr double kArbitration = 0.21;
  constexpr double kSum = kWrite + kRead + kCrossbar + kArbitration;
  const double scale = router_pj / kSum;
  return {.buffer_write_pj = kWrite * scale,
          .buffer_read_pj = kRead * scale,
          .crossbar_pj = kCrossbar * scale,
          .arbitration_pj = kArbitration * scale,
          .link_pj_per_mm = link_fj_per_bit_mm * target::kEnergyFlitBits * 1e-3,
          .static_mw_per_router = static_mw,
          .clock_pj_per_router_cycle = clock_pj,
          .source = "DSENT 0.91, " + node + ", 5 ports, 4 VCs x 4 flits of 32 bits, 1 GHz; " +
                    "split into events as at 45 nm"};
}

target::MeshEnergy noxim() {
  return {.buffer_write_pj = 0.762,
          .buffer_read_pj = 0.534,
          .crossbar_pj = 0.221,
          .arbitration_pj = 0.06 + 0.05,  // routing and selection
          .link_pj_per_mm = 48.8e-3 * target::kEnergyFlitBits,
          .static_mw_per_router = 2.27 + 0.75,  // buffer and crossbar
          .source = "Noxim's power table, 65 nm by its issue 122, buffers of 4 flits"};
}

target::MeshEnergy booksim() {
  return {.buffer_write_pj = 1.00,
          .buffer_read_pj = 1.00,
          .crossbar_pj = 0.83 + 0.26,  // and output
          .arbitration_pj = 0.38,      // crossbar control
          .link_pj_per_mm = 445e-3 * target::kEnergyFlitBits,
          .static_mw_per_router = 480.0 / 64,
          .source =
              "BookSim 2's stock power file (also SIAM's), 32 nm, 0.9 V, 3 VCs x 10; its "
              "links are about 10 times those of DSENT and Noxim; its clock power holds for "
              "9.7 GHz and is left out"};
}

}  // namespace

std::span<const std::string_view> energy_preset_names() { return kNames; }

target::MeshEnergy energy_preset(const std::string& name) {
  if (name == "dsent-45") return dsent(3.11, 40.4, 7.9, 0.33, "45 nm");
  if (name == "dsent-32") return dsent(1.71, 32.4, 6.7, 0.19, "32 nm");
  if (name == "dsent-22") return dsent(0.80, 23.6, 5.7, 0.10, "22 nm");
  if (name == "dsent-11") return dsent(0.24, 13.2, 1.7, 0.03, "11 nm tri-gate");
  if (name == "noxim-65") return noxim();
  if (name == "booksim-32") return booksim();
  throw base::UsageError(
      {.place = "--energy",
       .what = "unknown energy table",
       .got = "'" + name + "'",
       .hint = base::suggest(name, std::vector<std::string>(kNames.begin(), kNames.end()))});
}

NocEnergy energy_of(const target::Mesh& mesh, const Events& events, std::uint64_t cycles) {
  const target::MeshEnergy one = energy_preset(mesh.energy);
  const double width = static_cast<double>(mesh.flit_bits) / target::kEnergyFlitBits;
  const double routers_cycles =
      static_cast<double>(mesh.columns) * mesh.rows * static_cast<double>(cycles);
  const auto traversals = static_cast<double>(events.switch_traversals) * width;
  return {
      .buffer_write_pj = static_cast<double>(events.buffer_writes()) * width * one.buffer_write_pj,
      .buffer_read_pj = traversals * one.buffer_read_pj,
      .crossbar_pj = traversals * one.crossbar_pj,
      .arbitration_pj = traversals * one.arbitration_pj,
      .link_pj =
          static_cast<double>(events.link_traversals) * width * mesh.link_mm * one.link_pj_per_mm,
      .static_pj = routers_cycles * one.static_mw_per_router / mesh.clock_ghz,  // mW ns = pJ
      .clock_pj = routers_cycles * one.clock_pj_per_router_cycle};
}

double flit_energy_pj(const target::Mesh& mesh, std::uint32_t links) {
  return energy_of(
             mesh,
             {.switch_traversals = links + 1ULL, .link_traversals = links, .injected_flits = 1}, 0)
      .dynamic_pj();
}

}  // namespace sheaf::sim::noc
