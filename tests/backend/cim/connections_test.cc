// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/connections.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/sim/placement/masks.h"
#include "tests/message_of.h"

namespace sheaf::backend::cim {
namespace {

// cannon-noc.md 1.7: layers of 1000, 1000, 1000 and 10 units on 16, 16, 16 and 1 tiles.
TiledLayers layered_example() { return row_major(7, {1000, 1000, 1000, 10}, {16, 16, 16, 1}); }

double hops(const ConnectionRule& rule) {
  return cost_of(expected_volumes(layered_example(), rule), 7).value_hops;
}

TEST(Connections, DenseLayersSendEveryUnitToEveryTile) {
  const VolumeCost cost = cost_of(expected_volumes(layered_example(), {}), 7);
  EXPECT_DOUBLE_EQ(cost.values, 33000);
  EXPECT_DOUBLE_EQ(cost.value_hops, 147282);
}

struct Row {
  double density, random, sigma2, sigma1, sigma_half;
};
// The table of the example: value-hops of Erdos-Renyi, and how many times fewer at sigma 2, 1, 0.5.
constexpr Row kTable[] = {{0.10, 147082, 1.15, 1.74, 3.40},
                          {0.04, 136049, 1.36, 2.21, 5.23},
                          {0.02, 106588, 1.46, 2.37, 5.37},
                          {0.01, 70582, 1.46, 2.28, 4.72}};

TEST(Connections, LayeredExampleIsTheTableWithinFivePercent) {
  for (const Row& row : kTable) {
    const double random = hops({.density = row.density});
    EXPECT_NEAR(random / row.random, 1, 0.05);
    EXPECT_NEAR(random / hops({.density = row.density, .sigma = 2}) / row.sigma2, 1, 0.05);
    EXPECT_NEAR(random / hops({.density = row.density, .sigma = 1}) / row.sigma1, 1, 0.05);
    EXPECT_NEAR(random / hops({.density = row.density, .sigma = 0.5}) / row.sigma_half, 1, 0.05);
  }
}

TEST(Connections, DrawnMasksSendWhatIsExpected) {
  const TiledLayers layers = row_major(4, {120, 120, 8}, {6, 6, 1});
  const sim::placement::Chain chain({{120, 6}, {120, 6}, {8, 1}});
  const sim::noc::Topology topology(4, 4);
  const auto nodes = sim::placement::row_major(topology, chain.tiles());
  for (const double sigma : {1e6, 1.0}) {
    const ConnectionRule rule{.density = 0.05, .sigma = sigma};
    const VolumeCost expected = cost_of(expected_volumes(layers, rule), 4);
    double mean_hops = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const base::Philox random(seed, "masks");
      const std::vector<sim::placement::Mask> masks = {
          sim::placement::distance_mask(chain, 0, {0.05, sigma}, topology, nodes, random),
          sim::placement::dense_mask(chain, 1)};
      mean_hops +=
          sim::placement::volume_hops(topology, sim::placement::volumes_of(chain, masks), nodes) /
          10;
    }
    EXPECT_NEAR(mean_hops / expected.value_hops, 1, 0.04);
  }
}

TEST(Connections, BurstIsAtLeastItsBusiestLinkAndItsWay) {
  // Nodes 0 and 1 send 10 and 20 values to node 2, in a row: 30 over the last link.
  const LayerVolumes volumes = {{{0, 2, 10}, {1, 2, 20}}};
  const VolumeCost cost = cost_of(volumes, 3);
  EXPECT_DOUBLE_EQ(cost.value_hops, 40);
  EXPECT_DOUBLE_EQ(cost.cycles, 30 + 5 * 3 + 2);
}

TEST(Connections, DensityOfZeroIsRefused) {
  EXPECT_EQ(test::message_of<base::UsageError>(
                [] { static_cast<void>(expected_volumes(layered_example(), {.density = 0})); }),
            "[connections] density and sigma: got 0.000000 and inf, expected 0 < density <= 1 and "
            "sigma > 0");
}

}  // namespace
}  // namespace sheaf::backend::cim
