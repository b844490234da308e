// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/transfers.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

using test::message_of;

const target::Mesh kMesh{.columns = 4, .rows = 4};

Burst burst(const std::vector<Transfer>& transfers, const PacketFormat& format,
            Delivery delivery = Delivery::kUnicast) {
  return simulate_burst(kMesh, RoutingTable::xy(Topology(4, 4)), transfers, format, delivery);
}

TEST(Transfers, EveryPacketHasAHeader) {
  EXPECT_EQ(flits_of(0, 32, {}), 0U);
  EXPECT_EQ(flits_of(1, 32, {}), 2U);
  EXPECT_EQ(flits_of(96, 32, {}), 4U);
  EXPECT_EQ(flits_of(97, 32, {}), 6U);
  EXPECT_EQ(flits_of(97, 32, {.flits = 1, .header_flits = 0}), 4U);
}

TEST(Transfers, OneTransferTakesItsPathAndItsFlits) {
  const Burst one = burst({{.source = 0, .destinations = {3}, .bits = 96}}, {});
  EXPECT_EQ(one.cycles, 5U * 4 + 2 + 3 + 1);  // the last flit arrives in cycle 25
  EXPECT_EQ(one.flits, 4U);
  EXPECT_EQ(one.packets, 1U);
  EXPECT_EQ(one.flit_hops, 12U);
  EXPECT_EQ(one.bit_hops, 96.0 * 3);
  EXPECT_LE(one.least_cycles, one.cycles);
}

TEST(Transfers, RandomBurstsTakeAtLeastTheirBound) {
  base::Rng rng(2);
  for (int i = 0; i < 20; ++i) {
    std::vector<Transfer> transfers;
    std::uint64_t hops = 0;
    for (int t = 0; t < 30; ++t) {
      const Node from = rng.below(16);
      const Node to = rng.below(16);
      transfers.push_back({.source = from, .destinations = {to}, .bits = rng.below(500)});
      hops += flits_of(transfers.back().bits, 32, {}) * Topology(4, 4).distance(from, to);
    }
    const Burst result = burst(transfers, {});
    EXPECT_GE(result.cycles, result.least_cycles);
    EXPECT_EQ(result.flit_hops, hops);
  }
}

TEST(Transfers, MulticastCrossesSharedLinksOnce) {
  const std::vector<Transfer> transfers = {{.source = 0, .destinations = {2, 3, 7}, .bits = 960}};
  const Burst unicast = burst(transfers, {});
  const Burst multicast = burst(transfers, {}, Delivery::kMulticast);
  EXPECT_EQ(unicast.flit_hops, 40U * (2 + 3 + 4));
  EXPECT_EQ(multicast.flit_hops, 40U * 4);
  EXPECT_EQ(unicast.bit_hops, 960.0 * 9);
  EXPECT_EQ(multicast.bit_hops, 960.0 * 4);
  EXPECT_EQ(multicast.events.ejected_flits, unicast.events.ejected_flits);
  EXPECT_LT(multicast.cycles, unicast.cycles);
  EXPECT_GE(multicast.cycles, multicast.least_cycles);
}

TEST(Transfers, ALayerSendsItsInputsToTheTilesOfTheRowAndItsPartialSumsUp) {
  const BlockedLayer layer{.sources = {0, 1},
                           .tiles = {4, 5, 6, 8, 9, 10},
                           .inputs_per_row_block = 100,
                           .outputs_per_column_block = 50};
  const std::vector<Transfer> transfers = transfers_of(layer);
  ASSERT_EQ(transfers.size(), 2U + 3U);
  EXPECT_EQ(transfers[1].source, 1U);
  EXPECT_EQ(transfers[1].destinations, (std::vector<Node>{8, 9, 10}));
  EXPECT_EQ(transfers[1].bits, 800U);
  // (R - 1) x outputs x bits of a partial sum, from row block 1 to the tile of row block 0.
  EXPECT_EQ(transfers[3].source, 9U);
  EXPECT_EQ(transfers[3].destinations, std::vector<Node>{5});
  EXPECT_EQ(transfers[3].bits, 800U);
}

TEST(Transfers, ALayerOfOneRowBlockHasNoPartialSums) {
  EXPECT_EQ(transfers_of({.sources = {0}, .tiles = {1, 2}}).size(), 1U);
}

TEST(Transfers, RefuseTilesThatDoNotFitTheRows) {
  EXPECT_EQ(message_of<base::UsageError>([] {
              static_cast<void>(transfers_of({.sources = {0, 1}, .tiles = {1, 2, 3}}));
            }),
            "[sim/noc/transfers] tiles of a layer: got 3 tiles for 2 row blocks, expected as many "
            "for each row block");
}

TEST(Transfers, RefuseFormatsWithoutPayload) {
  EXPECT_EQ(message_of<base::UsageError>(
                [] { static_cast<void>(flits_of(8, 32, {.flits = 1, .header_flits = 1})); }),
            "[packet format] no room for a payload: got 1 of 1 flits are header, expected fewer");
}

}  // namespace
}  // namespace sheaf::sim::noc
