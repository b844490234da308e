// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/traffic.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::sim::noc {
namespace {

constexpr std::array<std::string_view, 5> kPatterns = {"uniform", "transpose", "hotspot", "bitcomp",
                                                       "neighbor"};
constexpr double kHotspotWeight = 5;

std::vector<double> hotspot_weights(const Topology& topology) {
  std::vector<double> weights(topology.nodes(), 1.0);
  for (const std::uint32_t x : {(topology.columns() - 1) / 2, topology.columns() / 2}) {
    for (const std::uint32_t y : {(topology.rows() - 1) / 2, topology.rows() / 2}) {
      weights[topology.at(x, y)] = kHotspotWeight;
    }
  }
  return weights;
}

Node partner(const Topology& topology, const std::string& pattern, Node node) {
  const std::uint32_t x = topology.x(node);
  const std::uint32_t y = topology.y(node);
  if (pattern == "transpose") return topology.at(y, x);
  if (pattern == "bitcomp") return topology.nodes() - 1 - node;
  return topology.at((x + 1) % topology.columns(), (y + 1) % topology.rows());
}

void require_pattern(const Topology& topology, const std::string& name) {
  if (std::find(kPatterns.begin(), kPatterns.end(), name) == kPatterns.end()) {
    std::vector<std::string> names(kPatterns.begin(), kPatterns.end());
    names.emplace_back("matrix:FILE");
    throw base::UsageError({.place = "--pattern",
                            .what = "unknown pattern",
                            .got = "'" + name + "'",
                            .hint = base::suggest(name, names)});
  }
  if (name == "transpose" && topology.columns() != topology.rows()) {
    throw base::UsageError(
        {.place = "--pattern",
         .what = "transpose needs a square mesh",
         .got = std::to_string(topology.columns()) + "x" + std::to_string(topology.rows()),
         .expected = "as many columns as rows"});
  }
}

}  // namespace

Destinations::Destinations(std::span<const double> weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  base::check(sum > 0, "sim/noc/traffic", "destinations without a weight");
  double before = 0;
  for (Node node = 0; node < weights.size(); ++node) {
    if (weights[node] <= 0) continue;
    alike_ = alike_ && (nodes_.empty() || weights[node] == weights[nodes_[0]]);
    before += weights[node] / sum;
    nodes_.push_back(node);
    cumulative_.push_back(before);
  }
  cumulative_.back() = 1;
}

Node Destinations::draw(base::Rng& rng) const {
  if (nodes_.size() == 1) return nodes_[0];
  if (alike_) return nodes_[rng.below(static_cast<std::uint32_t>(nodes_.size()))];
  const double at = static_cast<double>(rng.next() >> 11U) * 0x1p-53;
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), at);
  return nodes_[static_cast<std::size_t>(found - cumulative_.begin())];
}

double Traffic::mean_rate() const noexcept {
  return std::accumulate(flits_per_cycle_.begin(), flits_per_cycle_.end(), 0.0) / nodes();
}

Traffic Traffic::at_rate(double mean_rate) const {
  require_rate(mean_rate);
  Traffic result = *this;
  const double before = this->mean_rate();
  for (Node node = 0; node < nodes(); ++node) {
    double& rate = result.flits_per_cycle_[node];
    rate = before > 0 ? rate * (mean_rate / before) : 0;
    if (rate > 1 && rate < 1 + 1e-12) rate = 1;
    if (rate > 1) {
      throw base::UsageError(
          {.place = "--rate",
           .what = "node " + std::to_string(node) + " would send more than a flit per cycle",
           .got = std::to_string(rate),
           .expected = "a mean rate of at most " + std::to_string(mean_rate / rate)});
    }
  }
  return result;
}

Traffic Traffic::pattern(const Topology& topology, const std::string& name, double rate) {
  require_pattern(topology, name);
  require_rate(rate);
  Traffic traffic;
  traffic.flits_per_cycle_.assign(topology.nodes(), rate);
  if (name == "uniform" || name == "hotspot") {
    traffic.destinations_of_.assign(topology.nodes(), 0);
    traffic.destinations_.emplace_back(
        name == "uniform" ? std::vector<double>(topology.nodes(), 1.0) : hotspot_weights(topology));
    return traffic;
  }
  std::vector<double> weights(topology.nodes());
  for (Node node = 0; node < topology.nodes(); ++node) {
    const Node to = partner(topology, name, node);
    weights[to] = 1;
    traffic.destinations_of_.push_back(node);
    traffic.destinations_.emplace_back(weights);
    weights[to] = 0;
  }
  return traffic;
}

Traffic Traffic::matrix(std::span<const double> flits_per_cycle, std::uint32_t nodes) {
  base::check(flits_per_cycle.size() == std::size_t{nodes} * nodes, "sim/noc/traffic",
              "a matrix that is not square");
  Traffic traffic;
  for (Node source = 0; source < nodes; ++source) {
    const auto row = flits_per_cycle.subspan(std::size_t{source} * nodes, nodes);
    const double rate = std::accumulate(row.begin(), row.end(), 0.0);
    traffic.flits_per_cycle_.push_back(rate);
    traffic.destinations_of_.push_back(static_cast<std::uint32_t>(traffic.destinations_.size()));
    if (rate > 0) traffic.destinations_.emplace_back(row);
  }
  return traffic;
}

std::span<const std::string_view> pattern_names() { return kPatterns; }

void require_rate(double rate) {
  if (rate >= 0 && rate <= 1) return;
  throw base::UsageError({.place = "--rate",
                          .what = "wrong rate",
                          .got = std::to_string(rate),
                          .expected = "0 to 1 flits per node and cycle"});
}

}  // namespace sheaf::sim::noc
