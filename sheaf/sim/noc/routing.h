// SPDX-License-Identifier: Apache-2.0
//
// Which port a packet takes at each router. One port per (router, destination), whatever the
// virtual channel, so that a table is free of deadlock exactly when its channels wait for each
// other in no cycle (Dally and Seitz, "Deadlock-free message routing in multiprocessor
// interconnection networks", IEEE Trans. Computers C-36(5), 1987, theorem 1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/sim/noc/topology.h"

namespace sheaf::sim::noc {

class RoutingTable {
 public:
  // First along x, then along y.
  [[nodiscard]] static RoutingTable xy(const Topology& topology);
  // First along y, then along x.
  [[nodiscard]] static RoutingTable yx(const Topology& topology);

  // A line per exception from XY: `ROUTER DESTINATION PORT`, ports being east, west, north, south
  // and local; # begins a comment. Throws ConfigError with path:line for a line that is none of
  // these, a port that leads out of the mesh or is local elsewhere than at the destination; and
  // with the path alone when a packet would go in circles or channels wait for each other in a
  // cycle, which is named.
  [[nodiscard]] static RoutingTable parse(const Topology& topology, std::string_view text,
                                          const std::string& path);

  [[nodiscard]] Port port(Node router, Node destination) const noexcept {
    return ports_[std::size_t{router} * topology_.nodes() + destination];
  }
  [[nodiscard]] const Topology& topology() const noexcept { return topology_; }

  // Links from one node to another on this table.
  [[nodiscard]] std::uint32_t links(Node source, Node destination) const;

 private:
  explicit RoutingTable(const Topology& topology);

  Topology topology_;
  std::vector<Port> ports_;  // [router][destination]
  bool shortest_ = true;     // every path is known to be
};

// A link, by the router that sends over it.
struct Channel {
  Node router = 0;
  Port port = kEast;
  bool operator==(const Channel&) const = default;
};

// Channels each of which waits for the next, the last for the first; empty when there is no such
// cycle.
[[nodiscard]] std::vector<Channel> waiting_cycle(const RoutingTable& table);

}  // namespace sheaf::sim::noc
