// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "sheaf/base/rng.h"
#include "sheaf/sim/placement/placement.h"

namespace sheaf::sim::placement {
namespace {

// Nodes with their tiles; those without one hold a tile that sends nothing.
class Swapper {
 public:
  Swapper(const Topology& topology, const Volumes& volumes, const Placement& start)
      : topology_(topology), nodes_(start) {
    for (Tile a = 0; a < volumes.tiles(); ++a) {
      auto& partners = partners_.emplace_back();
      for (Tile b = 0; b < volumes.tiles(); ++b) {
        if (a != b && volumes.between(a, b) != 0) partners.push_back({b, volumes.between(a, b)});
      }
    }
    std::vector<bool> taken(topology.nodes());
    for (const Node node : nodes_) taken[node] = true;
    for (Node node = 0; node < topology.nodes(); ++node) {
      if (!taken[node]) nodes_.push_back(node);
    }
    partners_.resize(nodes_.size());
  }

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  [[nodiscard]] const Placement& nodes() const { return nodes_; }

  // What the cost changes by when a and b change places.
  [[nodiscard]] double change(Tile a, Tile b) const {
    return half_change(a, b) + half_change(b, a);
  }
  void swap(Tile a, Tile b) { std::swap(nodes_[a], nodes_[b]); }

 private:
  struct Partner {
    Tile tile;
    double volume;
  };

  [[nodiscard]] double half_change(Tile a, Tile b) const {
    double sum = 0;
    for (const Partner& partner : partners_[a]) {
      if (partner.tile == b) continue;
      const Node node = nodes_[partner.tile];
      sum += partner.volume * (static_cast<double>(topology_.distance(nodes_[b], node)) -
                               static_cast<double>(topology_.distance(nodes_[a], node)));
    }
    return sum;
  }

  const Topology& topology_;
  Placement nodes_;  // by tile, and then by those that send nothing
  std::vector<std::vector<Partner>> partners_;
};

double mean_change(const Swapper& swapper, base::Rng& rng) {
  constexpr int kSamples = 200;
  double sum = 0;
  for (int i = 0; i < kSamples; ++i) {
    sum += std::abs(swapper.change(rng.below(swapper.size()), rng.below(swapper.size())));
  }
  return sum / kSamples;
}

}  // namespace

Placement anneal(const Topology& topology, const Volumes& volumes, const Placement& start,
                 const AnnealingOptions& options) {
  verify(topology, volumes, start);
  Swapper swapper(topology, volumes, start);
  base::Rng rng(options.seed, "placement");
  const double unit = mean_change(swapper, rng);
  const double cooling = std::pow(options.last_temperature / options.first_temperature,
                                  1.0 / std::max(options.sweeps, 1U));
  double temperature = unit * options.first_temperature;
  double cost = 0;  // relative to the start
  double best_cost = 0;
  Placement best = swapper.nodes();
  for (std::uint32_t sweep = 0; sweep < options.sweeps; ++sweep) {
    for (std::uint32_t i = 0; i < 4 * swapper.size(); ++i) {
      const Tile a = rng.below(swapper.size());
      const Tile b = rng.below(swapper.size());
      const double change = a == b ? 0 : swapper.change(a, b);
      if (a == b || (change > 0 && rng.uniform(0, 1) >= std::exp(-change / temperature))) continue;
      swapper.swap(a, b);
      cost += change;
      if (cost < best_cost - 1e-9 * unit) {
        best_cost = cost;
        best = swapper.nodes();
      }
    }
    temperature *= cooling;
  }
  best.resize(volumes.tiles());
  return volume_hops(topology, volumes, best) <= volume_hops(topology, volumes, start) ? best
                                                                                       : start;
}

}  // namespace sheaf::sim::placement
