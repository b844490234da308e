// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/routing.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

std::string refusal(const std::string& text) {
  return test::message_of<base::ConfigError>(
      [&] { static_cast<void>(RoutingTable::parse(Topology(2, 2), text, "t.txt")); });
}

TEST(RoutingTable, DimensionOrderTakesShortestPathsWithoutCycles) {
  const Topology topology(5, 4);
  for (const RoutingTable& table : {RoutingTable::xy(topology), RoutingTable::yx(topology)}) {
    EXPECT_TRUE(waiting_cycle(table).empty());
    for (Node a = 0; a < topology.nodes(); ++a) {
      for (Node b = 0; b < topology.nodes(); ++b) {
        Node at = a;
        for (std::uint32_t i = 0; i < topology.distance(a, b); ++i) {
          at = *topology.neighbour(at, table.port(at, b));
        }
        EXPECT_EQ(at, b);
        EXPECT_EQ(table.port(at, b), kLocal);
      }
    }
  }
}

TEST(RoutingTable, AnEmptyFileIsXy) {
  const Topology topology(3, 3);
  const RoutingTable table = RoutingTable::parse(topology, "# nothing\n", "t.txt");
  for (Node a = 0; a < 9; ++a) {
    for (Node b = 0; b < 9; ++b) EXPECT_EQ(table.port(a, b), topology.xy_port(a, b));
  }
}

TEST(RoutingTable, AFileMayTakeDetours) {
  const RoutingTable table =
      RoutingTable::parse(Topology(2, 2), "0 1 north\n2,1,east # on\n", "t.txt");
  EXPECT_EQ(table.links(0, 1), 3U);
  EXPECT_EQ(table.links(0, 3), 2U);
}

TEST(RoutingTable, RefusesALineWithTooFewWords) {
  EXPECT_EQ(refusal("\n0 1\n"),
            "[t.txt:2] wrong number of words: got 2, expected ROUTER DESTINATION PORT");
}

TEST(RoutingTable, RefusesANodeThatDoesNotExist) {
  EXPECT_EQ(refusal("0 4 east"), "[t.txt:1] not a node: got '4', expected 0 to 3");
}

TEST(RoutingTable, RefusesAnUnknownPort) {
  EXPECT_EQ(refusal("0 1 esat"), "[t.txt:1] unknown port: got 'esat'; did you mean 'east'?");
}

TEST(RoutingTable, RefusesAPortThatLeadsOut) {
  EXPECT_EQ(refusal("0 1 west"),
            "[t.txt:1] wrong port: got 0 west for node 1, expected a port that has a neighbour");
}

TEST(RoutingTable, RefusesToSendOnWhatHasArrived) {
  EXPECT_EQ(refusal("1 1 west"), "[t.txt:1] wrong port: got 1 west for node 1, expected local");
}

TEST(RoutingTable, RefusesPathsThatGoInCircles) {
  EXPECT_EQ(refusal("0 3 north\n2 3 south\n"),
            "[t.txt] packets go in circles: got from node 0 to node 3, expected a path that ends "
            "there");
}

TEST(RoutingTable, NamesTheChannelsThatDeadlock) {
  // Every packet to the opposite corner turns left: the four channels of the ring wait for each
  // other.
  EXPECT_EQ(refusal("0 3 east\n1 2 north\n3 0 west\n2 1 south\n"),
            "[t.txt] the routing table can deadlock: got channels that wait for each other: "
            "0 east -> 1 north -> 3 west -> 2 south -> 0 east, expected no cycle of channels; "
            "forbid one of these turns");
}

}  // namespace
}  // namespace sheaf::sim::noc
