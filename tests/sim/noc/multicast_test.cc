// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/sim/noc/network.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

using test::message_of;

const target::Mesh kMesh{.columns = 4, .rows = 4};

RoutingTable xy() { return RoutingTable::xy(Topology(4, 4)); }

std::vector<Node> some_nodes(base::Rng& rng) {
  std::vector<Node> nodes;
  for (Node node = 0; node < 16; ++node) {
    if (rng.below(3) == 0) nodes.push_back(node);
  }
  if (nodes.empty()) nodes.push_back(rng.below(16));
  return nodes;
}

TEST(MulticastTree, SharedLinksAreTakenOnce) {
  const MulticastTree tree(xy(), 0, std::vector<Node>{2, 3, 7});
  EXPECT_EQ(tree.links(), 4U);  // unicast: 2 + 3 + 4
  EXPECT_EQ(tree.routers(), 5U);
  EXPECT_EQ(tree.ports(3), (1U << kNorth) | (1U << kLocal));
}

TEST(MulticastTree, OneDestinationIsAPath) {
  EXPECT_EQ(MulticastTree(xy(), 5, std::vector<Node>{10}).links(), 2U);
  EXPECT_EQ(MulticastTree(xy(), 5, std::vector<Node>{5}).links(), 0U);
}

TEST(MulticastTree, RefusesNoDestination) {
  EXPECT_EQ(message_of<base::UsageError>([] { const MulticastTree tree(xy(), 1, {}); }),
            "[multicast from node 1] no destination");
}

TEST(MulticastTree, RefusesADestinationTwice) {
  EXPECT_EQ(message_of<base::UsageError>([] {
              const MulticastTree tree(xy(), 1, std::vector<Node>{2, 2});
            }),
            "[multicast from node 1] a destination comes twice: got node 2");
}

TEST(MulticastTree, RefusesPathsThatMeetAgain) {
  const RoutingTable table = RoutingTable::parse(Topology(2, 2), "0 3 north\n", "t");
  const RoutingTable detour = RoutingTable::parse(Topology(2, 2), "0 1 north\n2 1 east\n", "t");
  EXPECT_EQ(MulticastTree(table, 0, std::vector<Node>{1, 3}).links(), 3U);
  EXPECT_EQ(message_of<base::UsageError>([&] {
              const MulticastTree tree(detour, 0, std::vector<Node>{3, 1});
            }),
            "[multicast from node 0] paths that part meet again at node 3: expected a routing "
            "whose paths from one node are a tree; XY is one");
}

TEST(Multicast, APacketReachesAllItsDestinationsOverTheTree) {
  Network network(kMesh, xy());
  const std::vector<Node> nodes = {0, 3, 12, 15};
  const std::uint32_t tree = network.add_tree(5, nodes);
  network.enqueue({.source = 5, .flits = 4, .tree = tree});
  while (network.delivered().empty()) network.tick();
  const std::uint32_t links = MulticastTree(xy(), 5, nodes).links();
  EXPECT_EQ(network.events().ejected_flits, 16U);
  EXPECT_EQ(network.events().link_traversals, 4U * links);
  EXPECT_EQ(network.events().buffer_writes(), 4U * (links + 1));
  for (int i = 0; i < 5; ++i) network.tick();
  network.verify_empty();
}

TEST(Multicast, RandomTreesUnderLoadAllArrive) {
  base::Rng rng(11);
  for (const std::uint32_t vcs : {1U, 3U}) {
    const target::Mesh mesh{.columns = 4, .rows = 4, .router = {.vcs = vcs, .buffer_flits = 3}};
    Network network(mesh, xy());
    std::uint64_t flits = 0;
    std::uint64_t links = 0;
    for (int i = 0; i < 300; ++i) {
      const Node source = rng.below(16);
      const std::uint32_t length = 1 + rng.below(3);
      const std::vector<Node> nodes = some_nodes(rng);
      network.enqueue({.source = source, .flits = length, .tree = network.add_tree(source, nodes)});
      flits += length * nodes.size();
      links += std::uint64_t{length} * MulticastTree(xy(), source, nodes).links();
    }
    for (int i = 0; i < 20000 && network.under_way() > 0; ++i) network.tick();
    EXPECT_EQ(network.under_way(), 0U);
    for (int i = 0; i < 5; ++i) network.tick();
    network.verify_empty();
    EXPECT_EQ(network.events().ejected_flits, flits);
    EXPECT_EQ(network.events().link_traversals, links);
  }
}

TEST(Multicast, RefusesPacketsThatNoBufferHolds) {
  Network network(kMesh, xy());
  const std::uint32_t tree = network.add_tree(0, std::vector<Node>{1, 2});
  EXPECT_EQ(message_of<base::UsageError>(
                [&] { network.enqueue({.source = 0, .flits = 9, .tree = tree}); }),
            "[--packet] wrong length of a multicast packet: got 9, expected 1 to 8 flits; a router "
            "keeps it whole until its last branch is served");
}

}  // namespace
}  // namespace sheaf::sim::noc
