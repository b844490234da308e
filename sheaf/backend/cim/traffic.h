// SPDX-License-Identifier: Apache-2.0
//
// What layers say to each other over the network of a chip of tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/backend/cim/strategy.h"

namespace sheaf::backend::cim {

// Tiles that stand on a mesh, several at a router where they share one. `order` says which router
// the i-th has in the order in which layers fill tiles; by default rows in turns from left to right
// and back (serpentine).
struct TileMesh {
  std::uint32_t columns = 1;
  std::uint32_t tiles_per_router = 1;
  std::vector<std::uint32_t> order;  // router -> node; empty: serpentine
};

// A mesh as the chip says. Without one, or where `tiles` are more than it has, as square as they
// need: several chips count as one that is larger.
[[nodiscard]] TileMesh mesh_of(const target::Chip& chip, std::uint64_t tiles);

// Where a router stands: row * columns + column.
[[nodiscard]] std::uint32_t node_of(const TileMesh& mesh, std::uint64_t router);

// The crossbars of a layer, in the order in which layers fill tiles.
struct CrossbarRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

// Share of a range's crossbars on each of the routers that it takes, from `first` on in the order
// in which they are filled; shares add up to 1. `per_router`: crossbars of one.
struct RouterShares {
  std::uint64_t first = 0;
  std::vector<double> shares;
};
[[nodiscard]] RouterShares router_shares(CrossbarRange range, std::uint64_t per_router);

// Mean hops from a random crossbar of one range to one of the other. O(side).
[[nodiscard]] double mean_hops(const TileMesh& mesh, std::uint64_t crossbars_per_tile,
                               CrossbarRange from, CrossbarRange to);

struct SourceFlits {
  std::uint32_t layer;
  double flits;
};

struct Traffic {
  double values = 0;        // numbers that arrive, a number that two tiles need counted twice
  double partial_sums = 0;  // that one tile sends to the next
  double flits = 0;
  double flit_hops = 0;
  double sent_flits = 0;          // that leave their tile: each passes a router more than links
  std::vector<SourceFlits> from;  // flits of numbers, by the layer that sends them
};

// Traffic of one run into every layer: numbers of its sources, each once for every tile that holds
// rows for it, in one replica; and sums of strips of rows that lie in different tiles, which are
// added from tile to tile. What comes from outside does not pass the network. A number is sent to a
// tile as long as one of the weights there that it meets is not 0: of C, at density d, that is
// 1 - (1 - d)^C of them.
[[nodiscard]] std::vector<Traffic> traffic_of(const LayerShapes& shapes,
                                              const std::vector<LayerMapping>& mappings,
                                              const Hardware& hardware, const TileMesh& mesh,
                                              double density);

// The routers in another order, so that fewer flits pass fewer links. Throws UsageError for a
// network that takes more than kMostPlacedRouters, or for `exact` more than 16.
[[nodiscard]] TileMesh placed(const LayerShapes& shapes, const std::vector<LayerMapping>& mappings,
                              const Hardware& hardware, const TileMesh& mesh,
                              const StrategyOptions& options);
inline constexpr std::uint64_t kMostPlacedRouters = 1024;

}  // namespace sheaf::backend::cim
