// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/analytical.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace sheaf::sim::noc {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

// Fitted to BookSim's rows and to the cycle-level model, cases of bench/noc_model.py's set `fit`
// (docs/noc.md). The first two depend on the length of packets: this value for single flits, with
// this much added towards long packets.
constexpr std::array<double, 2> kCrossing = {0.54, -0.12};  // what busy inputs take from an output
constexpr std::array<double, 2> kLink = {2.50, -0.73};  // waits for a link, of a slotted queue's
constexpr double kIdle = 0.2;         // of an output's idle cycles, what these leave at least
constexpr double kChannel = 1.30;     // waits for a virtual channel, of those of M/D/1
constexpr double kSource = 0.66;      // the same at sources, which take them in turn
constexpr double kAgain = 0.63;       // that packets of one flow get a busy virtual channel
constexpr double kTurns = 0.49;       // how evenly virtual channels share packets
constexpr double kTurnsShort = 0.22;  // where credits are what limits them
constexpr double kPlaces = 2.68;      // how places for several packets in a buffer smooth its load
constexpr double kPassedBy = 0.45;    // what a wait costs those behind, with 2 channels and more

// Servers in parallel: Sakasegawa's exponent of the load, "An approximation formula L_q = alpha
// rho^beta / (1 - rho)", Ann. Inst. Statist. Math. 29, 1977, above that of one.
double pooled(double servers) { return std::sqrt(2 * (servers + 1)) - 2; }

}  // namespace

AnalyticalModel::AnalyticalModel(const target::Mesh& mesh, const RoutingTable& table,
                                 const Traffic& traffic, std::uint32_t packet_flits)
    : mesh_(mesh), packet_flits_(packet_flits), flows_(flows_of(table, traffic)) {
  require_mesh(mesh);
  require_packet(packet_flits);
  timing_ = credit_timing(mesh.router, packet_flits, flows_.mean_links);
  for (Node node = 0; node < traffic.nodes(); ++node) {
    for (std::uint32_t port = 0; port < kPorts; ++port) {
      outputs_.push_back(make_output(node, port));
      const auto next = table.topology().neighbour(node, static_cast<Port>(port));
      behind_.push_back(next ? *next * kPorts + opposite(static_cast<Port>(port)) : kNowhere);
    }
  }
  inputs_ = from_the_sinks();

  const double vcs = mesh.router.vcs;
  const double packets = mesh.router.buffer_flits / packet_flits_;  // that fit into a buffer
  const double beyond = std::max(0.0, 1 - packets);
  const double alone = packet_flits_ + (mesh_.router.look_ahead ? 1 : 2);
  const double by_credits = 1 - alone / timing_.channel_cycles;  // 0: credits hold nothing up
  again_ = kAgain * std::pow(1 - 1 / vcs, 4);
  power_ = 1 + beyond * pooled(vcs) + kPlaces * by_credits * pooled(std::max(1.0, packets));
  const double evenly = std::exp(-4 * by_credits);
  const double turns = kTurns * evenly + kTurnsShort * (1 - evenly);
  spread_ = kChannel * std::pow(vcs, -(turns * (1 - beyond) + beyond));
  passed_by_ = vcs == 1 ? 1 : kPassedBy;
  const double longer = 1 - 1 / packet_flits_;  // 0 for single flits, towards 1 for long packets
  crossing_ = kCrossing[0] + longer * kCrossing[1];
  link_ = kLink[0] + longer * kLink[1];
}

AnalyticalModel::Output AnalyticalModel::make_output(Node node, std::uint32_t output) const {
  Output result;
  double squares = 0;
  for (std::uint32_t input = 0; input < kPorts; ++input) {
    const double flow = flows_.at(node, input, output);
    result.load += flow;
    squares += flow * flow;
    for (std::uint32_t other = 0; other < kPorts; ++other) {
      if (other != output) result.crossing += flow * flows_.at(node, input, other);
    }
  }
  if (result.load == 0) return {};
  result.crossing /= result.load;
  result.apart = 1 - squares / (result.load * result.load);
  return result;
}

// Every input after all those to which its packets go on.
std::vector<std::uint32_t> AnalyticalModel::from_the_sinks() const {
  std::vector<std::uint32_t> to_go(outputs_.size());
  std::vector<std::uint32_t> before(outputs_.size(), kNowhere);  // the output that leads there
  std::vector<std::uint32_t> order;
  for (std::uint32_t channel = 0; channel < to_go.size(); ++channel) {
    bool used = false;
    for (std::uint32_t output = 0; output < kPorts; ++output) {
      if (flows_.at(channel / kPorts, channel % kPorts, output) == 0) continue;
      used = true;
      if (output != kLocal) ++to_go[channel];
    }
    if (used && to_go[channel] == 0) order.push_back(channel);
    if (behind_[channel] != kNowhere) before[behind_[channel]] = channel;
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t output = before[order[i]];
    if (output == kNowhere) continue;  // a source
    const Node node = output / kPorts;
    for (std::uint32_t input = 0; input < kPorts; ++input) {
      if (flows_.at(node, input, output % kPorts) == 0) continue;
      if (--to_go[node * kPorts + input] == 0) order.push_back(node * kPorts + input);
    }
  }
  return order;
}

