// SPDX-License-Identifier: Apache-2.0
//
// Sparse layers spread over the tiles of a mesh: which unit has to tell which tile its value.
// CANNON (IEEE TETC 2023), whose abstract alone is known to us; reconstructed.
//
// A unit u is connected to a unit v with probability P = min(1, kappa phi(h)), where h is the
// distance of their tiles, phi = exp(-(h - 1) / sigma), and kappa makes the mean of P the density.
// sigma = infinity: every connection is as likely (Erdos-Renyi). A unit's value is sent to a tile
// once, if the unit is connected to any of the units there.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace sheaf::backend::cim {

// Layers of units on the nodes of a mesh of `columns`; layer l is spread evenly over nodes[l].
struct TiledLayers {
  std::uint32_t columns = 1;
  std::vector<std::uint32_t> units;
  std::vector<std::vector<std::uint32_t>> nodes;
};

// Layers on consecutive nodes, row by row from left to right.
[[nodiscard]] TiledLayers row_major(std::uint32_t columns, const std::vector<std::uint32_t>& units,
                                    const std::vector<std::uint32_t>& tiles);

inline constexpr double kAnyDistance = std::numeric_limits<double>::infinity();

struct ConnectionRule {
  double density = 1;           // share of connections that a layer keeps, 0..1
  double sigma = kAnyDistance;  // > 0
  bool dense_last = true;       // connections to the last layer are all kept
};

// Values that one node sends to another.
struct NodeVolume {
  std::uint32_t from;
  std::uint32_t to;
  double values;
};
// By layer that receives, from the second on.
using LayerVolumes = std::vector<std::vector<NodeVolume>>;

// Both throw UsageError for nodes beyond sim::noc::Topology::kMostNodes.
//
// The mean over all masks of the rule, in closed form; sim/placement/masks.h draws single ones.
[[nodiscard]] LayerVolumes expected_volumes(const TiledLayers& layers, const ConnectionRule& rule);
// What one inference sends over the mesh; a value is a flit.
struct VolumeCost {
  double values = 0;
  double value_hops = 0;
  // Cycles until the last value has arrived, layer after layer, at least: the busiest link, source
  // or destination, and a flit's way through an empty mesh, 5 (links + 1) + 2.
  double cycles = 0;
};
[[nodiscard]] VolumeCost cost_of(const LayerVolumes& volumes, std::uint32_t columns);

}  // namespace sheaf::backend::cim
