// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/placement.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "tests/message_of.h"

namespace sheaf::sim::placement {
namespace {

Volumes random_volumes(std::uint32_t tiles, std::uint64_t seed) {
  base::Rng rng(seed);
  Volumes volumes(tiles);
  for (Tile a = 0; a < tiles; ++a) {
    for (Tile b = 0; b < tiles; ++b) volumes.at(a, b) = rng.below(3) == 0 ? rng.below(10) : 0;
  }
  return volumes;
}

TEST(Placement, SerpentineKeepsFollowersAdjacent) {
  const Topology topology(4, 3);
  const Placement placement = serpentine(topology, 12);
  for (Tile tile = 1; tile < 12; ++tile) {
    EXPECT_EQ(topology.distance(placement[tile - 1], placement[tile]), 1U);
  }
}

TEST(Placement, CostIsVolumeTimesLinks) {
  Volumes volumes(3);
  volumes.at(0, 1) = 2;
  volumes.at(2, 0) = 5;
  volumes.at(1, 1) = 7;  // stays on its tile
  EXPECT_EQ(volume_hops(Topology(3, 1), volumes, {0, 1, 2}), 2 * 1 + 5 * 2);
}

TEST(Placement, AnnealingIsNeverWorseThanItsStartAndRepeats) {
  const Topology topology(4, 4);
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Volumes volumes = random_volumes(13, seed);
    const Placement start = row_major(topology, 13);
    const AnnealingOptions options{.seed = seed, .sweeps = 40};
    const Placement annealed = anneal(topology, volumes, start, options);
    EXPECT_LT(volume_hops(topology, volumes, annealed), volume_hops(topology, volumes, start));
    EXPECT_EQ(annealed, anneal(topology, volumes, start, options));
  }
}

TEST(Placement, RefusesMoreTilesThanNodes) {
  EXPECT_EQ(
      test::message_of<base::UsageError>([] { static_cast<void>(serpentine(Topology(2, 2), 5)); }),
      "[sim/placement] more tiles than nodes: got 5, expected at most 4");
}

TEST(Placement, FindsTwoTilesOnOneNode) {
  EXPECT_EQ(test::message_of<base::InternalError>([] {
              verify(Topology(2, 2), Volumes(2), {1, 1});
            }),
            "[sim/placement] tiles on different nodes of the mesh");
}

}  // namespace
}  // namespace sheaf::sim::placement
