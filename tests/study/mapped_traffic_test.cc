// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/mapped_traffic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/backend/cim/messages.h"
#include "sheaf/base/error.h"
#include "sheaf/target/read_chip.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

using backend::cim::Message;
using backend::cim::Messages;

ChipStudy on(const std::string& chip, const std::string& model, const ChipOptions& options = {}) {
  return put_on_chip(listed_layers(model), target::read_chip(chip), options);
}

MappedTrafficOptions quick(std::uint64_t most_flits = 2000) {
  MappedTrafficOptions options;
  options.simulation.warmup_cycles = 200;
  options.simulation.measured_cycles = 800;
  options.most_flits = most_flits;
  return options;
}

double links(const Messages& messages, std::uint32_t a, std::uint32_t b) {
  const auto far = [](std::uint32_t x, std::uint32_t y) { return x > y ? x - y : y - x; };
  return far(a % messages.columns, b % messages.columns) +
         far(a / messages.columns, b / messages.columns);
}

// Flits times links of a layer's messages, counted apart.
double flit_hops(const Messages& messages, std::size_t layer) {
  double hops = 0;
  for (const Message& message : messages.layers[layer]) {
    for (const std::uint32_t to : message.destinations) {
      hops += message.flits * links(messages, message.source, to);
    }
  }
  return hops;
}

// Layers of one router pass their sums inside of it, which the cost counts as part of a hop.
TEST(Messages, HaveTheFlitHopsOfTheCostUnderEveryPlacement) {
  for (const char* placement : {"serpentine", "row_major", "annealed"}) {
    const ChipStudy study = on("cannon", "lenet5", {.placement = placement});
    const Messages messages =
        backend::cim::messages_of(study.shapes, study.cost, study.chip, false);
    ASSERT_EQ(messages.layers.size(), study.cost.layers.size());
    for (std::size_t i = 0; i < messages.layers.size(); ++i) {
      double sums = study.cost.layers[i].traffic.flits;
      for (const auto& source : study.cost.layers[i].traffic.from) sums -= source.flits;
      if (messages.layers[i].empty() || sums > 1e-9) continue;
      EXPECT_NEAR(flit_hops(messages, i), study.cost.layers[i].traffic.flit_hops,
                  1e-9 * study.cost.flit_hops)
          << placement << " " << i;
    }
  }
}

TEST(Messages, OfAMulticastAreFewerAndGiveAsManyFlits) {
  const ChipStudy study = on("cannon", "vgg8");
  const Messages uni = backend::cim::messages_of(study.shapes, study.cost, study.chip, false);
  const Messages multi = backend::cim::messages_of(study.shapes, study.cost, study.chip, true);
  const auto arrive = [](const Messages& messages) {
    double flits = 0;
    for (const auto& layer : messages.layers) {
      for (const Message& message : layer) {
        flits += message.flits * static_cast<double>(message.destinations.size());
      }
    }
    return flits;
  };
  std::size_t count_uni = 0;
  std::size_t count_multi = 0;
  for (const auto& layer : uni.layers) count_uni += layer.size();
  for (const auto& layer : multi.layers) count_multi += layer.size();
  EXPECT_LT(count_multi, count_uni);
  EXPECT_NEAR(arrive(multi) / arrive(uni), 1, 1e-9);
}

TEST(MappedTraffic, ABurstTakesNoLessThanItsBoundAndCrossesTheLinksOfTheCost) {
  const MappedTraffic traffic = map_traffic(on("cannon", "vgg8"), quick(20'000));
  ASSERT_FALSE(traffic.bursts.empty());
  for (const LayerBurst& burst : traffic.bursts) {
    EXPECT_GE(burst.burst.cycles, burst.burst.least_cycles) << burst.layer;
    EXPECT_LE(burst.burst.flits, 20'001U) << burst.layer;
    EXPECT_GT(burst.burst.flits, 0U) << burst.layer;
    EXPECT_LE(burst.share, 1) << burst.layer;
  }
}

TEST(MappedTraffic, MulticastSendsFewerFlitsOverFewerLinks) {
  MappedTrafficOptions options = quick(20'000);
  const ChipStudy study = on("cannon", "vgg8");
  const MappedTraffic uni = map_traffic(study, options);
  options.delivery = parse_delivery("multicast");
  const MappedTraffic multi = map_traffic(study, options);
  ASSERT_EQ(uni.bursts.size(), multi.bursts.size());
  double hops_uni = 0;
  double hops_multi = 0;
  for (std::size_t i = 0; i < uni.bursts.size(); ++i) {
    hops_uni += static_cast<double>(uni.bursts[i].burst.flit_hops) / uni.bursts[i].share;
    hops_multi += static_cast<double>(multi.bursts[i].burst.flit_hops) / multi.bursts[i].share;
  }
  EXPECT_LT(hops_multi, hops_uni);
}

TEST(MappedTraffic, SteadyTrafficIsThatOfAnInputPerInterval) {
  const ChipStudy study = on("cannon", "vgg8");
  const MappedTraffic traffic = map_traffic(study, quick());
  ASSERT_TRUE(traffic.steady.has_value());
  const Messages messages = backend::cim::messages_of(study.shapes, study.cost, study.chip, false);
  double flits = 0;
  for (const auto& layer : messages.layers) {
    for (const Message& message : layer) flits += message.flits;
  }
  const double nodes = traffic.mesh.columns * traffic.mesh.rows;
  EXPECT_NEAR(traffic.steady->rate,
              flits / nodes / (study.cost.interval_ns * traffic.mesh.clock_ghz),
              1e-9 * traffic.steady->rate);
  const std::string text = to_text(traffic);
  EXPECT_NE(text.find("steady, an input every "), std::string::npos) << text;
  const auto json = to_json(traffic);
  EXPECT_EQ(json["layers"].size(), traffic.bursts.size());
  EXPECT_EQ(json["delivery"], "unicast");
}

TEST(MappedTraffic, AMeshThatCannotKeepUpSaysSo) {
  ChipStudy study = on("cannon", "vgg8");
  study.cost.interval_ns = 1;
  const MappedTraffic traffic = map_traffic(study, quick());
  ASSERT_TRUE(traffic.steady.has_value());
  EXPECT_GT(traffic.steady->busiest_source, 1);
  EXPECT_NE(to_text(traffic).find("; too many: one router would send "), std::string::npos);
}

TEST(MappedTraffic, RefusesArraysLargeMeshesAndUnknownDeliveries) {
  EXPECT_EQ(test::message_of<base::UnsupportedError>(
                [] { (void)map_traffic(on("smartdeal", "lenet5"), {}); }),
            "[chip smartdeal] traffic between tiles: got one array, expected PEs of kind "
            "crossbars");
  const std::string large =
      test::message_of<base::UsageError>([] { (void)map_traffic(on("teaching", "vgg8"), {}); });
  EXPECT_TRUE(large.starts_with("[mesh] routers that vgg8 takes: got ")) << large;
  EXPECT_TRUE(large.ends_with(", expected at most 1024")) << large;
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)parse_delivery("multcast"); }),
            "[--delivery] unknown delivery: got 'multcast'; did you mean 'multicast'?");
}

}  // namespace
}  // namespace sheaf::study
