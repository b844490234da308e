// SPDX-License-Identifier: Apache-2.0
//
// Stationary traffic: how many flits each node sends per cycle, and where they go. Packets are
// created as a Bernoulli process, their destinations are drawn independently.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/sim/noc/topology.h"

namespace sheaf::sim::noc {

// Destinations and what share of the packets each of them gets.
class Destinations {
 public:
  // Weights by node, at least 0, not all of them 0.
  explicit Destinations(std::span<const double> weights);

  [[nodiscard]] Node draw(base::Rng& rng) const;
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  [[nodiscard]] Node node(std::size_t i) const noexcept { return nodes_[i]; }
  // Shares sum to 1.
  [[nodiscard]] double share(std::size_t i) const noexcept {
    return cumulative_[i] - (i == 0 ? 0 : cumulative_[i - 1]);
  }

 private:
  std::vector<Node> nodes_;
  std::vector<double> cumulative_;
  bool alike_ = true;  // all shares
};

class Traffic {
 public:
  [[nodiscard]] std::uint32_t nodes() const noexcept {
    return static_cast<std::uint32_t>(flits_per_cycle_.size());
  }
  // What a node offers, in [0, 1].
  [[nodiscard]] double flits_per_cycle(Node source) const noexcept {
    return flits_per_cycle_[source];
  }
  // What all nodes offer on average.
  [[nodiscard]] double mean_rate() const noexcept;
  // Only of nodes that offer something.
  [[nodiscard]] const Destinations& destinations(Node source) const noexcept {
    return destinations_[destinations_of_[source]];
  }

  // The same destinations at another mean rate, each node's share of it unchanged. Throws
  // UsageError when the rate is not in [0, 1] or a node would have to send more than a flit per
  // cycle.
  [[nodiscard]] Traffic at_rate(double mean_rate) const;

  // Every node sends `rate` flits per cycle in a pattern:
  //   uniform    to all nodes alike, itself included
  //   transpose  from (x, y) to (y, x), on the diagonal to itself; square meshes only
  //   hotspot    to the centre nodes with weight 5 each and to every other node with weight 1,
  //              itself included; the centre is 4 nodes where both sides are even, and the middle
  //              column or row where one is odd (2 nodes, or 1)
  //   bitcomp    from node i to node n - 1 - i: the complement of the bits where n is a power of
  //              two, the reflection in the mesh's centre for any n
  //   neighbor   from (x, y) to (x + 1, y + 1), modulo columns and rows, through the mesh
  // Throws UsageError, suggesting the nearest name.
  [[nodiscard]] static Traffic pattern(const Topology& topology, const std::string& name,
                                       double rate);

  // Flits per cycle by [source][destination].
  [[nodiscard]] static Traffic matrix(std::span<const double> flits_per_cycle, std::uint32_t nodes);

 private:
  std::vector<double> flits_per_cycle_;
  std::vector<std::uint32_t> destinations_of_;  // index into destinations_
  std::vector<Destinations> destinations_;
};

inline constexpr double kDefaultRate = 0.1;

// The names of Traffic::pattern.
[[nodiscard]] std::span<const std::string_view> pattern_names();

// Volumes or rates by [source][destination] from a text: either a square matrix, a line of `nodes`
// numbers per source, or lines of three, `SOURCE DESTINATION VALUE`, of which several may name one
// pair. Words are separated by blanks, tabs or commas; # begins a comment. A line of three is one
// of three words, so meshes of 3 nodes take matrices only. Throws DataError with path:line.
[[nodiscard]] std::vector<double> parse_matrix(std::string_view text, const std::string& path,
                                               std::uint32_t nodes);

// Throws UsageError unless 0 <= rate <= 1.
void require_rate(double rate);

}  // namespace sheaf::sim::noc
