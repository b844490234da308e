// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/energy.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/simulate.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

double router_pj(const std::string& name) {
  const target::MeshEnergy energy = energy_preset(name);
  return energy.buffer_write_pj + energy.buffer_read_pj + energy.crossbar_pj +
         energy.arbitration_pj;
}

TEST(NocEnergy, PresetsSumToTheirSources) {
  EXPECT_NEAR(router_pj("dsent-45"), 3.11, 1e-9);
  EXPECT_NEAR(router_pj("dsent-32"), 1.71, 1e-9);
  EXPECT_NEAR(router_pj("dsent-22"), 0.80, 1e-9);
  EXPECT_NEAR(router_pj("dsent-11"), 0.24, 1e-9);
  EXPECT_NEAR(router_pj("noxim-65"), 1.63, 0.005);
  EXPECT_NEAR(router_pj("booksim-32"), 3.49, 0.03);
}

TEST(NocEnergy, OneMoreHopCostsARouterAndALink) {
  const target::Mesh mesh;  // 32 bits, 1 mm, DSENT at 32 nm
  EXPECT_NEAR(flit_energy_pj(mesh, 1) - flit_energy_pj(mesh, 0), 2.75, 0.005);
  EXPECT_NEAR(flit_energy_pj(mesh, 0), 1.71, 1e-9);
}

TEST(NocEnergy, EveryPresetNamesItsSource) {
  for (const std::string_view name : energy_preset_names()) {
    EXPECT_FALSE(energy_preset(std::string(name)).source.empty()) << name;
  }
}

TEST(NocEnergy, RefusesAnUnknownPreset) {
  EXPECT_EQ(test::message_of<base::UsageError>([] {
              static_cast<void>(energy_preset("dsent-23"));
            }).substr(0, 60),
            "[--energy] unknown energy table: got 'dsent-23'; did you mea");
}

TEST(NocEnergy, OfASimulationIsTheClosedFormOverAllFlits) {
  const target::Mesh mesh{.columns = 4, .rows = 4, .flit_bits = 64, .link_mm = 1.5};
  const RoutingTable table = RoutingTable::xy(Topology(4, 4));
  Network network(mesh, table);
  double expected = 0;
  for (Node from = 0; from < 16; ++from) {
    for (Node to = 0; to < 16; ++to) {
      network.enqueue({.source = from, .destination = to, .flits = 3});
      expected += 3 * flit_energy_pj(mesh, table.links(from, to));
    }
  }
  while (network.under_way() > 0) network.tick();
  const NocEnergy energy = energy_of(mesh, network.events(), network.cycle());
  EXPECT_NEAR(energy.dynamic_pj(), expected, 1e-6 * expected);
  EXPECT_NEAR(energy.static_pj, 6.7 * 16 * static_cast<double>(network.cycle()), 1e-6);
  EXPECT_NEAR(energy.total_pj(), expected + energy.static_pj + energy.clock_pj, 1e-6 * expected);
}

}  // namespace
}  // namespace sheaf::sim::noc