struct AnalyticalModel::Waits {
  std::vector<double> held;    // [node][input]: cycles that a packet holds a virtual channel
  std::vector<double> output;  // [node][output]: cycles that a packet waits for it
  double sum = 0;              // of all flits of a cycle
};

// Packets wait for the virtual channel that they were given: it serves one at a time, for `held`
// cycles. Where they do not fit into a buffer, they wait until any of them is free.
double AnalyticalModel::channel_wait(double busy, double held) const {
  if (busy >= 1) return kInfinite;
  return spread_ * held * std::pow(busy, power_) / (2 * (1 - busy));
}

// For the link or for a virtual channel of it, whichever is longer. Flits that come by one input
// are in a row already and do not wait for each other, unless they are given a virtual channel that
// is still busy. Inputs that are busy with other outputs make an output slower.
double AnalyticalModel::output_wait(const Output& output, double rate, double held) const {
  const double load = rate * output.load;
  const double efficiency = 1 - crossing_ * rate * output.crossing;
  if (load >= 1) return kInfinite;
  const double most = 1 - kIdle * (1 - load);
  const double slowed = efficiency * most > load ? load / efficiency : most;
  const double link = link_ * packet_flits_ * slowed / (2 * (1 - slowed)) * output.apart;
  const double channel = channel_wait(load / packet_flits_ * held / mesh_.router.vcs, held);
  if (!std::isfinite(channel)) return kInfinite;
  return std::max(link, channel * (output.apart + again_ * (1 - output.apart)));
}

// Packets are created in any cycle and sent one after the other.
double AnalyticalModel::source_wait(double sent, double held) const {
  const double alone = timing_.source_cycles;
  const double behind = std::min(1.0, sent * alone / packet_flits_);  // another packet
  const double cycles = alone + behind * std::max(0.0, timing_.busy_source_cycles - alone);
  const double busy = sent * cycles / packet_flits_;
  if (busy >= 1 && cycles > 1) return kInfinite;
  const double link = cycles > 1 ? busy * (cycles - 1) / (2 * (1 - busy)) : 0;
  const double load = sent / packet_flits_ * held / mesh_.router.vcs;
  return std::max(link, kSource * (1 - 1 / held) * channel_wait(load, held));
}

// How long packets hold the input's virtual channels, and what they wait at its outputs. One that
// waits for the next virtual channel holds its own; it waits for packets of other inputs only.
void AnalyticalModel::pass_input(std::uint32_t channel, double rate, Waits& waits) const {
  const Node node = channel / kPorts;
  double entering = 0;
  double waiting = 0;
  double blocked = 0;
  for (std::uint32_t port = 0; port < kPorts; ++port) {
    const double flow = rate * flows_.at(node, channel % kPorts, port);
    if (flow == 0) continue;
    const std::uint32_t output = node * kPorts + port;
    const double held = port == kLocal ? kCreditLoop * packet_flits_ / mesh_.router.buffer_flits
                                       : waits.held[behind_[output]];
    if (waits.output[output] < 0) {
      waits.output[output] = output_wait(outputs_[output], rate, held);
    }
    const double others = rate * outputs_[output].load - flow;
    entering += flow;
    waiting += flow * waits.output[output];
    blocked += flow * others / packet_flits_ * held / mesh_.router.vcs * held;
  }
  waits.sum += waiting;
  blocked *= passed_by_ / entering;
  const double alone = packet_flits_ + (mesh_.router.look_ahead ? 1 : 2);
  const double share = std::min(1.0, packet_flits_ / mesh_.router.buffer_flits);
  waits.held[channel] = std::max(alone + blocked, timing_.channel_cycles + blocked * share);
}

double AnalyticalModel::latency_at(double rate) const {
  const double empty =
      zero_load_latency(mesh_.router, flows_.mean_links, static_cast<std::uint32_t>(packet_flits_));
  if (rate == 0) return empty;
  Waits waits{.held = std::vector<double>(outputs_.size()),
              .output = std::vector<double>(outputs_.size(), -1)};
  for (const std::uint32_t channel : inputs_) pass_input(channel, rate, waits);
  const auto nodes = static_cast<Node>(flows_.injected.size());
  for (Node node = 0; node < nodes; ++node) {
    const double sent = rate * flows_.injected[node];
    if (sent > 0) waits.sum += sent * source_wait(sent, waits.held[node * kPorts + kLocal]);
  }
  return std::isfinite(waits.sum) ? empty + waits.sum / (rate * nodes) : kInfinite;
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
