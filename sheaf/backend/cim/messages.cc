// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/messages.h"

#include <algorithm>
#include <cmath>

#include "sheaf/backend/cim/counts.h"

namespace sheaf::backend::cim {
namespace {

// A router of a layer, in the order of filling, and its share of the layer's crossbars.
struct Place {
  std::uint32_t node = 0;
  double share = 0;
};

std::vector<Place> places_of(const TileMesh& mesh, CrossbarRange range, std::uint64_t per_router) {
  const RouterShares routers = router_shares(range, per_router);
  std::vector<Place> places;
  for (std::size_t i = 0; i < routers.shares.size(); ++i) {
    places.push_back({node_of(mesh, routers.first + i), routers.shares[i]});
  }
  return places;
}

// Routers that one number goes to.
std::size_t readers_of(const LayerShape& layer, const SourceFlits& source, const TileMesh& mesh,
                       std::uint32_t flit_bits) {
  double values = 0;
  for (const LayerSource& made : layer.sources) {
    if (made.layer == source.layer) values += static_cast<double>(made.values);
  }
  if (values == 0) return 1;
  const double tiles = source.flits * flit_bits / (values * layer.input_bits);
  return std::max<std::size_t>(1, std::llround(tiles / mesh.tiles_per_router));
}

void send(const std::vector<Place>& from, const std::vector<Place>& to, double flits,
          std::size_t group, std::vector<Message>& messages) {
  for (const Place& source : from) {
    for (std::size_t first = 0; first < to.size(); first += group) {
      Message message{.source = source.node, .destinations = {}};
      double share = 0;
      for (std::size_t i = first; i < std::min(to.size(), first + group); ++i) {
        message.destinations.push_back(to[i].node);
        share += to[i].share;
      }
      message.flits =
          flits * source.share * share / static_cast<double>(message.destinations.size());
      messages.push_back(std::move(message));
    }
  }
}

}  // namespace

Messages messages_of(const LayerShapes& shapes, const NetworkCost& cost, const target::Chip& chip,
                     bool multicast) {
  if (chip.pe.kind == target::PeKind::array) return {};
  const Hardware hardware = hardware_of(chip);
  const TileMesh& mesh = cost.mesh;
  const std::uint64_t per_router =
      std::uint64_t{hardware.crossbars_per_tile} * mesh.tiles_per_router;
  Messages all{.columns = mesh.columns, .rows = 1, .layers = {}};
  std::vector<std::vector<Place>> places;
  std::uint64_t first = 0;
  for (const LayerCost& layer : cost.layers) {
    places.push_back(places_of(mesh, {first, layer.mapping.crossbars}, per_router));
    first += taken_crossbars(layer.mapping, hardware);
    for (const Place& place : places.back()) {
      all.rows = std::max(all.rows, place.node / mesh.columns + 1);
    }
  }
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    const Traffic& traffic = cost.layers[i].traffic;
    std::vector<Message>& messages = all.layers.emplace_back();
    double sums = traffic.flits;
    for (const SourceFlits& source : traffic.from) {
      const std::size_t group =
          multicast ? readers_of(shapes.layers[i], source, mesh, hardware.flit_bits) : 1;
      send(places[source.layer], places[i], source.flits, group, messages);
      sums -= source.flits;
    }
    const std::size_t steps = places[i].size() - 1;
    for (std::size_t p = 0; p < steps; ++p) {
      messages.push_back(
          {.source = places[i][p].node,
           .destinations = {places[i][p + 1].node},
           .flits = std::max(0.0, sums) / static_cast<double>(steps * mesh.tiles_per_router)});
    }
  }
  return all;
}

}  // namespace sheaf::backend::cim
