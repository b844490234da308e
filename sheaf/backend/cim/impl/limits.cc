// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/impl/limits.h"

#include <algorithm>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/backend/cim/link_loads.h"

namespace sheaf::backend::cim {
namespace {

void set_network(const Hardware& hardware, const TileMesh& mesh, NetworkCost& cost) {
  cost.links_counted = true;
  if (hardware.flit_ns == 0 || cost.flit_hops == 0) return;
  const std::uint64_t routers =
      ceil_div(cost.crossbars, std::uint64_t{hardware.crossbars_per_tile} * mesh.tiles_per_router);
  cost.links_counted = routers <= kMostCountedRouters;
  if (!cost.links_counted) return;
  const LinkLoads loads = link_loads(cost, hardware, mesh);
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    cost.layers[i].limits.of(Bound::network) = loads.busiest_of_layer[i] * hardware.flit_ns;
  }
  cost.limits.of(Bound::network) = loads.busiest() * hardware.flit_ns;
}

// Tiles are filled one after the other; crossbars of a layer move as many bytes each.
void set_memory(const Hardware& hardware, NetworkCost& cost) {
  if (hardware.memory_bytes_per_ns == 0) return;
  const std::uint64_t per_tile = hardware.crossbars_per_tile;
  double busiest = 0;
  double open = 0;         // ns of the tile that is being filled
  std::uint64_t used = 0;  // of its crossbars
  for (LayerCost& layer : cost.layers) {
    const std::uint64_t crossbars = layer.mapping.crossbars;
    const double each =
        layer.buffer_bytes / hardware.memory_bytes_per_ns / static_cast<double>(crossbars);
    layer.limits.of(Bound::memory) = each * static_cast<double>(std::min(crossbars, per_tile));
    std::uint64_t rest = crossbars;
    while (rest > 0) {
      const std::uint64_t here = std::min(rest, per_tile - used);
      open += each * static_cast<double>(here);
      busiest = std::max(busiest, open);
      used += here;
      rest -= here;
      if (used < per_tile) continue;
      open = 0;
      used = 0;
      // Tiles that hold nothing else are alike.
      if (rest > per_tile) rest = per_tile + rest % per_tile;
    }
    if (taken_crossbars(layer.mapping, hardware) > crossbars) {
      open = 0;
      used = 0;
    }
  }
  cost.limits.of(Bound::memory) = busiest;
}

}  // namespace

void set_limits(const Hardware& hardware, const TileMesh& mesh, NetworkCost& cost) {
  for (LayerCost& layer : cost.layers) {
    layer.limits.of(Bound::compute) = static_cast<double>(layer.cycles) * hardware.cycle_ns;
    cost.limits.of(Bound::compute) =
        std::max(cost.limits.of(Bound::compute), layer.limits.of(Bound::compute));
  }
  set_network(hardware, mesh, cost);
  set_memory(hardware, cost);
}

void set_memory_need(const LayerShapes& shapes, const Hardware& hardware, bool in_turn,
                     NetworkCost& cost) {
  cost.memory_bytes = hardware.memory_bytes;
  const std::uint64_t per_tile = hardware.crossbars_per_tile;
  const auto all_tiles = static_cast<double>(ceil_div(cost.crossbars, per_tile));
  double open = 0;  // of the last tile that the layers before have begun
  std::uint32_t neediest = 0;
  double largest = 0;      // in that tile
  std::uint64_t used = 0;  // of its crossbars
  for (std::uint32_t i = 0; i < shapes.layers.size(); ++i) {
    const LayerShape& layer = shapes.layers[i];
    const LayerMapping& mapping = cost.layers[i].mapping;
    double need = 0;
    if (in_turn) {
      const double read = static_cast<double>(layer.in_height) * layer.in_width * layer.in_channels;
      const double made = static_cast<double>(layer.results()) / static_cast<double>(layer.calls);
      need = (read + made) * layer.input_bits / 8 / all_tiles;
      open = 0;
      largest = 0;
    } else {
      const std::uint64_t tiles = ceil_div(mapping.crossbars / mapping.replicas, per_tile);
      const auto tall = static_cast<double>(std::min<std::uint64_t>(tiles, mapping.row_strips));
      need = static_cast<double>(line_buffer_values(layer)) * layer.input_bits / 8 / tall;
      if (used == per_tile) open = largest = 0;
    }
    open += need;
    if (need > largest) {
      largest = need;
      neediest = i;
    }
    if (open > cost.memory_need_bytes) {
      cost.memory_need_bytes = open;
      cost.neediest_layer = neediest;
    }
    // The layer after begins in the last tile of this one, which holds this one alone if it has
    // filled the tile before.
    const std::uint64_t end = (used % per_tile) + mapping.crossbars;
    if (end > per_tile) {
      open = largest = need;
      neediest = i;
    }
    const bool alone = taken_crossbars(mapping, hardware) > mapping.crossbars;
    used = alone || end % per_tile == 0 ? per_tile : end % per_tile;
  }
}

}  // namespace sheaf::backend::cim
