// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/mask_flows.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::placement {
namespace {

TEST(MaskFlows, OfDenseLayersAreUnitsForEveryTileThatReadsThem) {
  // 5 units on nodes 0 and 1 of a row (3 and 2), 4 on nodes 2 and 3.
  const std::vector<double> flows = mask_flows(noc::Topology(4, 1), "units=5/4,tiles=2/2");
  const std::vector<double> expected{0, 0, 3, 3, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(flows, expected);
}

double sum(const char* spec) {
  const std::vector<double> flows = mask_flows(noc::Topology(7, 7), spec);
  return std::accumulate(flows.begin(), flows.end(), 0.0);
}

TEST(MaskFlows, OfSparseLayersAreFewerAndFewerStillOverShortDistances) {
  const double dense = sum("units=320/320/10,tiles=16/16/1");
  const double random = sum("units=320/320/10,tiles=16/16/1,density=0.05");
  const double near = sum("units=320/320/10,tiles=16/16/1,density=0.05,sigma=0.5");
  EXPECT_EQ(dense, 320.0 * 16 + 320);
  // 1 - 0.95^20 = 0.6415 of the pairs of a unit and a tile.
  EXPECT_NEAR((random - 320) / (320 * 16), 0.6415, 0.03);
  EXPECT_LT(near, random);
  EXPECT_EQ(random, sum("units=320/320/10,tiles=16/16/1,density=0.05,seed=1"));
  EXPECT_NE(random, sum("units=320/320/10,tiles=16/16/1,density=0.05,seed=2"));
}

std::string refusal(const char* spec) {
  return test::message_of<base::UsageError>(
      [&] { static_cast<void>(mask_flows(noc::Topology(2, 2), spec)); });
}

TEST(MaskFlows, RefusesWhatIsNoSparseNetwork) {
  EXPECT_EQ(refusal("units=5/4"),
            "[masks] layers: got 2 numbers of units and 0 of tiles, expected as many of both, 2 at "
            "least");
  EXPECT_EQ(
      refusal("unit=5"),
      "[masks] no such key: got 'unit', expected units, tiles, density, sigma or seed; did you "
      "mean 'units'?");
  EXPECT_EQ(refusal("units=5/x"), "[masks] units: got 'x', expected a number in its range");
  EXPECT_EQ(refusal("units=5/4,tiles=3/2"),
            "[masks] tiles: got 5, expected at most the 4 nodes of the mesh");
  EXPECT_EQ(refusal("units=5/4,tiles=2/2,density=nan"),
            "[masks] density: got 'nan', expected a number in its range");
}

}  // namespace
}  // namespace sheaf::sim::placement
