// SPDX-License-Identifier: Apache-2.0
//
// A mesh of routers with a source and a sink at each node, cycle by cycle. Everything that moves
// between routers takes at least two cycles, so that in a cycle no router sees what another does:
// the order in which they are walked over does not matter.
//
//   source  an unbounded queue; sends one packet at a time, on virtual channels in turn, a flit
//           per cycle and credit
//   sink    takes a flit per cycle and returns its credit at once
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "sheaf/sim/noc/router.h"

namespace sheaf::sim::noc {

// Counts since the network was made.
struct Events {
  std::uint64_t switch_traversals = 0;  // as many buffer reads, crossbar passages, arbitrations won
  std::uint64_t link_traversals = 0;    // between routers
  std::uint64_t injected_flits = 0;
  std::uint64_t ejected_flits = 0;
  // What enters a router is written into a buffer.
  [[nodiscard]] std::uint64_t buffer_writes() const noexcept {
    return injected_flits + link_traversals;
  }
};
[[nodiscard]] Events operator-(const Events& a, const Events& b) noexcept;

class Network {
 public:
  // Throws UsageError when the mesh cannot be simulated, ResourceError when its buffers are too
  // large.
  Network(const target::Mesh& mesh, RoutingTable table);
  Network(const Network&) = delete;  // routers refer to routes_
  Network& operator=(const Network&) = delete;

  // A set of destinations to which packets are sent once. Packets may have at most as many flits
  // as a buffer: a router keeps a packet until its last branch is served (docs/noc.md). Returns
  // what Packet::tree takes.
  [[nodiscard]] std::uint32_t add_tree(Node source, std::span<const Node> destinations);

  // Puts a packet into the queue of its source. Throws UsageError when it has no flits, too many,
  // or a node that does not exist.
  void enqueue(Packet packet);

  // One cycle.
  void tick();

  [[nodiscard]] std::uint64_t cycle() const noexcept { return cycle_; }
  // Packets whose tail has reached its last destination in the last cycle.
  [[nodiscard]] std::span<const Packet> delivered() const noexcept { return delivered_; }
  // Packets in queues and network.
  [[nodiscard]] std::uint32_t under_way() const noexcept { return under_way_; }
  [[nodiscard]] const Events& events() const noexcept { return events_; }
  // Flits that have left a router by a port.
  [[nodiscard]] std::uint64_t sent(Node router, Port port) const noexcept {
    return sent_[router * kPorts + port];
  }
  // Packets in the queue of a source, with the one that it sends.
  [[nodiscard]] std::size_t queued(Node source) const noexcept {
    return sources_[source].queue.size();
  }
  [[nodiscard]] const RoutingTable& table() const noexcept { return routes_.table; }

  // Throws InternalError unless an empty network has all its credits back and no virtual channel
  // is held. Some cycles after the last flit.
  void verify_empty() const;

 private:
  struct Source {
    std::deque<std::uint32_t> queue;  // packets, the first being sent
    std::uint32_t sent = 0;           // flits of the first
    std::uint8_t vc = 0;              // where they go
    std::uint8_t last_vc = 0;
    bool any_sent = false;
    std::uint64_t held = 0;
    std::vector<std::uint16_t> credits;
    std::array<std::uint8_t, 4> arriving{};  // credits by cycle: vc + 1
  };
  struct Expected {  // of a sink's virtual channel
    std::uint32_t packet = 0;
    std::uint32_t sequence = 0;
  };
  static constexpr std::uint64_t kSlots = 4;  // cycles that something may be on its way

  // What reaches a router in a later cycle, to be added to.
  [[nodiscard]] Inbox& inbox(Node node, std::uint64_t cycle) {
    awaited_[node] |= static_cast<std::uint8_t>(1U << cycle % kSlots);
    return inboxes_[node * kSlots + cycle % kSlots];
  }
  void run_source(Node node);
  [[nodiscard]] bool claim_vc(Source& source) const;
  void run_sink(Node node);
  void finish(std::uint32_t packet);
  void transmit(Node node, const Outbox& sent);

  Routes routes_;
  std::uint32_t vcs_;
  std::uint32_t depth_;
  std::uint64_t cycle_ = 0;
  std::uint32_t under_way_ = 0;
  std::vector<Router> routers_;
  std::vector<Source> sources_;
  std::vector<Inbox> inboxes_;         // [node][slot]
  std::vector<std::uint8_t> awaited_;  // [node]: bit per slot of its inboxes that is not empty
  std::vector<Flit> ejected_;          // [node][slot]
  std::vector<std::uint8_t> ejects_;   // [node]: bit per slot
  std::vector<Expected> expected_;     // [node][vc]
  std::vector<Node> neighbours_;       // [node][port]
  std::vector<Packet> packets_;        // under way, and free places
  std::vector<std::uint32_t> free_;    // places
  std::vector<Packet> delivered_;
  Outbox sent_now_;
  std::vector<std::uint64_t> sent_;  // [node][port]
  Events events_;
};

}  // namespace sheaf::sim::noc
