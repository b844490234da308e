// SPDX-License-Identifier: Apache-2.0
//
// Which node of a mesh holds which tile, and what that costs: the sum over all pairs of tiles of
// volume times links (shortest paths, which XY takes).
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/sim/noc/topology.h"

namespace sheaf::sim::placement {

using Tile = std::uint32_t;
using noc::Node;
using noc::Topology;

// What tiles send to each other, in any unit: bits per inference, for instance.
class Volumes {
 public:
  explicit Volumes(std::uint32_t tiles) : tiles_(tiles), values_(std::size_t{tiles} * tiles) {}
  [[nodiscard]] std::uint32_t tiles() const noexcept { return tiles_; }
  [[nodiscard]] double& at(Tile source, Tile destination) {
    return values_[std::size_t{source} * tiles_ + destination];
  }
  [[nodiscard]] double at(Tile source, Tile destination) const {
    return values_[std::size_t{source} * tiles_ + destination];
  }
  // Both directions: links are as long one way as the other.
  [[nodiscard]] double between(Tile a, Tile b) const { return at(a, b) + at(b, a); }

 private:
  std::uint32_t tiles_;
  std::vector<double> values_;
};

// By tile. No node has two.
using Placement = std::vector<Node>;

// Tile i on node i.
[[nodiscard]] Placement row_major(const Topology& topology, std::uint32_t tiles);
// The same with every other row reversed, so that the next tile is always a neighbour.
[[nodiscard]] Placement serpentine(const Topology& topology, std::uint32_t tiles);

// Throws InternalError unless there is one node per tile and no node twice.
void verify(const Topology& topology, const Volumes& volumes, const Placement& placement);

[[nodiscard]] double volume_hops(const Topology& topology, const Volumes& volumes,
                                 const Placement& placement);

struct AnnealingOptions {
  std::uint64_t seed = 1;
  std::uint32_t sweeps = 400;       // each as many swaps as there are nodes, times 4
  double first_temperature = 1.0;   // in units of the mean change of a random swap
  double last_temperature = 0.001;  // reached geometrically
};

// Simulated annealing (Kirkpatrick, Gelatt and Vecchi, Science 220, 1983) from `start`: swaps the
// contents of two nodes. Never worse than `start`; the same seed gives the same placement.
[[nodiscard]] Placement anneal(const Topology& topology, const Volumes& volumes,
                               const Placement& start, const AnnealingOptions& options = {});

struct ExactPlacement {
  Placement placement;
  double volume_hops = 0;
  std::uint64_t branches = 0;  // partial placements that were looked at
};

inline constexpr std::uint32_t kMostExactNodes = 16;

// An optimum, by branch and bound with the bound of Gilmore (J. SIAM 10, 1962) and Lawler
// (Management Science 9, 1963); tiles that can be exchanged and symmetries of the mesh are tried
// once. Throws UsageError for more than kMostExactNodes nodes, ResourceError after `most_branches`.
[[nodiscard]] ExactPlacement place_exactly(const Topology& topology, const Volumes& volumes,
                                           std::uint64_t most_branches = 20'000'000);

}  // namespace sheaf::sim::placement
