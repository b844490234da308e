// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/connections.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::backend::cim {
namespace {

constexpr int kBisections = 200;

std::uint32_t distance(std::uint32_t a, std::uint32_t b, std::uint32_t columns) {
  const auto apart = [](std::uint32_t x, std::uint32_t y) { return x > y ? x - y : y - x; };
  return apart(a % columns, b % columns) + apart(a / columns, b / columns);
}

// Units of a layer on the i-th of its `tiles`, as sim/placement/masks.h spreads them.
std::uint32_t units_on(std::uint32_t units, std::uint64_t tiles, std::uint64_t i) {
  return static_cast<std::uint32_t>(units / tiles + (i < units % tiles ? 1 : 0));
}

double phi(std::uint32_t hops, double sigma) {
  return std::exp(-(static_cast<double>(hops) - 1) / sigma);
}

// Probability of a connection by distance, between layers `l` and `l + 1`.
class Probability {
 public:
  Probability(const TiledLayers& layers, std::size_t l, const ConnectionRule& rule) {
    const bool is_last = l + 2 == layers.units.size();
    if (rule.density >= 1 || (is_last && rule.dense_last)) return;
    std::map<std::uint32_t, double> pairs;  // connections by distance
    double all = 0;
    const auto& from = layers.nodes[l];
    const auto& to = layers.nodes[l + 1];
    for (std::size_t i = 0; i < from.size(); ++i) {
      for (std::size_t j = 0; j < to.size(); ++j) {
        const double count = static_cast<double>(units_on(layers.units[l], from.size(), i)) *
                             units_on(layers.units[l + 1], to.size(), j);
        pairs[distance(from[i], to[j], layers.columns)] += count;
        all += count;
      }
    }
    sigma_ = rule.sigma;
    double low = 0;
    double high = 1 / phi(pairs.rbegin()->first, sigma_);
    for (int i = 0; i < kBisections; ++i) {
      kappa_ = (low + high) / 2;
      double sum = 0;
      for (const auto& [hops, count] : pairs) sum += count * at(hops);
      (sum < rule.density * all ? low : high) = kappa_;
    }
  }

  [[nodiscard]] double at(std::uint32_t hops) const {
    return std::min(1.0, kappa_ * phi(hops, sigma_));
  }

 private:
  double kappa_ = 1;
  double sigma_ = kAnyDistance;
};

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
double burst_cycles(const std::vector<NodeVolume>& volumes, std::uint32_t columns) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> links;
  std::map<std::uint32_t, double> sent;
  std::map<std::uint32_t, double> received;
  std::uint32_t farthest = 0;
  for (const NodeVolume& volume : volumes) {
    if (volume.from == volume.to || volume.values == 0) continue;
    sent[volume.from] += volume.values;
    received[volume.to] += volume.values;
    farthest = std::max(farthest, distance(volume.from, volume.to, columns));
    std::uint32_t at = volume.from;
    while (at != volume.to) {
      std::uint32_t next = at;
      if (at % columns != volume.to % columns) {
        next = at % columns < volume.to % columns ? at + 1 : at - 1;
      } else {
        next = at < volume.to ? at + columns : at - columns;
      }
      links[{at, next}] += volume.values;
      at = next;
    }
  }
  double busiest = 0;
  for (const auto& [link, load] : links) busiest = std::max(busiest, load);
  for (const auto& [node, load] : sent) busiest = std::max(busiest, load);
  for (const auto& [node, load] : received) busiest = std::max(busiest, load);
  return busiest == 0 ? 0 : busiest + 5.0 * (farthest + 1) + 2;
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
  LayerVolumes volumes;
  for (std::size_t l = 0; l + 1 < layers.units.size(); ++l) {
    const Probability probability(layers, l, rule);
    const auto& from = layers.nodes[l];
    const auto& to = layers.nodes[l + 1];
    volumes.emplace_back();
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::uint32_t senders = units_on(layers.units[l], from.size(), i);
      for (std::size_t j = 0; j < to.size(); ++j) {
        const double p = probability.at(distance(from[i], to[j], layers.columns));
        const std::uint32_t readers = units_on(layers.units[l + 1], to.size(), j);
        volumes.back().push_back({from[i], to[j], senders * (1 - std::pow(1 - p, readers))});
      }
    }
  }
  return volumes;
}

VolumeCost cost_of(const LayerVolumes& volumes, std::uint32_t columns) {
  VolumeCost cost;
  for (const auto& layer : volumes) {
    for (const NodeVolume& volume : layer) {
      cost.values += volume.values;
      cost.value_hops += volume.values * distance(volume.from, volume.to, columns);
    }
    cost.cycles += burst_cycles(layer, columns);
  }
  return cost;
}

}  // namespace sheaf::backend::cim
