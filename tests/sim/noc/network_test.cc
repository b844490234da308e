// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/network.h"

#include <gtest/gtest.h>

#include <map>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/sim/noc/simulate.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

using test::message_of;

RoutingTable xy(const target::Mesh& mesh) {
  return RoutingTable::xy(Topology(mesh.columns, mesh.rows));
}

// Ticks until nothing is under way and all credits are back, at most `most` cycles.
void drain(Network& network, std::uint64_t most) {
  for (std::uint64_t i = 0; i < most && network.under_way() > 0; ++i) network.tick();
  for (int i = 0; i < 4; ++i) network.tick();
}

std::uint64_t latency_alone(const target::Mesh& mesh, Node from, Node to, std::uint32_t flits) {
  Network network(mesh, xy(mesh));
  network.enqueue({.source = from, .destination = to, .flits = flits});
  while (network.delivered().empty()) network.tick();
  return network.cycle() - 1;
}

TEST(Network, ZeroLoadLatencyIsFivePerRouterAndTwo) {
  const target::Mesh mesh{.columns = 5, .rows = 3};
  const Topology topology(5, 3);
  for (Node from = 0; from < 15; ++from) {
    for (Node to = 0; to < 15; ++to) {
      const std::uint32_t links = topology.distance(from, to);
      EXPECT_EQ(latency_alone(mesh, from, to, 1), 5 * (links + 1) + 2);
      EXPECT_EQ(latency_alone(mesh, from, to, 4), 5 * (links + 1) + 2 + 3);
    }
  }
}

TEST(Network, PacketsThatDoNotFitIntoABufferWaitForCredits) {
  for (const bool look_ahead : {false, true}) {
    for (std::uint32_t depth = 1; depth <= 8; ++depth) {
      for (const std::uint32_t flits : {1U, 2U, 5U, 8U, 9U, 20U}) {
        const target::Mesh mesh{
            .columns = 4, .rows = 2, .router = {.buffer_flits = depth, .look_ahead = look_ahead}};
        for (const Node to : {0U, 1U, 7U}) {
          const std::uint32_t links = Topology(4, 2).distance(0, to);
          EXPECT_EQ(static_cast<double>(latency_alone(mesh, 0, to, flits)),
                    zero_load_latency(mesh.router, links, flits))
              << depth << " " << flits << " " << links;
        }
      }
    }
  }
}

TEST(Network, LookAheadTakesFourPerRouter) {
  const target::Mesh mesh{.columns = 4, .rows = 4, .router = {.look_ahead = true}};
  EXPECT_EQ(latency_alone(mesh, 0, 15, 1), 4U * 7 + 2);
  EXPECT_EQ(latency_alone(mesh, 3, 3, 4), 4U + 2 + 3);
}

TEST(Network, PacketsLongerThanABufferStreamAtTheRateOfTheCredits) {
  // The credit of a body flit is back 6 cycles after the flit has won the switch; 6 flits are
  // enough to stream, 3 pass at half the rate.
  const target::Mesh fast{.columns = 2, .rows = 1, .router = {.vcs = 1, .buffer_flits = 8}};
  const target::Mesh slow{.columns = 2, .rows = 1, .router = {.vcs = 1, .buffer_flits = 3}};
  EXPECT_EQ(latency_alone(fast, 0, 1, 600), 12U + 599);
  EXPECT_NEAR(static_cast<double>(latency_alone(slow, 0, 1, 600)), 2 * 600, 20);
}

// A single VC serves a packet of one flit in three cycles (RC, VA, SA), in two with look-ahead.
TEST(Network, OneVirtualChannelPassesOneSingleFlitPacketInThreeCycles) {
  for (const bool look_ahead : {false, true}) {
    const target::Mesh mesh{
        .columns = 1, .rows = 1, .router = {.vcs = 1, .look_ahead = look_ahead}};
    Network network(mesh, xy(mesh));
    for (int i = 0; i < 300; ++i) network.enqueue({});
    while (network.under_way() > 0) network.tick();
    EXPECT_NEAR(static_cast<double>(network.cycle()), look_ahead ? 600 : 900, 10);
  }
}

struct Load {
  target::Mesh mesh;
  std::uint32_t packet_flits;
  std::uint32_t seed;
};

