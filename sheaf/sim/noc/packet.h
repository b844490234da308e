// SPDX-License-Identifier: Apache-2.0
//
// What travels: packets, the flits into which they are cut, and the way that they take.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/sim/noc/routing.h"

namespace sheaf::sim::noc {

inline constexpr std::uint32_t kMostPacketFlits = 65535;

// A flit carries no address: the head of a packet claims a virtual channel for all of it.
struct Flit {
  std::uint32_t packet = 0;    // index among the packets under way
  std::uint16_t sequence = 0;  // within the packet
  std::uint8_t vc = 0;         // virtual channel of the link that it is on
  bool tail = false;
  [[nodiscard]] bool head() const noexcept { return sequence == 0; }
};

inline constexpr std::uint32_t kUnicast = 0xffffffff;

struct Packet {
  Node source = 0;
  Node destination = 0;           // of a unicast packet
  std::uint32_t flits = 1;        // 1 to kMostPacketFlits
  std::uint64_t created = 0;      // cycle in which it joined the queue of its source
  std::uint32_t tree = kUnicast;  // index of the tree of a multicast packet
  std::uint32_t awaited = 1;      // destinations that do not have its tail yet
  bool measured = false;
};

// The ports by which a packet that is sent once leaves each router, so that it reaches all
// destinations: the paths of a routing table from one source, links that several share taken once.
class MulticastTree {
 public:
  // Throws UsageError when there is no destination, one comes twice, or two paths part and meet
  // again (the paths of XY from one source never do).
  MulticastTree(const RoutingTable& table, Node source, std::span<const Node> destinations);

  // Bit p: a copy leaves by port p.
  [[nodiscard]] std::uint8_t ports(Node router) const noexcept { return ports_[router]; }
  [[nodiscard]] std::uint32_t destinations() const noexcept { return destinations_; }
  // Links that a flit crosses on its way to all destinations.
  [[nodiscard]] std::uint32_t links() const noexcept { return links_; }
  // Routers that it passes.
  [[nodiscard]] std::uint32_t routers() const noexcept { return links_ + 1; }

 private:
  std::vector<std::uint8_t> ports_;
  std::uint32_t destinations_ = 0;
  std::uint32_t links_ = 0;
};

// Routing of whatever is under way.
struct Routes {
  RoutingTable table;
  std::vector<MulticastTree> trees;

  // Bit p: the packet has to leave the router by port p.
  [[nodiscard]] std::uint8_t ports(Node router, const Packet& packet) const noexcept {
    return packet.tree == kUnicast
               ? static_cast<std::uint8_t>(1U << table.port(router, packet.destination))
               : trees[packet.tree].ports(router);
  }
};

}  // namespace sheaf::sim::noc
