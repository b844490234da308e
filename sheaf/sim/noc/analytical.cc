// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/analytical.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sheaf::sim::noc {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Fitted, with those that depend on the length of packets, to the cycle-level model: 48 cases of
// five patterns, 4 x 4 to 16 x 16 nodes, 1 to 8 virtual channels of 1 to 8 flits, packets of 1 to
// 16 flits, at 20 to 85 % of saturation (docs/noc.md).
constexpr double kBlockingPower = 0.30;
constexpr double kHeldWhileWaiting = 0.71;
constexpr double kHeldBeyondBuffer = 1.56;

}  // namespace

AnalyticalModel::AnalyticalModel(const target::Mesh& mesh, const RoutingTable& table,
                                 const Traffic& traffic, std::uint32_t packet_flits)
    : mesh_(mesh), packet_flits_(packet_flits), flows_(flows_of(table, traffic)) {
  require_mesh(mesh);
  require_packet(packet_flits);
  entering_.resize(std::size_t{traffic.nodes()} * kPorts);
  for (Node node = 0; node < traffic.nodes(); ++node) {
    for (std::uint32_t input = 0; input < kPorts; ++input) {
      for (std::uint32_t output = 0; output < kPorts; ++output) {
        entering_[node * kPorts + input] += flows_.at(node, input, output);
      }
    }
  }
  const double longer = 1 - 1 / packet_flits_;  // 0 for single flits, towards 1 for long packets
  fit_ = {.crossing = 0.60 - 0.15 * longer,
          .blocking = 1.05 - 0.32 * longer,
          .sharing = 0.44 - 0.24 * longer,
          .sharing_power = 0.40 + 0.07 * longer};
}

// Flits that an output serves wait for each other, but not for those that came by the same input:
// they are in a row already. Inputs that are busy with other outputs make it slower.
double AnalyticalModel::output_wait(Node node, std::uint32_t output, double rate) const {
  double load = 0;
  double squares = 0;
  double crossing = 0;
  for (std::uint32_t input = 0; input < kPorts; ++input) {
    const double flow = rate * flows_.at(node, input, output);
    load += flow;
    squares += flow * flow;
    crossing += flow * (rate * entering_[node * kPorts + input] - flow);
  }
  if (load == 0) return 0;
  const double efficiency = 1 - fit_.crossing * crossing / load;
  const double slowed = load / efficiency;
  if (efficiency <= 0 || slowed >= 1) return kInfinite;
  const double apart = 1 - squares / (load * load);
  return packet_flits_ * slowed / (2 * (1 - slowed)) * apart *
         (1 + fit_.blocking * std::pow(slowed, kBlockingPower));
}

// Packets wait for the virtual channel in which they came, which serves one at a time: for RC, VA
// and its flits, or the return of its credits where the buffer is small, and for as long as it
// waits for its output.
double AnalyticalModel::channel_wait(double entering, double output_wait) const {
  const double turn = mesh_.router.look_ahead ? 1 : 2;
  const double credits = (6 * packet_flits_ + turn) / mesh_.router.buffer_flits;
  const double beyond = std::max(0.0, 1 - mesh_.router.buffer_flits / packet_flits_);
  const double held = std::max(packet_flits_ + turn, credits) +
                      (kHeldWhileWaiting + kHeldBeyondBuffer * beyond) * output_wait;
  const double busy = entering / packet_flits_ * held / mesh_.router.vcs;
  if (busy >= 1) return kInfinite;
  return fit_.sharing * held * std::pow(busy, fit_.sharing_power) /
         (2 * (1 - busy) * mesh_.router.vcs);
}

// Of all flits that pass the router in a cycle, together.
double AnalyticalModel::router_wait(Node node, double rate) const {
  std::array<double, kPorts> waits{};
  for (std::uint32_t output = 0; output < kPorts; ++output) {
    waits[output] = output_wait(node, output, rate);
  }
  double sum = 0;
  for (std::uint32_t input = 0; input < kPorts; ++input) {
    const double entering = rate * entering_[node * kPorts + input];
    if (entering == 0) continue;
    double wait = 0;
    for (std::uint32_t output = 0; output < kPorts; ++output) {
      const double flow = rate * flows_.at(node, input, output);
      if (flow > 0) wait += flow * waits[output];
    }
    sum += wait + entering * channel_wait(entering, wait / entering);
  }
  return sum;
}

double AnalyticalModel::latency_at(double rate) const {
  const double empty =
      zero_load_latency(mesh_.router, flows_.mean_links, static_cast<std::uint32_t>(packet_flits_));
  if (rate == 0) return empty;
  const auto nodes = static_cast<Node>(flows_.injected.size());
  double waits = 0;  // of all flits of a cycle together
  for (Node node = 0; node < nodes; ++node) {
    waits += router_wait(node, rate);
    const double sent = rate * flows_.injected[node];
    if (packet_flits_ > 1 && sent >= 1) return kInfinite;
    if (sent > 0) waits += sent * sent * (packet_flits_ - 1) / (2 * (1 - std::min(sent, 0.999)));
  }
  return std::isfinite(waits) ? empty + waits / (rate * nodes) : kInfinite;
}

Estimate AnalyticalModel::at(double rate) const {
  require_rate(rate);
  Estimate result{.mean_latency_cycles = latency_at(rate),
                  .zero_load_latency_cycles = latency_at(0),
                  .mean_links = flows_.mean_links,
                  .busiest = flows_.busiest,
                  .busiest_load = rate * flows_.most_loaded};
  result.saturated =
      result.mean_latency_cycles >= kSaturationFactor * result.zero_load_latency_cycles;
  const double router = flit_energy_pj(mesh_, 0);
  result.dynamic_pj_per_flit = router + flows_.mean_links * (flit_energy_pj(mesh_, 1) - router);
  return result;
}

Saturation AnalyticalModel::saturation() const {
  Saturation result{.ideal_rate = flows_.ideal_saturation()};
  const double limit = kSaturationFactor * latency_at(0);
  const double fullest = *std::max_element(flows_.injected.begin(), flows_.injected.end());
  double low = 0;
  double high = std::min(1.0, 1 / fullest);
  result.reached = latency_at(high) >= limit;
  for (int i = 0; result.reached && i < 50; ++i) {
    const double middle = (low + high) / 2;
    (latency_at(middle) < limit ? low : high) = middle;
  }
  result.rate = high;
  return result;
}

}  // namespace sheaf::sim::noc
