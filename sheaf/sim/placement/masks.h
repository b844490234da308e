// SPDX-License-Identifier: Apache-2.0
//
// Which connections a sparse network has, and what that leaves to be sent. *Reconstructed*: of
// CANNON (Goksoy et al., IEEE TETC 11(4), 2023) only the abstract is public, which says neither how
// connections are chosen nor how traffic is counted; docs/noc.md defines both.
//
// Units of a layer lie on its tiles in runs that differ by one at most. The unit of traffic is the
// group (activation, destination tile): an activation is sent to a tile once when any unit of that
// tile reads it, and not at all when none does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/base/philox.h"
#include "sheaf/sim/placement/placement.h"

namespace sheaf::sim::placement {

struct Layer {
  std::uint32_t units = 1;
  std::uint32_t tiles = 1;     // at most units
  double values_per_unit = 1;  // activations that a unit emits per inference
};

// Layers that feed each other in a chain, on tiles numbered in their order.
class Chain {
 public:
  // Throws UsageError for a layer without units or tiles, or with more tiles than units.
  explicit Chain(std::vector<Layer> layers);

  [[nodiscard]] std::uint32_t layers() const noexcept {
    return static_cast<std::uint32_t>(layers_.size());
  }
  [[nodiscard]] const Layer& layer(std::uint32_t l) const { return layers_[l]; }
  [[nodiscard]] std::uint32_t tiles() const noexcept { return first_tile_.back(); }
  // The first `units % tiles` tiles of a layer hold a unit more than the others.
  [[nodiscard]] Tile tile_of(std::uint32_t l, std::uint32_t unit) const;

 private:
  std::vector<Layer> layers_;
  std::vector<Tile> first_tile_;  // and behind the last
};

// Connections between a layer and the next: bit [from * to_units + to].
struct Mask {
  std::uint32_t from_units = 0;
  std::uint32_t to_units = 0;
  std::vector<std::uint8_t> present;
  [[nodiscard]] double density() const;
};

[[nodiscard]] Mask dense_mask(const Chain& chain, std::uint32_t layer);

// Every connection with probability `density` (Erdos and Renyi). Throws UsageError unless
// 0 < density <= 1. Connection i of layer l is a function of (random, l, i).
[[nodiscard]] Mask erdos_renyi_mask(const Chain& chain, std::uint32_t layer, double density,
                                    const base::Philox& random);

// With probability min(1, kappa exp(-(h - 1) / sigma)), h being the links between the tiles of the
// two units; kappa is chosen by bisection so that the expected density is `density`. A large sigma
// gives the mask above.
struct DistanceWeight {
  double density = 0.1;
  double sigma = 1;  // in links, above 0
};
// The probability by links, 0 and up, whose mean over all connections is the density;
// `connections`: how many there are of each number of links. sigma may be infinite: any distance.
[[nodiscard]] std::vector<double> chances(const std::vector<double>& connections,
                                          const DistanceWeight& weight);
[[nodiscard]] Mask distance_mask(const Chain& chain, std::uint32_t layer,
                                 const DistanceWeight& weight, const Topology& topology,
                                 const Placement& placement, const base::Philox& random);

// Values that tiles send to each other per inference, by groups (activation, destination tile).
// `masks[l]` connects layer l and l + 1.
[[nodiscard]] Volumes volumes_of(const Chain& chain, std::span<const Mask> masks);

}  // namespace sheaf::sim::placement
