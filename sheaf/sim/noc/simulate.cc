// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/simulate.h"

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"

namespace sheaf::sim::noc {
namespace {

// A generator of its own per node: what one sends does not depend on the others.
class Creators {
 public:
  Creators(const Traffic& traffic, const SimulationOptions& options)
      : traffic_(traffic), packet_flits_(options.packet_flits) {
    for (Node node = 0; node < traffic.nodes(); ++node) {
      generators_.emplace_back(options.seed, "noc " + std::to_string(node));
      chance_.push_back(traffic.flits_per_cycle(node) / packet_flits_);
    }
  }

  // Every node creates a packet with its chance.
  void create(Network& network, bool measured) {
    for (Node node = 0; node < traffic_.nodes(); ++node) {
      if (chance_[node] == 0) continue;
      base::Rng& rng = generators_[node];
      if (static_cast<double>(rng.next() >> 11U) * 0x1p-53 >= chance_[node]) continue;
      network.enqueue({.source = node,
                       .destination = traffic_.destinations(node).draw(rng),
                       .flits = packet_flits_,
                       .created = network.cycle(),
                       .measured = measured});
    }
  }

 private:
  const Traffic& traffic_;
  std::uint32_t packet_flits_;
  std::vector<base::Rng> generators_;
  std::vector<double> chance_;
};

// Sums over the measured packets that have arrived.
class Arrivals {
 public:
  explicit Arrivals(const RoutingTable& table) : table_(table) {}

  // A tail that arrived in the cycle before the network's present one.
  void add(const Network& network) {
    for (const Packet& packet : network.delivered()) {
      if (!packet.measured) continue;
      const std::uint64_t latency = network.cycle() - 1 - packet.created;
      least_ = std::min(least_, latency);
      most_ = std::max(most_, latency);
      latency_ += latency;
      links_ += table_.links(packet.source, packet.destination);
      ++packets_;
    }
  }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] double mean_links() const {
    return static_cast<double>(links_) / static_cast<double>(std::max<std::uint64_t>(packets_, 1));
  }
  // Whether the mean latency of `created` packets is over `limit`, whatever the others take.
  [[nodiscard]] bool mean_exceeds(double limit, std::uint64_t created) const {
    return static_cast<double>(latency_) > limit * static_cast<double>(created);
  }

  void write(Simulation& result) const {
    result.packets = packets_;
    if (packets_ == 0) return;
    result.mean_latency_cycles = static_cast<double>(latency_) / static_cast<double>(packets_);
    result.mean_links = static_cast<double>(links_) / static_cast<double>(packets_);
    result.min_latency_cycles = least_;
    result.max_latency_cycles = most_;
  }

 private:
  const RoutingTable& table_;
  std::uint64_t packets_ = 0;
  std::uint64_t latency_ = 0;
  std::uint64_t links_ = 0;
  std::uint64_t least_ = ~std::uint64_t{0};
  std::uint64_t most_ = 0;
};

void require_options(const Traffic& traffic, const SimulationOptions& options) {
  require_packet(options.packet_flits);
  if (options.measured_cycles == 0) {
    throw base::UsageError({.place = "--cycles",
                            .what = "nothing to measure",
                            .got = "0",
                            .expected = "a cycle at least"});
  }
  for (Node node = 0; node < traffic.nodes(); ++node) {
    if (traffic.flits_per_cycle(node) <= 1) continue;
    throw base::UsageError(
        {.place = "--rate",
         .what = "node " + std::to_string(node) + " would send more than a flit per cycle",
         .got = std::to_string(traffic.flits_per_cycle(node)),
         .expected = "at most 1"});
  }
}

std::vector<std::uint64_t> sent_by_port(const Network& network) {
  std::vector<std::uint64_t> sent;
  for (Node node = 0; node < network.table().topology().nodes(); ++node) {
    for (std::uint32_t port = 0; port < kPorts; ++port) {
      sent.push_back(network.sent(node, static_cast<Port>(port)));
    }
  }
  return sent;
}

// Now and then: is it too much, and how far is it?
void watch(const Network& network, const SimulationOptions& options, std::uint64_t end) {
  if (network.cycle() % 256 != 0) return;
  if (network.under_way() > options.most_under_way) {
    throw base::ResourceError(
        {.place = "--rate",
         .what = "packets that are under way or wait at their sources in cycle " +
                 std::to_string(network.cycle()),
         .got = std::to_string(network.under_way()),
         .expected = "at most " + std::to_string(options.most_under_way),
         .hint = "a rate below saturation (--saturation), or fewer cycles"});
  }
  if (options.progress) options.progress(std::min(network.cycle(), end), end);
}

}  // namespace

