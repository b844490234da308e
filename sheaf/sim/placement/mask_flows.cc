// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/mask_flows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/sim/placement/masks.h"

namespace sheaf::sim::placement {
namespace {

constexpr double kMostUnits = 1 << 12;  // a mask has a byte for every pair

[[noreturn]] void refuse(const std::string& what, const std::string& got,
                         const std::string& expected, const std::string& hint = {}) {
  throw base::UsageError(
      {.place = "masks", .what = what, .got = got, .expected = expected, .hint = hint});
}

std::vector<std::string_view> parts_of(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = std::min(text.find(by), text.size());
    parts.push_back(text.substr(0, at));
    if (at == text.size()) return parts;
    text.remove_prefix(at + 1);
  }
}

double number(std::string_view text, const std::string& key, double least, double most) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = error == std::errc{} && end == text.data() + text.size();
  if (read && value >= least && value <= most) return value;
  refuse(key, "'" + std::string(text) + "'", "a number in its range");
}

std::vector<std::uint32_t> numbers(std::string_view text, const std::string& key) {
  std::vector<std::uint32_t> list;
  for (const std::string_view part : parts_of(text, '/')) {
    list.push_back(static_cast<std::uint32_t>(number(part, key, 1, kMostUnits)));
  }
  return list;
}

struct Spec {
  std::vector<std::uint32_t> units;
  std::vector<std::uint32_t> tiles;
  double density = 1;
  std::optional<double> sigma;
  std::uint64_t seed = 1;
};

Spec parse(std::string_view text) {
  static const std::vector<std::string> kKeys = {"units", "tiles", "density", "sigma", "seed"};
  Spec spec;
  for (const std::string_view part : parts_of(text, ',')) {
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string key(part.substr(0, equals));
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    if (key == "units") {
      spec.units = numbers(value, key);
    } else if (key == "tiles") {
      spec.tiles = numbers(value, key);
    } else if (key == "density") {
      spec.density = number(value, key, 1e-6, 1);
    } else if (key == "sigma") {
      spec.sigma = number(value, key, 1e-3, 1e6);
    } else if (key == "seed") {
      spec.seed = static_cast<std::uint64_t>(number(value, key, 0, 1e15));
    } else {
      refuse("no such key", "'" + key + "'", "units, tiles, density, sigma or seed",
             base::suggest(key, kKeys));
    }
  }
  if (spec.units.size() < 2 || spec.units.size() != spec.tiles.size()) {
    refuse("layers",
           std::to_string(spec.units.size()) + " numbers of units and " +
               std::to_string(spec.tiles.size()) + " of tiles",
           "as many of both, 2 at least");
  }
  return spec;
}

}  // namespace

std::vector<double> mask_flows(const noc::Topology& topology, std::string_view text) {
  const Spec spec = parse(text);
  std::vector<Layer> layers;
  for (std::size_t l = 0; l < spec.units.size(); ++l) {
    layers.push_back({.units = spec.units[l], .tiles = spec.tiles[l]});
  }
  const Chain chain(std::move(layers));
  if (chain.tiles() > topology.nodes()) {
    refuse("tiles", std::to_string(chain.tiles()),
           "at most the " + std::to_string(topology.nodes()) + " nodes of the mesh");
  }
  const Placement placement = row_major(topology, chain.tiles());
  const base::Philox random(spec.seed, "masks");
  std::vector<Mask> masks;
  for (std::uint32_t l = 0; l + 1 < chain.layers(); ++l) {
    if (l + 2 == chain.layers() || spec.density == 1) {
      masks.push_back(dense_mask(chain, l));
    } else if (spec.sigma) {
      masks.push_back(
          distance_mask(chain, l, {spec.density, *spec.sigma}, topology, placement, random));
    } else {
      masks.push_back(erdos_renyi_mask(chain, l, spec.density, random));
    }
  }
  const Volumes volumes = volumes_of(chain, masks);
  std::vector<double> flows(std::size_t{topology.nodes()} * topology.nodes());
  for (Tile a = 0; a < chain.tiles(); ++a) {
    for (Tile b = 0; b < chain.tiles(); ++b) {
      if (a == b) continue;
      flows[std::size_t{placement[a]} * topology.nodes() + placement[b]] = volumes.at(a, b);
    }
  }
  return flows;
}

}  // namespace sheaf::sim::placement
