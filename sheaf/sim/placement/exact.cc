// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/sim/placement/assignment.h"
#include "sheaf/sim/placement/placement.h"

namespace sheaf::sim::placement {
namespace {

// The mesh's node under one of its symmetries: bit 0 mirrors x, bit 1 mirrors y, bit 2 swaps them.
Node image(const Topology& topology, Node node, std::uint32_t symmetry) {
  std::uint32_t x = topology.x(node);
  std::uint32_t y = topology.y(node);
  if ((symmetry & 1U) != 0) x = topology.columns() - 1 - x;
  if ((symmetry & 2U) != 0) y = topology.rows() - 1 - y;
  return (symmetry & 4U) != 0 ? topology.at(y, x) : topology.at(x, y);
}

// Tiles are given nodes one after the other, those with the largest volume first. Tiles that send
// nothing fill the mesh, so that there are as many tiles as nodes.
class Search {
 public:
  Search(const Topology& topology, const Volumes& volumes, std::uint64_t most_branches)
      : topology_(topology),
        size_(topology.nodes()),
        most_branches_(most_branches),
        volume_(std::size_t{size_} * size_),
        earlier_twin_(size_, kNone),
        node_of_(size_, kNone),
        taken_(size_) {
    for (Tile a = 0; a < volumes.tiles(); ++a) {
      for (Tile b = 0; b < volumes.tiles(); ++b) {
        if (a != b) volume(a, b) = volumes.between(a, b);
      }
    }
    order_tiles();
    find_twins();
  }

  ExactPlacement run(const Placement& start, double start_cost) {
    best_ = start;
    best_.resize(size_, kNone);
    best_cost_ = start_cost;
    branch(0, 0);
    return {.placement = best_, .volume_hops = best_cost_, .branches = branches_};
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  double& volume(Tile a, Tile b) { return volume_[std::size_t{a} * size_ + b]; }
  [[nodiscard]] double volume(Tile a, Tile b) const { return volume_[std::size_t{a} * size_ + b]; }
  [[nodiscard]] double distance(Node a, Node b) const {
    return static_cast<double>(topology_.distance(a, b));
  }

  void order_tiles() {
    std::vector<double> sums(size_);
    for (Tile a = 0; a < size_; ++a) {
      for (Tile b = 0; b < size_; ++b) sums[a] += volume(a, b);
    }
    order_.resize(size_);
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](Tile a, Tile b) { return sums[a] > sums[b]; });
  }

  // Exchanging two tiles changes nothing.
  [[nodiscard]] bool twins(Tile a, Tile b) const {
    for (Tile c = 0; c < size_; ++c) {
      if (c != a && c != b && volume(a, c) != volume(b, c)) return false;
    }
    return true;
  }

  void find_twins() {
    for (std::uint32_t later = 1; later < size_; ++later) {
      for (std::uint32_t earlier = later; earlier-- > 0;) {
        if (!twins(order_[later], order_[earlier])) continue;
        earlier_twin_[order_[later]] = order_[earlier];
        first_has_twin_ = first_has_twin_ || earlier == 0;
        break;
      }
    }
  }

  // Twins are placed in the order of their nodes; the first tile, if it has no twin, on one node of
  // those that symmetries of the mesh exchange.
  [[nodiscard]] bool tried_elsewhere(std::uint32_t depth, Tile tile, Node node) const {
    if (earlier_twin_[tile] != kNone && node < node_of_[earlier_twin_[tile]]) return true;
    if (depth > 0 || first_has_twin_) return false;
    const std::uint32_t symmetries = topology_.columns() == topology_.rows() ? 8 : 4;
    for (std::uint32_t symmetry = 1; symmetry < symmetries; ++symmetry) {
      if (image(topology_, node, symmetry) < node) return true;
    }
    return false;
  }

  [[nodiscard]] double cost_of(Tile tile, Node node) const {
    double sum = 0;
    for (Tile other = 0; other < size_; ++other) {
      if (node_of_[other] != kNone) sum += volume(tile, other) * distance(node, node_of_[other]);
    }
    return sum;
  }