void require_packet(std::uint32_t packet_flits) {
  if (packet_flits >= 1 && packet_flits <= kMostPacketFlits) return;
  throw base::UsageError({.place = "--packet",
                          .what = "wrong length of a packet",
                          .got = std::to_string(packet_flits),
                          .expected = "1 to " + std::to_string(kMostPacketFlits) + " flits"});
}

double zero_load_latency(const target::MeshRouter& router, double links,
                         std::uint32_t packet_flits) noexcept {
  const double per_router = router.look_ahead ? 4 : 5;
  const std::uint32_t rounds = (packet_flits - 1) / router.buffer_flits;
  const double credit_waits = router.buffer_flits < kCreditLoop
                                  ? rounds * static_cast<double>(kCreditLoop - router.buffer_flits)
                                  : 0;
  return per_router * (links + 1) + static_cast<double>(kInjectToNext) + (packet_flits - 1.0) +
         credit_waits;
}

Simulation simulate(const target::Mesh& mesh, const RoutingTable& table, const Traffic& traffic,
                    const SimulationOptions& options) {
  Network network(mesh, table);
  base::check(traffic.nodes() == table.topology().nodes(), "sim/noc/simulate",
              "traffic of another mesh");
  require_options(traffic, options);
  Creators creators(traffic, options);
  Arrivals arrivals(table);
  Simulation result;

  const std::uint64_t end = options.warmup_cycles + options.measured_cycles;
  while (network.cycle() < options.warmup_cycles) {
    creators.create(network, false);
    network.tick();
    watch(network, options, end);
  }

  const Events before = network.events();
  const std::vector<std::uint64_t> sent_before = sent_by_port(network);
  std::uint64_t created = network.under_way();
  std::uint64_t finished_others = 0;
  while (network.cycle() < end) {
    creators.create(network, true);
    network.tick();
    const std::uint64_t packets = arrivals.packets();
    arrivals.add(network);
    finished_others += network.delivered().size() - (arrivals.packets() - packets);
    watch(network, options, end);
  }
  created = network.under_way() + arrivals.packets() - (created - finished_others);
  result.measured = network.events() - before;
  const auto window = static_cast<double>(options.measured_cycles);
  const std::vector<std::uint64_t> sent_after = sent_by_port(network);
  for (std::size_t i = 0; i < sent_after.size(); ++i) {
    result.link_load.push_back(static_cast<double>(sent_after[i] - sent_before[i]) / window);
  }

  const std::uint64_t give_up = end + kMostDrain * options.measured_cycles + options.warmup_cycles;
  const double limit =
      std::max(kGiveUpLatency,
               2 * kSaturationFactor *
                   zero_load_latency(mesh.router, arrivals.mean_links(), options.packet_flits));
  while (arrivals.packets() < created && network.cycle() < give_up &&
         !arrivals.mean_exceeds(limit, created)) {
    creators.create(network, false);
    network.tick();
    arrivals.add(network);
    watch(network, options, end);
  }

  arrivals.write(result);
  result.unfinished = created - arrivals.packets();
  result.offered_flits_per_node_cycle = traffic.mean_rate();
  result.accepted_flits_per_node_cycle =
      static_cast<double>(result.measured.ejected_flits) / window / traffic.nodes();
  result.zero_load_latency_cycles =
      zero_load_latency(mesh.router, result.mean_links, options.packet_flits);
  result.saturated =
      result.unfinished > 0 ||
      (result.packets > 0 &&
       result.mean_latency_cycles >= kSaturationFactor * result.zero_load_latency_cycles);
  result.cycles = network.cycle();
  result.total = network.events();
  result.energy = energy_of(mesh, result.measured, options.measured_cycles);
  return result;
}

}  // namespace sheaf::sim::noc
