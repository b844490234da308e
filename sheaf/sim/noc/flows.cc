// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/flows.h"

#include "sheaf/base/error.h"

namespace sheaf::sim::noc {
namespace {

// Rates by [source][destination], at a mean rate of one flit per node and cycle.
std::vector<double> rates_of(const Traffic& traffic) {
  const double mean = traffic.mean_rate();
  if (!(mean > 0)) {
    throw base::UsageError({.place = "--rate",
                            .what = "no traffic",
                            .got = "a rate of 0",
                            .expected = "a rate above 0"});
  }
  std::vector<double> rates(std::size_t{traffic.nodes()} * traffic.nodes());
  for (Node source = 0; source < traffic.nodes(); ++source) {
    const double rate = traffic.flits_per_cycle(source) / mean;
    if (rate == 0) continue;
    const Destinations& destinations = traffic.destinations(source);
    for (std::size_t i = 0; i < destinations.size(); ++i) {
      rates[std::size_t{source} * traffic.nodes() + destinations.node(i)] =
          rate * destinations.share(i);
    }
  }
  return rates;
}

// Routers in an order in which each comes after those that send on to it what goes to
// `destination`.
std::vector<Node> downstream_order(const RoutingTable& table, Node destination) {
  const Topology& topology = table.topology();
  std::vector<std::uint8_t> senders(topology.nodes());
  const auto next = [&](Node node) {
    return *topology.neighbour(node, table.port(node, destination));
  };
  for (Node node = 0; node < topology.nodes(); ++node) {
    if (node != destination) ++senders[next(node)];
  }
  std::vector<Node> order;
  for (Node node = 0; node < topology.nodes(); ++node) {
    if (senders[node] == 0) order.push_back(node);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] == destination) continue;
    const Node to = next(order[i]);
    if (--senders[to] == 0) order.push_back(to);
  }
  return order;
}

}  // namespace

Flows flows_of(const RoutingTable& table, const Traffic& traffic) {
  const Topology& topology = table.topology();
  const std::vector<double> rates = rates_of(traffic);
  Flows flows;
  flows.through.resize(std::size_t{topology.nodes()} * kPorts * kPorts);
  flows.injected.resize(topology.nodes());
  std::vector<double> arriving(std::size_t{topology.nodes()} * kPorts);
  double links = 0;
  for (Node destination = 0; destination < topology.nodes(); ++destination) {
    for (const Node node : downstream_order(table, destination)) {
      double* const in = &arriving[std::size_t{node} * kPorts];
      in[kLocal] = rates[std::size_t{node} * topology.nodes() + destination];
      flows.injected[node] += in[kLocal];
      const Port output = table.port(node, destination);
      double sum = 0;
      for (std::uint32_t input = 0; input < kPorts; ++input) {
        flows.through[(std::size_t{node} * kPorts + input) * kPorts + output] += in[input];
        sum += in[input];
        in[input] = 0;
      }
      if (output == kLocal) continue;
      links += sum;
      arriving[*topology.neighbour(node, output) * kPorts + opposite(output)] = sum;
    }
  }
  flows.mean_links = links / topology.nodes();
  for (Node node = 0; node < topology.nodes(); ++node) {
    for (std::uint32_t output = 0; output < kPorts; ++output) {
      double load = 0;
      for (std::uint32_t input = 0; input < kPorts; ++input) load += flows.at(node, input, output);
      if (load <= flows.most_loaded) continue;
      flows.most_loaded = load;
      flows.busiest = {node, static_cast<Port>(output)};
    }
  }
  return flows;
}

}  // namespace sheaf::sim::noc