// Random packets, more than the network takes, then none: everything arrives once and in order (the
// network throws otherwise), and all credits come back.
void run_to_empty(const Load& load, const RoutingTable& table) {
  Network network(load.mesh, table);
  base::Rng rng(load.seed);
  const Topology& topology = table.topology();
  std::map<std::pair<Node, Node>, int> awaited;
  std::uint64_t flits = 0;
  std::uint64_t links = 0;
  const auto count = [&] {
    for (const Packet& packet : network.delivered()) --awaited[{packet.source, packet.destination}];
  };
  for (int cycle = 0; cycle < 200; ++cycle) {
    for (Node node = 0; node < topology.nodes(); ++node) {
      if (rng.below(2) == 0) continue;
      const Node to = rng.below(topology.nodes());
      const std::uint32_t length = 1 + rng.below(load.packet_flits);
      network.enqueue({.source = node, .destination = to, .flits = length});
      ++awaited[{node, to}];
      flits += length;
      links += std::uint64_t{length} * table.links(node, to);
    }
    network.tick();
    count();
  }
  for (int i = 0; i < 100000 && network.under_way() > 0; ++i) {
    network.tick();
    count();
  }
  drain(network, 0);
  network.verify_empty();
  for (const auto& [pair, left] : awaited) EXPECT_EQ(left, 0) << pair.first << " " << pair.second;
  EXPECT_EQ(network.events().ejected_flits, flits);
  EXPECT_EQ(network.events().injected_flits, flits);
  EXPECT_EQ(network.events().link_traversals, links);
  EXPECT_EQ(network.events().switch_traversals, links + flits);
  EXPECT_EQ(network.events().buffer_writes(), links + flits);
}

TEST(Network, EveryFlitArrivesOnceAndEveryCreditComesBack) {
  std::uint32_t seed = 0;
  for (const std::uint32_t vcs : {1U, 2U, 5U}) {
    for (const std::uint32_t depth : {1U, 3U}) {
      for (const bool look_ahead : {false, true}) {
        run_to_empty(
            {.mesh = {.columns = 3,
                      .rows = 4,
                      .router = {.vcs = vcs, .buffer_flits = depth, .look_ahead = look_ahead}},
             .packet_flits = 6,
             .seed = ++seed},
            RoutingTable::xy(Topology(3, 4)));
      }
    }
  }
}

TEST(Network, TakesSixtyFourVirtualChannels) {
  run_to_empty(
      {.mesh = {.columns = 2, .rows = 2, .router = {.vcs = 64}}, .packet_flits = 3, .seed = 1},
      RoutingTable::xy(Topology(2, 2)));
}

TEST(Network, ATableWithDetoursDeliversToo) {
  run_to_empty({.mesh = {.columns = 2, .rows = 2, .router = {.vcs = 1, .buffer_flits = 1}},
                .packet_flits = 4,
                .seed = 3},
               RoutingTable::parse(Topology(2, 2), "0 1 north\n2 1 east\n", "t"));
}

TEST(Network, RefusesPacketsWithoutFlits) {
  const target::Mesh mesh{.columns = 2, .rows = 2};
  Network network(mesh, xy(mesh));
  EXPECT_EQ(message_of<base::UsageError>([&] { network.enqueue({.flits = 0}); }),
            "[--packet] wrong length of a packet: got 0, expected 1 to 65535 flits");
}

TEST(Network, RefusesNodesThatDoNotExist) {
  const target::Mesh mesh{.columns = 2, .rows = 2};
  Network network(mesh, xy(mesh));
  EXPECT_EQ(message_of<base::UsageError>([&] { network.enqueue({.destination = 4}); }),
            "[sim/noc/network] a packet of a node that does not exist: got 4, expected 0 to 3");
}

TEST(Network, RefusesBuffersThatAreTooLargeTogether) {
  const target::Mesh mesh{.columns = 16, .rows = 16, .router = {.vcs = 64, .buffer_flits = 65535}};
  EXPECT_EQ(message_of<base::ResourceError>([&] { const Network network(mesh, xy(mesh)); }),
            "[--buffer] too many flits in all buffers together: got 5368627200, expected at most "
            "134217728");
}

}  // namespace
}  // namespace sheaf::sim::noc
