// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <string>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/backend/cim/traffic.h"
#include "sheaf/base/error.h"
#include "sheaf/sim/placement/placement.h"

namespace sheaf::backend::cim {
namespace {

void require_few(std::uint64_t routers, std::uint64_t most) {
  if (routers <= most) return;
  throw base::UsageError({.place = "placement",
                          .what = "routers of the rows that the network takes",
                          .got = std::to_string(routers),
                          .expected = "at most " + std::to_string(most),
                          .hint = "use a serpentine"});
}

TileMesh row_major(TileMesh mesh, std::uint64_t routers) {
  mesh.order.resize(routers);
  std::iota(mesh.order.begin(), mesh.order.end(), 0U);
  return mesh;
}

}  // namespace

TileMesh placed(const LayerShapes& shapes, const std::vector<LayerMapping>& mappings,
                const Hardware& hardware, const TileMesh& mesh, const StrategyOptions& options) {
  if (options.placement == TilePlacement::serpentine) return mesh;
  const std::uint64_t per_router = hardware.crossbars_per_tile * mesh.tiles_per_router;
  std::vector<RouterShares> layers;
  std::uint64_t crossbars = 0;
  for (const LayerMapping& mapping : mappings) {
    layers.push_back(router_shares({crossbars, mapping.crossbars}, per_router));
    crossbars += taken_crossbars(mapping, hardware);
  }
  const auto routers = static_cast<std::uint32_t>(ceil_div(crossbars, per_router));
  if (options.placement == TilePlacement::row_major) return row_major(mesh, routers);
  // The whole rows of the mesh that they stand in.
  const std::uint64_t rows = ceil_div(routers, mesh.columns);
  const bool is_exact = options.placement == TilePlacement::exact;
  require_few(mesh.columns * rows, is_exact ? sim::placement::kMostExactNodes : kMostPlacedRouters);
  const sim::placement::Topology topology(mesh.columns, static_cast<std::uint32_t>(rows));

  // Flits of every pair of routers, as traffic_of() counts them.
  const std::vector<Traffic> traffic =
      traffic_of(shapes, mappings, hardware, mesh, options.density);
  sim::placement::Volumes volumes(routers);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    double inner = traffic[i].flits;
    for (const SourceFlits& source : traffic[i].from) {
      inner -= source.flits;
      const RouterShares& from = layers[source.layer];
      for (std::size_t a = 0; a < from.shares.size(); ++a) {
        for (std::size_t b = 0; b < layers[i].shares.size(); ++b) {
          volumes.at(static_cast<std::uint32_t>(from.first + a),
                     static_cast<std::uint32_t>(layers[i].first + b)) +=
              source.flits * from.shares[a] * layers[i].shares[b];
        }
      }
    }
    const std::size_t steps = layers[i].shares.size() - 1;
    for (std::size_t b = 0; b < steps; ++b) {
      const auto at = static_cast<std::uint32_t>(layers[i].first + b);
      volumes.at(at, at + 1) += inner / static_cast<double>(steps * mesh.tiles_per_router);
    }
  }
  const auto start = sim::placement::serpentine(topology, routers);
  sim::placement::AnnealingOptions annealing;
  annealing.seed = options.placement_seed;
  TileMesh result = mesh;
  result.order = is_exact ? sim::placement::place_exactly(topology, volumes).placement
                          : sim::placement::anneal(topology, volumes, start, annealing);
  return result;
}

}  // namespace sheaf::backend::cim
