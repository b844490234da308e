// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/placement.h"

#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::placement {
namespace {

void require_room(const Topology& topology, std::uint32_t tiles) {
  if (tiles <= topology.nodes()) return;
  throw base::UsageError({.place = "sim/placement",
                          .what = "more tiles than nodes",
                          .got = std::to_string(tiles),
                          .expected = "at most " + std::to_string(topology.nodes())});
}

}  // namespace

Placement row_major(const Topology& topology, std::uint32_t tiles) {
  require_room(topology, tiles);
  Placement placement(tiles);
  for (Tile tile = 0; tile < tiles; ++tile) placement[tile] = tile;
  return placement;
}

Placement serpentine(const Topology& topology, std::uint32_t tiles) {
  Placement placement = row_major(topology, tiles);
  for (Node& node : placement) {
    const std::uint32_t y = topology.y(node);
    if (y % 2 == 1) node = topology.at(topology.columns() - 1 - topology.x(node), y);
  }
  return placement;
}

void verify(const Topology& topology, const Volumes& volumes, const Placement& placement) {
  base::check(placement.size() == volumes.tiles(), "sim/placement", "a node per tile");
  std::vector<bool> taken(topology.nodes());
  for (const Node node : placement) {
    base::check(node < topology.nodes() && !taken[node], "sim/placement",
                "tiles on different nodes of the mesh");
    taken[node] = true;
  }
}

double volume_hops(const Topology& topology, const Volumes& volumes, const Placement& placement) {
  verify(topology, volumes, placement);
  double sum = 0;
  for (Tile a = 0; a < volumes.tiles(); ++a) {
    for (Tile b = 0; b < volumes.tiles(); ++b) {
      sum += volumes.at(a, b) * topology.distance(placement[a], placement[b]);
    }
  }
  return sum;
}

}  // namespace sheaf::sim::placement
