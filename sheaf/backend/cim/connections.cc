// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/connections.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/simulate.h"
#include "sheaf/sim/noc/topology.h"
#include "sheaf/sim/placement/masks.h"

namespace sheaf::backend::cim {
namespace {

// A mesh that has all these nodes.
sim::noc::Topology topology_of(std::uint32_t columns, std::uint32_t last_node) {
  return {columns, last_node / columns + 1};
}

sim::noc::Topology topology_of(const TiledLayers& layers) {
  std::uint32_t last = 0;
  for (const auto& nodes : layers.nodes) {
    for (const std::uint32_t node : nodes) last = std::max(last, node);
  }
  return topology_of(layers.columns, last);
}

// Units of a layer on the i-th of its `tiles`, as sim/placement/masks.h spreads them.
std::uint32_t units_on(std::uint32_t units, std::uint64_t tiles, std::uint64_t i) {
  return static_cast<std::uint32_t>(units / tiles + (i < units % tiles ? 1 : 0));
}

// Probability of a connection between layers `l` and `l + 1` by links, 0 and up.
std::vector<double> probabilities(const TiledLayers& layers, std::size_t l,
                                  const ConnectionRule& rule, const sim::noc::Topology& topology) {
  std::vector<double> connections(std::size_t{topology.columns()} + topology.rows());
  const bool is_last = l + 2 == layers.units.size();
  if (rule.density >= 1 || (is_last && rule.dense_last)) {
    return std::vector<double>(connections.size(), 1);
  }
  const auto& from = layers.nodes[l];
  const auto& to = layers.nodes[l + 1];
  for (std::size_t i = 0; i < from.size(); ++i) {
    for (std::size_t j = 0; j < to.size(); ++j) {
      connections[topology.distance(from[i], to[j])] +=
          static_cast<double>(units_on(layers.units[l], from.size(), i)) *
          units_on(layers.units[l + 1], to.size(), j);
    }
  }
  return sim::placement::chances(connections, {.density = rule.density, .sigma = rule.sigma});
}

void require(const TiledLayers& layers, const ConnectionRule& rule) {
  base::check(layers.units.size() == layers.nodes.size() && layers.columns > 0, "connections",
              "layers without nodes");
  if (rule.density > 0 && rule.density <= 1 && rule.sigma > 0) return;
  throw base::UsageError(
      {.place = "connections",
       .what = "density and sigma",
       .got = std::to_string(rule.density) + " and " + std::to_string(rule.sigma),
       .expected = "0 < density <= 1 and sigma > 0"});
}

// Cycles of one layer's burst under XY routing.
double burst_cycles(const std::vector<NodeVolume>& volumes, const sim::noc::Topology& topology) {
  std::vector<double> links(std::size_t{topology.nodes()} * sim::noc::kPorts);
  std::vector<double> sent(topology.nodes());
  std::vector<double> received(topology.nodes());
  std::uint32_t farthest = 0;
  for (const NodeVolume& volume : volumes) {
    if (volume.from == volume.to || volume.values == 0) continue;
    sent[volume.from] += volume.values;
    received[volume.to] += volume.values;
    farthest = std::max(farthest, topology.distance(volume.from, volume.to));
    for (std::uint32_t at = volume.from; at != volume.to;) {
      const sim::noc::Port port = topology.xy_port(at, volume.to);
      links[at * sim::noc::kPorts + port] += volume.values;
      at = topology.neighbour(at, port).value();
    }
  }
  double busiest = 0;
  for (const auto* loads : {&links, &sent, &received}) {
    busiest = std::max(busiest, *std::max_element(loads->begin(), loads->end()));
  }
  return busiest == 0 ? 0 : busiest + sim::noc::zero_load_latency({}, farthest, 1);
}

}  // namespace

TiledLayers row_major(std::uint32_t columns, const std::vector<std::uint32_t>& units,
                      const std::vector<std::uint32_t>& tiles) {
  TiledLayers layers{columns, units, {}};
  std::uint32_t node = 0;
  for (const std::uint32_t count : tiles) {
    layers.nodes.emplace_back();
    for (std::uint32_t i = 0; i < count; ++i) layers.nodes.back().push_back(node++);
  }
  return layers;
}

LayerVolumes expected_volumes(const TiledLayers& layers, const ConnectionRule& rule) {
  require(layers, rule);
  const sim::noc::Topology topology = topology_of(layers);
  LayerVolumes volumes;
  for (std::size_t l = 0; l + 1 < layers.units.size(); ++l) {
    const std::vector<double> probability = probabilities(layers, l, rule, topology);
    const auto& from = layers.nodes[l];
    const auto& to = layers.nodes[l + 1];
    volumes.emplace_back();
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::uint32_t senders = units_on(layers.units[l], from.size(), i);
      for (std::size_t j = 0; j < to.size(); ++j) {
        const double p = probability[topology.distance(from[i], to[j])];
        const std::uint32_t readers = units_on(layers.units[l + 1], to.size(), j);
        volumes.back().push_back({from[i], to[j], senders * (1 - std::pow(1 - p, readers))});
      }
    }
  }
  return volumes;
}

VolumeCost cost_of(const LayerVolumes& volumes, std::uint32_t columns) {
  std::uint32_t last = 0;
  for (const auto& layer : volumes) {
    for (const NodeVolume& volume : layer) last = std::max({last, volume.from, volume.to});
  }
  const sim::noc::Topology topology = topology_of(columns, last);
  VolumeCost cost;
  for (const auto& layer : volumes) {
    for (const NodeVolume& volume : layer) {
      cost.values += volume.values;
      cost.value_hops += volume.values * topology.distance(volume.from, volume.to);
    }
    cost.cycles += burst_cycles(layer, topology);
  }
  return cost;
}

}  // namespace sheaf::backend::cim
