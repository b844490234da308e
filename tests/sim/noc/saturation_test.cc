// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/saturation.h"

#include <gtest/gtest.h>

namespace sheaf::sim::noc {
namespace {

Saturation saturation(const target::Mesh& mesh, const std::string& pattern,
                      const SimulationOptions& options) {
  const Topology topology(mesh.columns, mesh.rows);
  return find_saturation(mesh, RoutingTable::xy(topology), Traffic::pattern(topology, pattern, 0.1),
                         options);
}

TEST(Saturation, IsBelowTheIdealRate) {
  const Saturation found = saturation({.columns = 4, .rows = 4}, "bitcomp",
                                      {.warmup_cycles = 200, .measured_cycles = 400});
  EXPECT_TRUE(found.reached);
  EXPECT_GT(found.rate, 0.3);
  EXPECT_LE(found.rate, 1.1 * found.ideal_rate);
  EXPECT_DOUBLE_EQ(found.ideal_rate, 0.5);
}

TEST(Saturation, IsNotReachedWhereNodesSendToThemselves) {
  const Saturation found = saturation({.columns = 1, .rows = 1}, "transpose",
                                      {.warmup_cycles = 10, .measured_cycles = 100});
  EXPECT_FALSE(found.reached);
  EXPECT_EQ(found.rate, 1);
}

// BookSim: 0.401 (docs/noc.md).
TEST(Saturation, RealPacketsOfFourFlitsSaturateWhereBookSimDoes) {
  const Saturation found = saturation(
      {}, "uniform", {.packet_flits = 4, .warmup_cycles = 3000, .measured_cycles = 6000});
  EXPECT_NEAR(found.rate, 0.401, 0.03 * 0.401);
}

}  // namespace
}  // namespace sheaf::sim::noc
