// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/masks.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::placement {
namespace {

constexpr const char* kPlace = "sim/placement/masks";

void require_density(double density) {
  if (density > 0 && density <= 1) return;
  throw base::UsageError({.place = kPlace,
                          .what = "wrong density",
                          .got = std::to_string(density),
                          .expected = "above 0, at most 1"});
}

Mask empty_mask(const Chain& chain, std::uint32_t layer) {
  base::check(layer + 1 < chain.layers(), kPlace, "a layer that feeds another");
  Mask mask{.from_units = chain.layer(layer).units, .to_units = chain.layer(layer + 1).units};
  mask.present.resize(std::size_t{mask.from_units} * mask.to_units);
  return mask;
}

// Draws every connection with the probability that `chance(from, to)` gives.
template <class Chance>
Mask draw(Mask mask, std::uint32_t layer, const base::Philox& random, Chance&& chance) {
  std::size_t i = 0;
  for (std::uint32_t from = 0; from < mask.from_units; ++from) {
    for (std::uint32_t to = 0; to < mask.to_units; ++to, ++i) {
      mask.present[i] = random.uniform(layer, i) < chance(from, to) ? 1 : 0;
    }
  }
  return mask;
}

// How many connections have each number of links between their tiles.
std::vector<double> connections_by_links(const Chain& chain, std::uint32_t layer,
                                         const Topology& topology, const Placement& placement) {
  std::vector<double> count(std::size_t{topology.columns()} + topology.rows());
  for (std::uint32_t from = 0; from < chain.layer(layer).units; ++from) {
    const Node node = placement[chain.tile_of(layer, from)];
    for (std::uint32_t to = 0; to < chain.layer(layer + 1).units; ++to) {
      ++count[topology.distance(node, placement[chain.tile_of(layer + 1, to)])];
    }
  }
  return count;
}

}  // namespace

std::vector<double> chances(const std::vector<double>& connections, const DistanceWeight& weight) {
  double all = 0;
  for (const double count : connections) all += count;
  const auto chances_at = [&](double log_kappa) {
    std::vector<double> chance(connections.size());
    for (std::size_t h = 0; h < chance.size(); ++h) {
      chance[h] = std::min(1.0, std::exp(log_kappa - (static_cast<double>(h) - 1) / weight.sigma));
    }
    return chance;
  };
  // From "no connection has a chance" to "every one has".
  double low = -50 - 1 / weight.sigma;
  double high = static_cast<double>(connections.size()) / weight.sigma;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    const std::vector<double> chance = chances_at(middle);
    double sum = 0;
    for (std::size_t h = 0; h < chance.size(); ++h) sum += chance[h] * connections[h];
    (sum < weight.density * all ? low : high) = middle;
  }
  return chances_at(high);
}

Chain::Chain(std::vector<Layer> layers) : layers_(std::move(layers)), first_tile_(1) {
  for (const Layer& layer : layers_) {
    if (layer.tiles == 0 || layer.tiles > layer.units) {
      throw base::UsageError(
          {.place = kPlace,
           .what = "wrong number of tiles of a layer",
           .got = std::to_string(layer.tiles) + " for " + std::to_string(layer.units) + " units",
           .expected = "at least 1, at most a tile per unit"});
    }
    first_tile_.push_back(first_tile_.back() + layer.tiles);
  }
}

Tile Chain::tile_of(std::uint32_t l, std::uint32_t unit) const {
  const std::uint32_t run = layers_[l].units / layers_[l].tiles;
  const std::uint32_t longer = layers_[l].units % layers_[l].tiles;
  const std::uint32_t in_longer = longer * (run + 1);
  return first_tile_[l] + (unit < in_longer ? unit / (run + 1) : longer + (unit - in_longer) / run);
}

double Mask::density() const {
  const auto count = std::count(present.begin(), present.end(), 1);
  return static_cast<double>(count) / static_cast<double>(present.size());
}

Mask dense_mask(const Chain& chain, std::uint32_t layer) {
  Mask mask = empty_mask(chain, layer);
  std::fill(mask.present.begin(), mask.present.end(), std::uint8_t{1});
  return mask;
}

Mask erdos_renyi_mask(const Chain& chain, std::uint32_t layer, double density,
                      const base::Philox& random) {
  require_density(density);
  return draw(empty_mask(chain, layer), layer, random,
              [&](std::uint32_t, std::uint32_t) { return density; });
}

Mask distance_mask(const Chain& chain, std::uint32_t layer, const DistanceWeight& weight,
                   const Topology& topology, const Placement& placement,
                   const base::Philox& random) {
  require_density(weight.density);
  if (!(weight.sigma > 0)) {
    throw base::UsageError({.place = kPlace,
                            .what = "wrong sigma",
                            .got = std::to_string(weight.sigma),
                            .expected = "above 0"});
  }
  Mask mask = empty_mask(chain, layer);
  const std::vector<double> chance =
      chances(connections_by_links(chain, layer, topology, placement), weight);
  return draw(std::move(mask), layer, random, [&](std::uint32_t from, std::uint32_t to) {
    return chance[topology.distance(placement[chain.tile_of(layer, from)],
                                    placement[chain.tile_of(layer + 1, to)])];
  });
}

Volumes volumes_of(const Chain& chain, std::span<const Mask> masks) {
  base::check(masks.size() + 1 == chain.layers(), kPlace, "a mask between each two layers");
  Volumes volumes(chain.tiles());
  std::vector<std::uint8_t> reads(chain.tiles());
  for (std::uint32_t l = 0; l < masks.size(); ++l) {
    const Mask& mask = masks[l];
    std::vector<Tile> tiles;
    for (std::uint32_t to = 0; to < mask.to_units; ++to) tiles.push_back(chain.tile_of(l + 1, to));
    for (std::uint32_t from = 0; from < mask.from_units; ++from) {
      std::fill(reads.begin(), reads.end(), std::uint8_t{0});
      for (std::uint32_t to = 0; to < mask.to_units; ++to) {
        reads[tiles[to]] |= mask.present[std::size_t{from} * mask.to_units + to];
      }
      for (Tile tile = 0; tile < chain.tiles(); ++tile) {
        if (reads[tile] != 0) {
          volumes.at(chain.tile_of(l, from), tile) += chain.layer(l).values_per_unit;
        }
      }
    }
  }
  return volumes;
}

}  // namespace sheaf::sim::placement
