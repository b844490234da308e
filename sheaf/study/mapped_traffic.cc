// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/mapped_traffic.h"

#include <algorithm>
#include <cmath>

#include "sheaf/backend/cim/messages.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::study {
namespace {

using backend::cim::Message;
using backend::cim::Messages;

// A source sends to all its destinations in turn, so many times.
constexpr std::uint64_t kRounds = 8;

target::Mesh mesh_of(const target::Chip& chip, const Messages& messages) {
  target::Mesh mesh = chip.mesh.value_or(target::Mesh{});
  mesh.flit_bits = backend::cim::hardware_of(chip).flit_bits;
  mesh.columns = messages.columns;
  mesh.rows = messages.rows;
  return mesh;
}

// `share` of the messages, in whole flits; what is cut off one goes to the next.
std::vector<sim::noc::Transfer> transfers_of(const std::vector<Message>& messages, double share,
                                             std::uint32_t flit_bits) {
  std::vector<std::uint64_t> flits;
  double rest = 0.5;
  for (const Message& message : messages) {
    const double exact = message.flits * share + rest;
    flits.push_back(static_cast<std::uint64_t>(exact));
    rest = exact - std::floor(exact);
  }
  std::vector<sim::noc::Transfer> transfers;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const std::uint64_t some = flits[i] * (round + 1) / kRounds - flits[i] * round / kRounds;
      if (some == 0) continue;
      transfers.push_back({.source = messages[i].source,
                           .destinations = messages[i].destinations,
                           .bits = some * flit_bits});
    }
  }
  return transfers;
}

std::vector<LayerBurst> bursts_of(const ChipStudy& study, const Messages& messages,
                                  const target::Mesh& mesh, const sim::noc::RoutingTable& table,
                                  const MappedTrafficOptions& options) {
  const std::uint32_t packet = options.simulation.packet_flits;
  const sim::noc::PacketFormat format{.flits = packet, .header_flits = packet > 1 ? 1U : 0U};
  std::vector<LayerBurst> bursts;
  for (std::size_t i = 0; i < study.cost.layers.size(); ++i) {
    const backend::cim::LayerCost& layer = study.cost.layers[i];
    double flits = 0;
    for (const Message& message : messages.layers[i]) {
      flits += message.flits * static_cast<double>(message.destinations.size());
    }
    if (flits < 1) continue;
    LayerBurst burst{.layer = layer.name,
                     .flits = layer.traffic.flits,
                     .flit_hops = layer.traffic.flit_hops,
                     .share = std::min(1.0, static_cast<double>(options.most_flits) / flits),
                     .burst = {}};
    const auto transfers = transfers_of(messages.layers[i], burst.share, mesh.flit_bits);
    burst.burst = sim::noc::simulate_burst(mesh, table, transfers, format, options.delivery);
    bursts.push_back(std::move(burst));
  }
  return bursts;
}

std::optional<SteadyTraffic> steady_of(const Messages& messages, const target::Mesh& mesh,
                                       const sim::noc::RoutingTable& table, double interval_ns,
                                       const sim::noc::SimulationOptions& options) {
  const std::uint32_t nodes = mesh.columns * mesh.rows;
  std::vector<double> matrix(std::size_t{nodes} * nodes);
  const double cycles = interval_ns * mesh.clock_ghz;
  for (const auto& layer : messages.layers) {
    for (const Message& message : layer) {
      for (const std::uint32_t to : message.destinations) {
        matrix[std::size_t{message.source} * nodes + to] += message.flits / cycles;
      }
    }
  }
  SteadyTraffic steady;
  for (std::uint32_t node = 0; node < nodes; ++node) {
    double sent = 0;
    for (std::uint32_t to = 0; to < nodes; ++to) sent += matrix[std::size_t{node} * nodes + to];
    steady.rate += sent / nodes;
    steady.busiest_source = std::max(steady.busiest_source, sent);
  }
  if (steady.rate == 0) return std::nullopt;
  if (steady.busiest_source > 1) return steady;
  const auto traffic = sim::noc::Traffic::matrix(matrix, nodes);
  steady.simulation = sim::noc::simulate(mesh, table, traffic, options);
  steady.estimate =
      sim::noc::AnalyticalModel(mesh, table, traffic, options.packet_flits).at(steady.rate);
  return steady;
}

void require_few(const ChipStudy& study, std::uint64_t routers) {
  if (routers <= kMostMappedRouters) return;
  throw base::UsageError({.place = "mesh",
                          .what = "routers that " + study.shapes.name + " takes",
                          .got = std::to_string(routers),
                          .expected = "at most " + std::to_string(kMostMappedRouters)});
}

}  // namespace

sim::noc::Delivery parse_delivery(const std::string& name) {
  static const std::vector<std::string> kNames = {"unicast", "multicast"};
  if (name == kNames[0]) return sim::noc::Delivery::kUnicast;
  if (name == kNames[1]) return sim::noc::Delivery::kMulticast;
  throw base::UsageError({.place = "--delivery",
                          .what = "unknown delivery",
                          .got = "'" + name + "'",
                          .hint = base::suggest(name, kNames)});
}

MappedTraffic map_traffic(const ChipStudy& study, const MappedTrafficOptions& options) {
  if (!study.chip.crossbar) {
    throw base::UnsupportedError({.place = "chip " + study.chip.name,
                                  .what = "traffic between tiles",
                                  .got = "one array",
                                  .expected = "PEs of kind crossbars"});
  }
  // Before messages are made, of which there are as many as pairs of routers.
  const std::uint64_t per_router = backend::cim::hardware_of(study.chip).crossbars_per_tile *
                                   std::uint64_t{study.cost.mesh.tiles_per_router};
  require_few(study, study.cost.crossbars / per_router);
  const bool multicast = options.delivery == sim::noc::Delivery::kMulticast;
  const Messages messages =
      backend::cim::messages_of(study.shapes, study.cost, study.chip, multicast);
  require_few(study, std::uint64_t{messages.columns} * messages.rows);
  MappedTraffic result{.network = study.shapes.name,
                       .chip = study.chip.name,
                       .own_mesh = study.chip.mesh.has_value(),
                       .mesh = mesh_of(study.chip, messages),
                       .options = options,
                       .interval_ns = study.cost.interval_ns,
                       .bursts = {},
                       .steady = {}};
  const auto table = sim::noc::RoutingTable::xy({result.mesh.columns, result.mesh.rows});
  result.bursts = bursts_of(study, messages, result.mesh, table, options);
  result.steady = steady_of(messages, result.mesh, table, result.interval_ns, options.simulation);
  return result;
}

}  // namespace sheaf::study
