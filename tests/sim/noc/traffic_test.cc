// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/traffic.h"

#include <gtest/gtest.h>

#include <limits>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

using test::message_of;

Traffic pattern(const Topology& topology, const std::string& name) {
  return Traffic::pattern(topology, name, 0.5);
}

std::string refusal(const Topology& topology, const std::string& name, double rate) {
  return message_of<base::UsageError>(
      [&] { static_cast<void>(Traffic::pattern(topology, name, rate)); });
}

Node partner(const Traffic& traffic, Node source) {
  EXPECT_EQ(traffic.destinations(source).size(), 1U);
  return traffic.destinations(source).node(0);
}

TEST(Traffic, UniformIncludesTheSourceItself) {
  const Traffic traffic = pattern(Topology(4, 3), "uniform");
  for (Node node = 0; node < 12; ++node) {
    ASSERT_EQ(traffic.destinations(node).size(), 12U);
    EXPECT_NEAR(traffic.destinations(node).share(node), 1.0 / 12, 1e-12);
    EXPECT_EQ(traffic.flits_per_cycle(node), 0.5);
  }
}

TEST(Traffic, HotspotGivesTheFourCentreNodesFiveTimesTheWeight) {
  const Traffic traffic = pattern(Topology(8, 8), "hotspot");
  for (Node node = 0; node < 64; ++node) {
    const bool centre = node == 27 || node == 28 || node == 35 || node == 36;
    EXPECT_NEAR(traffic.destinations(9).share(node), (centre ? 5.0 : 1.0) / 80, 1e-12);
  }
}

TEST(Traffic, TheCentreOfAnOddMeshIsOneNode) {
  const Traffic traffic = pattern(Topology(3, 3), "hotspot");
  EXPECT_NEAR(traffic.destinations(0).share(4), 5.0 / 13, 1e-12);
}

TEST(Traffic, PermutationsAreThoseOfBookSim) {
  const Topology topology(8, 8);
  EXPECT_EQ(partner(pattern(topology, "transpose"), 11), 25U);
  EXPECT_EQ(partner(pattern(topology, "transpose"), 9), 9U);
  EXPECT_EQ(partner(pattern(topology, "bitcomp"), 11), 52U);
  EXPECT_EQ(partner(pattern(topology, "neighbor"), 11), 20U);
  EXPECT_EQ(partner(pattern(topology, "neighbor"), 63), 0U);
}

TEST(Traffic, NeighborWrapsByColumnsAndRows) {
  EXPECT_EQ(partner(pattern(Topology(4, 2), "neighbor"), 7), 0U);
  EXPECT_EQ(partner(pattern(Topology(4, 2), "neighbor"), 0), 5U);
}

TEST(Traffic, DrawsFollowTheShares) {
  const Traffic traffic = pattern(Topology(4, 4), "hotspot");
  base::Rng rng(7);
  int centre = 0;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const Node node = traffic.destinations(0).draw(rng);
    if (node == 5 || node == 6 || node == 9 || node == 10) ++centre;
  }
  EXPECT_NEAR(static_cast<double>(centre) / kDraws, 20.0 / 32, 0.02);
}

TEST(Traffic, AMatrixKeepsItsProportionsAtAnotherRate) {
  const Traffic traffic = Traffic::matrix(std::vector<double>{0, 3, 0, 0}, 2).at_rate(0.25);
  EXPECT_DOUBLE_EQ(traffic.flits_per_cycle(0), 0.5);
  EXPECT_DOUBLE_EQ(traffic.flits_per_cycle(1), 0.0);
  EXPECT_DOUBLE_EQ(traffic.mean_rate(), 0.25);
}

TEST(Traffic, RefusesARateThatANodeCannotSend) {
  const Traffic traffic = Traffic::matrix(std::vector<double>{0, 3, 0, 0}, 2);
  EXPECT_EQ(message_of<base::UsageError>([&] { static_cast<void>(traffic.at_rate(0.75)); }),
            "[--rate] node 0 would send more than a flit per cycle: got 1.500000, expected a mean "
            "rate of at most 0.500000");
}

TEST(Traffic, RefusesRatesThatAreNone) {
  const Topology topology(2, 2);
  for (const auto& [rate, text] : {std::pair(1.5, "1.500000"), std::pair(-0.1, "-0.100000"),
                                   std::pair(std::numeric_limits<double>::quiet_NaN(), "nan")}) {
    EXPECT_EQ(refusal(topology, "uniform", rate), "[--rate] wrong rate: got " + std::string(text) +
                                                      ", expected 0 to 1 flits per node and cycle");
  }
}

TEST(Traffic, RefusesAnUnknownPatternAndNamesTheNearest) {
  EXPECT_EQ(refusal(Topology(2, 2), "unifrom", 0.1),
            "[--pattern] unknown pattern: got 'unifrom'; did you mean 'uniform'?");
}

TEST(Traffic, RefusesToTransposeARectangle) {
  EXPECT_EQ(refusal(Topology(4, 2), "transpose", 0.1),
            "[--pattern] transpose needs a square mesh: got 4x2, expected as many columns as rows");
}

}  // namespace
}  // namespace sheaf::sim::noc
