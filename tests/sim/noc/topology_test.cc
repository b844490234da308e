// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/topology.h"

#include <gtest/gtest.h>

#include <limits>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

using test::message_of;

std::string refusal(const target::Mesh& mesh) {
  return message_of<base::UsageError>([&] { require_mesh(mesh); });
}

TEST(Topology, NodesAreNumberedRowByRow) {
  const Topology topology(8, 4);
  EXPECT_EQ(topology.at(3, 2), 19U);
  EXPECT_EQ(topology.x(19), 3U);
  EXPECT_EQ(topology.y(19), 2U);
}

TEST(Topology, NeighboursSeeEachOtherThroughOppositePorts) {
  const Topology topology(3, 5);
  for (Node node = 0; node < topology.nodes(); ++node) {
    for (const Port port : {kEast, kWest, kNorth, kSouth}) {
      const auto next = topology.neighbour(node, port);
      if (!next.has_value()) continue;
      EXPECT_EQ(topology.neighbour(*next, opposite(port)), node);
      EXPECT_EQ(topology.distance(node, *next), 1U);
    }
  }
  EXPECT_FALSE(topology.neighbour(2, kEast).has_value());
  EXPECT_FALSE(topology.neighbour(0, kSouth).has_value());
}

TEST(Topology, XyGoesAlongXFirst) {
  const Topology topology(8, 8);
  EXPECT_EQ(topology.xy_port(0, 63), kEast);
  EXPECT_EQ(topology.xy_port(7, 63), kNorth);
  EXPECT_EQ(topology.xy_port(63, 63), kLocal);
  EXPECT_EQ(topology.xy_port(63, 0), kWest);
  EXPECT_EQ(topology.xy_port(56, 0), kSouth);
}

TEST(Topology, RefusesAMeshWithoutNodes) {
  EXPECT_EQ(refusal({.columns = 0}),
            "[--mesh] wrong size of a mesh: got 0x8, expected COLUMNSxROWS of 1 to 4096 nodes "
            "together");
  EXPECT_EQ(refusal({.columns = 100000, .rows = 100000}).substr(0, 50),
            "[--mesh] wrong size of a mesh: got 100000x100000, ");
}

TEST(Topology, RefusesNoVirtualChannels) {
  EXPECT_EQ(refusal({.router = {.vcs = 0}}),
            "[--vcs] wrong number of virtual channels: got 0, expected 1 to 64");
}

TEST(Topology, RefusesBuffersWithoutFlits) {
  EXPECT_EQ(refusal({.router = {.buffer_flits = 0}}),
            "[--buffer] wrong number of flits per virtual channel: got 0, expected 1 to 65535");
}

TEST(Topology, RefusesFlitsWithoutBits) {
  EXPECT_EQ(refusal({.flit_bits = 0}),
            "[--flit-bits] wrong number of bits of a flit: got 0, expected 1 to 65536");
}

TEST(Topology, RefusesLinksWithoutLength) {
  EXPECT_EQ(refusal({.link_mm = std::numeric_limits<double>::quiet_NaN()}),
            "[--link-mm] wrong length of a link: got nan, expected a number above 0");
}

}  // namespace
}  // namespace sheaf::sim::noc
