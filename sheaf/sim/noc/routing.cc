// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/routing.h"

#include <algorithm>
#include <cmath>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/sim/noc/lines.h"

namespace sheaf::sim::noc {
namespace {

std::string name_of(const Channel& channel) {
  return std::to_string(channel.router) + " " + std::string(kPortNames[channel.port]);
}

Node read_node(const Topology& topology, std::string_view word, const std::string& place) {
  double value = 0;
  if (read_number(word, value) && value >= 0 && value < topology.nodes() &&
      value == std::floor(value)) {
    return static_cast<Node>(value);
  }
  throw base::ConfigError({.place = place,
                           .what = "not a node",
                           .got = quoted(word),
                           .expected = "0 to " + std::to_string(topology.nodes() - 1)});
}

Port read_port(std::string_view word, const std::string& place) {
  const auto* const found = std::find(kPortNames.begin(), kPortNames.end(), word);
  if (found != kPortNames.end()) return static_cast<Port>(found - kPortNames.begin());
  const std::vector<std::string> names(kPortNames.begin(), kPortNames.end());
  throw base::ConfigError({.place = place,
                           .what = "unknown port",
                           .got = quoted(word),
                           .hint = base::suggest(std::string(word.substr(0, 20)), names)});
}

// Every packet arrives: no path to `destination` is longer than there are nodes.
void require_arrival(const RoutingTable& table, Node destination, const std::string& path) {
  const Topology& topology = table.topology();
  std::vector<std::uint8_t> arrives(topology.nodes());
  arrives[destination] = 1;
  for (Node source = 0; source < topology.nodes(); ++source) {
    std::vector<Node> walked;
    Node at = source;
    while (arrives[at] == 0) {
      if (walked.size() == topology.nodes()) {
        throw base::ConfigError({.place = path,
                                 .what = "packets go in circles",
                                 .got = "from node " + std::to_string(source) + " to node " +
                                        std::to_string(destination),
                                 .expected = "a path that ends there"});
      }
      walked.push_back(at);
      at = *topology.neighbour(at, table.port(at, destination));
    }
    for (const Node node : walked) arrives[node] = 1;
  }
}

void require_no_cycle(const RoutingTable& table, const std::string& path) {
  const std::vector<Channel> cycle = waiting_cycle(table);
  if (cycle.empty()) return;
  std::string names;
  for (const Channel& channel : cycle) names += name_of(channel) + " -> ";
  throw base::ConfigError(
      {.place = path,
       .what = "the routing table can deadlock",
       .got = "channels that wait for each other: " + names + name_of(cycle.front()),
       .expected = "no cycle of channels",
       .hint = "forbid one of these turns"});
}

}  // namespace

RoutingTable::RoutingTable(const Topology& topology)
    : topology_(topology), ports_(std::size_t{topology.nodes()} * topology.nodes()) {
  for (Node router = 0; router < topology.nodes(); ++router) {
    for (Node destination = 0; destination < topology.nodes(); ++destination) {
      ports_[std::size_t{router} * topology.nodes() + destination] =
          topology.xy_port(router, destination);
    }
  }
}

RoutingTable RoutingTable::xy(const Topology& topology) { return RoutingTable(topology); }

RoutingTable RoutingTable::yx(const Topology& topology) {
  RoutingTable table(topology);
  for (Node router = 0; router < topology.nodes(); ++router) {
    for (Node destination = 0; destination < topology.nodes(); ++destination) {
      if (topology.y(router) == topology.y(destination)) continue;
      table.ports_[std::size_t{router} * topology.nodes() + destination] =
          topology.y(router) < topology.y(destination) ? kNorth : kSouth;
    }
  }
  return table;
}

RoutingTable RoutingTable::parse(const Topology& topology, std::string_view text,
                                 const std::string& path) {
  RoutingTable table(topology);
  table.shortest_ = false;
  for (const Line& line : words_of(text)) {
    const std::string place = path + ":" + std::to_string(line.number);
    if (line.words.size() != 3) {
      throw base::ConfigError({.place = place,
                               .what = "wrong number of words",
                               .got = std::to_string(line.words.size()),
                               .expected = "ROUTER DESTINATION PORT"});
    }
    const Node router = read_node(topology, line.words[0], place);
    const Node destination = read_node(topology, line.words[1], place);
    const Port port = read_port(line.words[2], place);
    const bool ends = router == destination;
    if (ends ? port != kLocal : !topology.neighbour(router, port).has_value()) {
      throw base::ConfigError(
          {.place = place,
           .what = "wrong port",
           .got = name_of({router, port}) + " for node " + std::to_string(destination),
           .expected = ends ? "local" : "a port that has a neighbour"});
    }
    table.ports_[std::size_t{router} * topology.nodes() + destination] = port;
  }
  for (Node destination = 0; destination < topology.nodes(); ++destination) {
    require_arrival(table, destination, path);
  }
  require_no_cycle(table, path);
  return table;
}

std::uint32_t RoutingTable::links(Node source, Node destination) const {
  if (shortest_) return topology_.distance(source, destination);
  std::uint32_t count = 0;
  while (source != destination) {
    source = *topology_.neighbour(source, port(source, destination));
    ++count;
  }
  return count;
}

std::vector<Channel> waiting_cycle(const RoutingTable& table) {
  const Topology& topology = table.topology();
  const std::uint32_t channels = topology.nodes() * kLocal;
  // Bit p of follows[c]: a packet that holds channel c may wait for port p of the router behind it.
  std::vector<std::uint8_t> follows(channels);
  for (Node router = 0; router < topology.nodes(); ++router) {
    for (Node destination = 0; destination < topology.nodes(); ++destination) {
      const Port port = table.port(router, destination);
      if (port == kLocal) continue;
      const Port next = table.port(*topology.neighbour(router, port), destination);
      if (next != kLocal) follows[router * kLocal + port] |= static_cast<std::uint8_t>(1U << next);
    }
  }
  // Depth first, without recursion: `path` are the channels between the root and the present one.
  enum : std::uint8_t { kNew, kOnPath, kDone };
  std::vector<std::uint8_t> state(channels, kNew);
  std::vector<std::uint32_t> path;
  for (std::uint32_t root = 0; root < channels; ++root) {
    if (state[root] != kNew) continue;
    state[root] = kOnPath;
    path.push_back(root);
    while (!path.empty()) {
      const std::uint32_t channel = path.back();
      if (follows[channel] == 0) {
        state[channel] = kDone;
        path.pop_back();
        continue;
      }
      const auto port = static_cast<std::uint32_t>(__builtin_ctz(follows[channel]));
      follows[channel] = static_cast<std::uint8_t>(follows[channel] & (follows[channel] - 1U));
      const Node behind =
          *topology.neighbour(channel / kLocal, static_cast<Port>(channel % kLocal));
      const std::uint32_t next = behind * kLocal + port;
      if (state[next] == kOnPath) {
        std::vector<Channel> cycle;
        for (auto at = std::find(path.begin(), path.end(), next); at != path.end(); ++at) {
          cycle.push_back({*at / kLocal, static_cast<Port>(*at % kLocal)});
        }
        return cycle;
      }
      if (state[next] == kNew) {
        state[next] = kOnPath;
        path.push_back(next);
      }
    }
  }
  return {};
}

}  // namespace sheaf::sim::noc
