// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/network.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/arbiter.h"

namespace sheaf::sim::noc {
namespace {

constexpr const char* kPlace = "sim/noc/network";
constexpr std::uint64_t kMostBufferFlits = std::uint64_t{1} << 27U;

const target::Mesh& require_size(const target::Mesh& mesh) {
  require_mesh(mesh);
  const std::uint64_t flits =
      std::uint64_t{mesh.columns} * mesh.rows * kPorts * mesh.router.vcs * mesh.router.buffer_flits;
  if (flits > kMostBufferFlits) {
    throw base::ResourceError({.place = "--buffer",
                               .what = "too many flits in all buffers together",
                               .got = std::to_string(flits),
                               .expected = "at most " + std::to_string(kMostBufferFlits)});
  }
  return mesh;
}

void require_node(Node node, std::size_t nodes) {
  if (node < nodes) return;
  throw base::UsageError({.place = kPlace,
                          .what = "a packet of a node that does not exist",
                          .got = std::to_string(node),
                          .expected = "0 to " + std::to_string(nodes - 1)});
}

}  // namespace

Events operator-(const Events& a, const Events& b) noexcept {
  return {.switch_traversals = a.switch_traversals - b.switch_traversals,
          .link_traversals = a.link_traversals - b.link_traversals,
          .injected_flits = a.injected_flits - b.injected_flits,
          .ejected_flits = a.ejected_flits - b.ejected_flits};
}

Network::Network(const target::Mesh& mesh, RoutingTable table)
    : routes_{.table = std::move(table)},
      vcs_(require_size(mesh).router.vcs),
      depth_(mesh.router.buffer_flits) {
  const Topology& topology = routes_.table.topology();
  const std::uint32_t nodes = topology.nodes();
  base::check(topology.columns() == mesh.columns && topology.rows() == mesh.rows, kPlace,
              "a routing table of another mesh");
  routers_.reserve(nodes);
  neighbours_.resize(std::size_t{nodes} * kPorts);
  for (Node node = 0; node < nodes; ++node) {
    routers_.emplace_back(mesh.router, node, routes_);
    for (std::uint32_t port = 0; port < kLocal; ++port) {
      neighbours_[node * kPorts + port] =
          topology.neighbour(node, static_cast<Port>(port)).value_or(node);
    }
  }
  sources_.resize(nodes);
  for (Source& source : sources_) {
    source.credits.assign(vcs_, static_cast<std::uint16_t>(depth_));
  }
  inboxes_.resize(nodes * kSlots);
  awaited_.resize(nodes);
  ejected_.resize(nodes * kSlots);
  ejects_.resize(nodes);
  expected_.resize(std::size_t{nodes} * vcs_);
  sent_.resize(std::size_t{nodes} * kPorts);
}

std::uint32_t Network::add_tree(Node source, std::span<const Node> destinations) {
  require_node(source, sources_.size());
  for (const Node destination : destinations) require_node(destination, sources_.size());
  routes_.trees.emplace_back(routes_.table, source, destinations);
  return static_cast<std::uint32_t>(routes_.trees.size() - 1);
}

void Network::enqueue(Packet packet) {
  require_node(packet.source, sources_.size());
  const bool multicast = packet.tree != kUnicast;
  if (multicast) {
    base::check(packet.tree < routes_.trees.size(), kPlace, "a tree that does not exist");
    packet.awaited = routes_.trees[packet.tree].destinations();
  } else {
    require_node(packet.destination, sources_.size());
    packet.awaited = 1;
  }
  const std::uint32_t most = multicast ? std::min(depth_, kMostPacketFlits) : kMostPacketFlits;
  if (packet.flits == 0 || packet.flits > most) {
    throw base::UsageError(
        {.place = "--packet",
         .what = multicast ? "wrong length of a multicast packet" : "wrong length of a packet",
         .got = std::to_string(packet.flits),
         .expected = "1 to " + std::to_string(most) + " flits",
         .hint = multicast ? "a router keeps it whole until its last branch is served" : ""});
  }
  std::uint32_t place = 0;
  if (free_.empty()) {
    place = static_cast<std::uint32_t>(packets_.size());
    packets_.push_back(packet);
  } else {
    place = free_.back();
    free_.pop_back();
    packets_[place] = packet;
  }
  sources_[packet.source].queue.push_back(place);
  ++under_way_;
}

void Network::tick() {
  delivered_.clear();
  const auto nodes = static_cast<Node>(sources_.size());
  const auto now = static_cast<std::uint8_t>(1U << cycle_ % kSlots);
  for (Node node = 0; node < nodes; ++node) {
    if ((ejects_[node] & now) != 0) run_sink(node);
  }
  for (Node node = 0; node < nodes; ++node) run_source(node);
  for (Node node = 0; node < nodes; ++node) {
    if ((awaited_[node] & now) == 0 && routers_[node].buffered() == 0) continue;
    Inbox& received = inboxes_[node * kSlots + cycle_ % kSlots];
    sent_now_.flit_ports = sent_now_.credit_ports = 0;
    routers_[node].tick(received, packets_, sent_now_);
    awaited_[node] = static_cast<std::uint8_t>(awaited_[node] & ~now);
    received.flit_ports = received.credit_ports = 0;
    transmit(node, sent_now_);
  }
  ++cycle_;
}

// The next virtual channel in turn that no packet holds and that has a credit.
bool Network::claim_vc(Source& source) const {
  for (std::uint32_t i = 1; i <= vcs_; ++i) {
    const std::uint32_t vc = source.any_sent ? (source.last_vc + i) % vcs_ : i - 1;
    if ((source.held >> vc & 1U) != 0 || source.credits[vc] == 0) continue;
    source.vc = source.last_vc = static_cast<std::uint8_t>(vc);
    source.any_sent = true;
    source.held |= std::uint64_t{1} << vc;
    return true;
  }
  return false;
}

void Network::run_source(Node node) {
  Source& source = sources_[node];
  std::uint8_t& credit = source.arriving[cycle_ % kSlots];
  if (credit != 0) {
    ++source.credits[credit - 1U];
    credit = 0;
  }
  if (source.queue.empty()) return;
  const Packet& packet = packets_[source.queue.front()];
  if (source.sent == 0 && !claim_vc(source)) return;
  if (source.credits[source.vc] == 0) return;
  Inbox& to = inbox(node, cycle_ + kInjectToNext);
  to.flits[kLocal] = {.packet = source.queue.front(),
                      .sequence = static_cast<std::uint16_t>(source.sent),
                      .vc = source.vc,
                      .tail = source.sent + 1 == packet.flits};
  to.flit_ports |= static_cast<std::uint8_t>(1U << kLocal);
  ++events_.injected_flits;
  --source.credits[source.vc];
  if (++source.sent == packet.flits) {
    source.held &= ~(std::uint64_t{1} << source.vc);
    source.queue.pop_front();
    source.sent = 0;
  }
}

void Network::run_sink(Node node) {
  ejects_[node] &= static_cast<std::uint8_t>(~(1U << cycle_ % kSlots));
  const Flit& flit = ejected_[node * kSlots + cycle_ % kSlots];
  Expected& expected = expected_[node * vcs_ + flit.vc];
  if (flit.head()) expected = {.packet = flit.packet};
  base::check(expected.packet == flit.packet && expected.sequence == flit.sequence, kPlace,
              "flits of a packet out of order");
  ++expected.sequence;
  ++events_.ejected_flits;
  Inbox& to = inbox(node, cycle_ + kCreditToRouter);
  to.credit_vcs[kLocal] = flit.vc;
  to.credit_ports |= static_cast<std::uint8_t>(1U << kLocal);
  if (flit.tail) finish(flit.packet);
}

void Network::finish(std::uint32_t place) {
  Packet& packet = packets_[place];
  base::check(packet.awaited > 0, kPlace, "a packet delivered twice");
  if (--packet.awaited > 0) return;
  delivered_.push_back(packet);
  free_.push_back(place);
  --under_way_;
}

void Network::transmit(Node node, const Outbox& sent) {
  for_each_bit(sent.flit_ports, [&](std::uint32_t port) {
    ++sent_[node * kPorts + port];
    ++events_.switch_traversals;
    const std::uint64_t arrival = cycle_ + kSwitchToNext;
    if (port == kLocal) {
      ejected_[node * kSlots + arrival % kSlots] = sent.flits[port];
      ejects_[node] |= static_cast<std::uint8_t>(1U << arrival % kSlots);
      return;
    }
    ++events_.link_traversals;
    const Node to = neighbours_[node * kPorts + port];
    const Port input = opposite(static_cast<Port>(port));
    Inbox& next = inbox(to, arrival);
    next.flits[input] = sent.flits[port];
    next.flit_ports |= static_cast<std::uint8_t>(1U << input);
  });
  for_each_bit(sent.credit_ports, [&](std::uint32_t port) {
    const std::uint8_t vc = sent.credit_vcs[port];
    if (port == kLocal) {
      sources_[node].arriving[(cycle_ + kCreditToSource) % kSlots] =
          static_cast<std::uint8_t>(vc + 1);
      return;
    }
    const Node to = neighbours_[node * kPorts + port];
    const Port output = opposite(static_cast<Port>(port));
    Inbox& next = inbox(to, cycle_ + kCreditToRouter);
    next.credit_vcs[output] = vc;
    next.credit_ports |= static_cast<std::uint8_t>(1U << output);
  });
}

void Network::verify_empty() const {
  base::check(under_way_ == 0, kPlace, "packets under way");
  for (Node node = 0; node < sources_.size(); ++node) {
    base::check(routers_[node].buffered() == 0, kPlace, "flits left in a buffer");
    for (std::uint32_t vc = 0; vc < vcs_; ++vc) {
      for (std::uint32_t port = 0; port < kPorts; ++port) {
        base::check(routers_[node].credits(static_cast<Port>(port), vc) == depth_ &&
                        !routers_[node].held(static_cast<Port>(port), vc),
                    kPlace, "a credit or virtual channel lost");
      }
      base::check(sources_[node].credits[vc] == depth_ && sources_[node].held == 0, kPlace,
                  "a credit or virtual channel of a source lost");
    }
  }
}

}  // namespace sheaf::sim::noc
