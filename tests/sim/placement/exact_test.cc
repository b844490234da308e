// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/sim/placement/placement.h"
#include "tests/message_of.h"

namespace sheaf::sim::placement {
namespace {

// Tiles of consecutive layers send one unit to each tile of the next layer.
Volumes layered(const std::vector<std::uint32_t>& layers) {
  Volumes volumes(std::accumulate(layers.begin(), layers.end(), 0U));
  std::uint32_t first = 0;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    for (Tile a = first; a < first + layers[l]; ++a) {
      for (Tile b = first + layers[l]; b < first + layers[l] + layers[l + 1]; ++b) {
        volumes.at(a, b) = 1;
      }
    }
    first += layers[l];
  }
  return volumes;
}

double naive_cost(const Topology& topology, const Volumes& volumes, const Placement& nodes) {
  double sum = 0;
  for (Tile a = 0; a < volumes.tiles(); ++a) {
    for (Tile b = 0; b < volumes.tiles(); ++b) {
      sum += volumes.at(a, b) * topology.distance(nodes[a], nodes[b]);
    }
  }
  return sum;
}

TEST(ExactPlacement, TheWorkedExampleOfTwoThreeAndFourTiles) {
  const Topology topology(3, 3);
  const Volumes volumes = layered({2, 3, 4});
  EXPECT_EQ(volume_hops(topology, volumes, row_major(topology, 9)), 33);
  EXPECT_EQ(volume_hops(topology, volumes, serpentine(topology, 9)), 37);
  EXPECT_EQ(place_exactly(topology, volumes).volume_hops, 32);
  // 90 assignments of layers to sets of nodes reach it, and none is better.
  std::string layer_of = "001112222";
  std::map<double, int> count;
  do {
    std::array<Tile, 3> next = {0, 2, 5};
    Placement nodes(9);
    for (Node node = 0; node < 9; ++node) nodes[next[layer_of[node] - '0']++] = node;
    ++count[naive_cost(topology, volumes, nodes)];
  } while (std::next_permutation(layer_of.begin(), layer_of.end()));
  EXPECT_EQ(count.begin()->first, 32);
  EXPECT_EQ(count.begin()->second, 90);
}

TEST(ExactPlacement, NoPlacementOfAllIsBetter) {
  base::Rng rng(5);
  for (int i = 0; i < 6; ++i) {
    const Topology topology(i % 2 == 0 ? 3 : 7, i % 2 == 0 ? 2 : 1);
    Volumes volumes(topology.nodes());
    for (Tile a = 0; a < volumes.tiles(); ++a) {
      for (Tile b = 0; b < volumes.tiles(); ++b) volumes.at(a, b) = rng.below(4);
    }
    Placement nodes = row_major(topology, volumes.tiles());
    double least = std::numeric_limits<double>::infinity();
    do {
      least = std::min(least, naive_cost(topology, volumes, nodes));
    } while (std::next_permutation(nodes.begin(), nodes.end()));
    const ExactPlacement exact = place_exactly(topology, volumes);
    EXPECT_DOUBLE_EQ(exact.volume_hops, least);
    EXPECT_DOUBLE_EQ(naive_cost(topology, volumes, exact.placement), least);
  }
}

TEST(ExactPlacement, LeavesNodesWithoutTiles) {
  Volumes volumes(3);
  volumes.at(0, 1) = volumes.at(1, 2) = 1;
  EXPECT_EQ(place_exactly(Topology(3, 3), volumes).volume_hops, 2);
}

TEST(ExactPlacement, RealLayersOnSixteenNodesAreSolved) {
  const Topology topology(4, 4);
  const Volumes volumes = layered({4, 4, 4, 4});
  const ExactPlacement exact = place_exactly(topology, volumes);
  const Placement annealed = anneal(topology, volumes, serpentine(topology, 16));
  EXPECT_LE(exact.volume_hops, volume_hops(topology, volumes, annealed));
  RecordProperty("branches", static_cast<int>(exact.branches));
}

TEST(ExactPlacement, RefusesMoreThanSixteenNodes) {
  EXPECT_EQ(test::message_of<base::UsageError>(
                [] { static_cast<void>(place_exactly(Topology(5, 4), Volumes(3))); }),
            "[sim/placement] too many nodes for the exact solver: got 20, expected at most 16; "
            "anneal instead");
}

TEST(ExactPlacement, GivesUpAfterTheBranchesThatItMayTake) {
  EXPECT_EQ(test::message_of<base::ResourceError>([] {
              static_cast<void>(place_exactly(Topology(3, 3), layered({2, 3, 4}), 3));
            }),
            "[sim/placement] the exact solver gave up: got 3 partial placements; anneal instead, "
            "or allow more");
}

}  // namespace
}  // namespace sheaf::sim::placement