  void branch(std::uint32_t depth, double cost) {
    if (++branches_ > most_branches_) {
      throw base::ResourceError({.place = "sim/placement",
                                 .what = "the exact solver gave up",
                                 .got = std::to_string(most_branches_) + " partial placements",
                                 .hint = "anneal instead, or allow more"});
    }
    if (depth == size_) {
      if (cost < best_cost_) {
        best_cost_ = cost;
        best_ = node_of_;
      }
      return;
    }
    if (cost + bound(depth) >= best_cost_ * (1 - 1e-12)) return;
    const Tile tile = order_[depth];
    for (Node node = 0; node < size_; ++node) {
      if (taken_[node] || tried_elsewhere(depth, tile, node)) continue;
      const double added = cost_of(tile, node);
      if (cost + added >= best_cost_ * (1 - 1e-12)) continue;
      node_of_[tile] = node;
      taken_[node] = true;
      branch(depth + 1, cost + added);
      node_of_[tile] = kNone;
      taken_[node] = false;
    }
  }

  // At least what the tiles order_[depth...] add: for each of them and each free node, what it pays
  // to the placed tiles, and half of what it pays at least to the others, its largest volumes over
  // the shortest distances; then the cheapest assignment.
  [[nodiscard]] double bound(std::uint32_t depth) {
    const std::uint32_t left = size_ - depth;
    std::vector<Node> free;
    for (Node node = 0; node < size_; ++node) {
      if (!taken_[node]) free.push_back(node);
    }
    std::vector<std::vector<double>> near(left);
    for (std::uint32_t i = 0; i < left; ++i) {
      for (std::uint32_t j = 0; j < left; ++j) {
        if (i != j) near[i].push_back(distance(free[i], free[j]));
      }
      std::sort(near[i].begin(), near[i].end());
    }
    std::vector<double> costs(std::size_t{left} * left);
    std::vector<double> volumes;
    for (std::uint32_t i = 0; i < left; ++i) {
      volumes.clear();
      for (std::uint32_t j = 0; j < left; ++j) {
        if (i != j) volumes.push_back(volume(order_[depth + i], order_[depth + j]));
      }
      std::sort(volumes.begin(), volumes.end(), std::greater<>());
      for (std::uint32_t j = 0; j < left; ++j) {
        costs[std::size_t{i} * left + j] =
            cost_of(order_[depth + i], free[j]) +
            0.5 * std::inner_product(volumes.begin(), volumes.end(), near[j].begin(), 0.0);
      }
    }
    return least_assignment(costs, left);
  }

  const Topology& topology_;
  std::uint32_t size_;
  std::uint64_t most_branches_;
  std::uint64_t branches_ = 0;
  std::vector<double> volume_;
  std::vector<Tile> order_;
  std::vector<Tile> earlier_twin_;
  bool first_has_twin_ = false;
  Placement node_of_;
  std::vector<bool> taken_;
  Placement best_;
  double best_cost_ = 0;
};

}  // namespace

ExactPlacement place_exactly(const Topology& topology, const Volumes& volumes,
                             std::uint64_t most_branches) {
  if (topology.nodes() > kMostExactNodes) {
    throw base::UsageError({.place = "sim/placement",
                            .what = "too many nodes for the exact solver",
                            .got = std::to_string(topology.nodes()),
                            .expected = "at most " + std::to_string(kMostExactNodes),
                            .hint = "anneal instead"});
  }
  const Placement start = anneal(topology, volumes, serpentine(topology, volumes.tiles()));
  ExactPlacement result =
      Search(topology, volumes, most_branches).run(start, volume_hops(topology, volumes, start));
  result.placement.resize(volumes.tiles());
  result.volume_hops = volume_hops(topology, volumes, result.placement);
  return result;
}

}  // namespace sheaf::sim::placement
