// SPDX-License-Identifier: Apache-2.0
//
// Latency and throughput of a mesh under stationary traffic, measured as BookSim does: warm up,
// measure the packets that are created in a window, and go on with the same traffic until the last
// of them has arrived.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sheaf/sim/noc/energy.h"
#include "sheaf/sim/noc/network.h"
#include "sheaf/sim/noc/traffic.h"

namespace sheaf::sim::noc {

struct SimulationOptions {
  std::uint32_t packet_flits = 1;  // 1 to kMostPacketFlits
  std::uint64_t warmup_cycles = 10000;
  std::uint64_t measured_cycles = 30000;  // at least 1
  std::uint64_t seed = 1;
  // Packets that may be under way, those that wait at their sources included; 2^24 take 0.5 GB.
  std::uint32_t most_under_way = 1U << 24U;
  // Told now and then how many of the cycles of warm-up and window are done, and how many there
  // are.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
};

struct Simulation {
  double offered_flits_per_node_cycle = 0;   // what was asked for
  double accepted_flits_per_node_cycle = 0;  // what reached the sinks in the window
  // From creation, the wait in the source's queue included, to the arrival of the tail. Of the
  // packets that were created in the window and have arrived.
  double mean_latency_cycles = 0;
  std::uint64_t min_latency_cycles = 0;
  std::uint64_t max_latency_cycles = 0;
  double mean_links = 0;  // that these packets crossed
  // What these packets would have taken in an empty network, on average.
  double zero_load_latency_cycles = 0;
  std::uint64_t packets = 0;     // measured and arrived
  std::uint64_t unfinished = 0;  // measured and given up, see `saturated`
  std::uint64_t cycles = 0;      // all phases
  // The mean latency has reached kSaturationFactor times that of an empty network, or packets had
  // to be given up: they were still under way after kMostDrain times the window, or when the mean
  // was bound to exceed kGiveUpLatency (BookSim's limit) and twice the latency of saturation.
  bool saturated = false;
  Events measured;                // in the window
  Events total;                   // in all phases
  std::vector<double> link_load;  // flits per cycle in the window, [node][port]
  NocEnergy energy;               // of the window
};

inline constexpr double kSaturationFactor = 3;
inline constexpr std::uint64_t kMostDrain = 4;
inline constexpr double kGiveUpLatency = 500;

// Throws UsageError unless a packet may have so many flits.
void require_packet(std::uint32_t packet_flits);

// Latency of a packet in an empty network: 5 cycles per router (4 with look-ahead), one more link
// to enter, and the flits behind the head: 5 (links + 1) + 2 + (flits - 1). Where a packet does not
// fit into a buffer of fewer than kCreditLoop flits, it waits kCreditLoop - buffer cycles for
// credits after every buffer of flits.
[[nodiscard]] double zero_load_latency(const target::MeshRouter& router, double links,
                                       std::uint32_t packet_flits) noexcept;

// Throws UsageError when an option is out of its range or a node would have to create more than a
// packet per cycle, and ResourceError when more packets are under way than may be: far over
// saturation, on large meshes.
[[nodiscard]] Simulation simulate(const target::Mesh& mesh, const RoutingTable& table,
                                  const Traffic& traffic, const SimulationOptions& options);

}  // namespace sheaf::sim::noc
