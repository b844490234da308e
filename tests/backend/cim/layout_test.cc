// SPDX-License-Identifier: Apache-2.0
//
// How a chip may be filled and read: keys of `mapping` that say nothing about weights.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::backend::cim {
namespace {

// 32 filters of 3 x 3 x 16 over 10 x 10 positions: 144 rows and 32 outputs of 4-bit weights.
LayerShapes one_layer() {
  LayerShape layer;
  layer.kind = LayerKind::conv2d;
  layer.outputs = 32;
  layer.inputs = 144;
  layer.in_channels = 16;
  layer.in_height = layer.in_width = 10;
  layer.kernel_height = layer.kernel_width = 3;
  layer.out_width = 10;
  layer.positions = 100;
  layer.weight_bits = layer.input_bits = 4;
  LayerShapes shapes;
  shapes.layers.push_back(layer);
  return shapes;
}

// Crossbars of 128 x 128 with cells of 2 bits, eight in a PE, twelve PEs in a tile.
NetworkCost cost_with(const std::vector<std::string>& changes, std::size_t layers = 1) {
  LayerShapes shapes = one_layer();
  while (shapes.layers.size() < layers) {
    shapes.layers.push_back(shapes.layers[0]);
    shapes.layers.back().sources = {{static_cast<std::uint32_t>(shapes.layers.size() - 2), 1600}};
  }
  std::vector<std::string> all = {"mapping.columns=plain"};
  all.insert(all.end(), changes.begin(), changes.end());
  return cost_of(shapes, target::read_chip("isaac", all));
}

TEST(Layout, PairsOfColumnsAreConvertedOnce) {
  const NetworkCost offset = cost_with({});
  const NetworkCost both = cost_with({"mapping.encoding=differential"});
  const NetworkCost pairs = cost_with({"mapping.encoding=sign_magnitude"});
  EXPECT_EQ(offset.conversions, 100u * 32 * 2 * 2 * 4);
  EXPECT_EQ(both.conversions, 2 * offset.conversions);
  EXPECT_EQ(pairs.conversions, offset.conversions);
}

TEST(Layout, PairsOfColumnsAreReadInHalfTheTime) {
  const std::vector<std::string> slow = {"adc.rate=0.128 GS/s"};
  std::vector<std::string> pairs = slow;
  pairs.emplace_back("mapping.encoding=sign_magnitude");
  EXPECT_NEAR(cost_with(slow).cycle_ns, 1000, 1e-9);
  EXPECT_NEAR(cost_with(pairs).cycle_ns, 500, 1e-9);
}

TEST(Layout, SlicesApartTakeCrossbarsOfTheirOwn) {
  const std::vector<std::string> none = {"mapping.copies=none"};
  EXPECT_EQ(cost_with(none).crossbars, 2u);  // two strips of rows, 64 columns of each
  NetworkCost apart = cost_with({"mapping.copies=none", "mapping.slices=apart"});
  EXPECT_EQ(apart.crossbars, 4u);
  EXPECT_EQ(apart.conversions, cost_with(none).conversions);
  EXPECT_NEAR(apart.utilisation, cost_with(none).utilisation / 2, 1e-12);
}

TEST(Layout, CopiesAreOfTheChipOfATileOrNone) {
  EXPECT_GT(cost_with({}).layers[0].mapping.replicas, 48u);
  EXPECT_EQ(cost_with({"mapping.copies=none"}).layers[0].mapping.replicas, 1u);
  const NetworkCost tile = cost_with({"mapping.shared_tiles=false", "mapping.copies=tile"}, 2);
  EXPECT_EQ(tile.crossbars, 2u * 96);
  for (const LayerCost& layer : tile.layers) EXPECT_EQ(layer.mapping.replicas, 48u);
}

TEST(Layout, TilesOfTheirOwnCountWhole) {
  const std::vector<std::string> shared = {"mapping.copies=none"};
  const std::vector<std::string> own = {"mapping.copies=none", "mapping.shared_tiles=false"};
  const NetworkCost few = cost_with(shared, 3);
  const NetworkCost many = cost_with(own, 3);
  EXPECT_EQ(few.crossbars, 6u);
  EXPECT_EQ(many.crossbars, 3u * 96);
  EXPECT_NEAR(many.total_area_um2() / few.total_area_um2(), 48, 1e-9);
  EXPECT_DOUBLE_EQ(of(many.energy_pj, Component::adc), of(few.energy_pj, Component::adc));
}

TEST(Layout, WindowsFetchWhatTheyHaveMovedOver) {
  EXPECT_EQ(cost_with({}).layers[0].fetches, 100u * 144);
  EXPECT_EQ(cost_with({"mapping.fetch=column"}).layers[0].fetches, 100u * 48);
  EXPECT_EQ(cost_with({"mapping.fetch=pixel"}).layers[0].fetches, 100u * 16);
}

TEST(Layout, SumsGoThroughTheMemoryAndBack) {
  const NetworkCost without = cost_with({});
  const NetworkCost with = cost_with({"mapping.sum_bits=16"});
  // Two strips, 2 bytes a sum, in and out.
  EXPECT_NEAR(with.layers[0].buffer_bytes - without.layers[0].buffer_bytes, 100 * 32 * 2 * 4, 1e-6);
  EXPECT_GT(of(with.energy_pj, Component::buffer), of(without.energy_pj, Component::buffer));
}

TEST(Layout, OnesDrawEnergyAndConversionsDoNotCare) {
  const NetworkCost all = cost_with({});
  const NetworkCost half = cost_with({"mapping.input_density=0.5"});
  for (const Component c : {Component::crossbar, Component::dac}) {
    EXPECT_DOUBLE_EQ(of(half.energy_pj, c), of(all.energy_pj, c) / 2);
  }
  EXPECT_DOUBLE_EQ(of(half.energy_pj, Component::adc), of(all.energy_pj, Component::adc));
}

TEST(Layout, LayersOneAtATimeAddUp) {
  const NetworkCost cost = cost_with({"mapping.order=one_at_a_time"}, 3);
  double sum = 0;
  for (const LayerCost& layer : cost.layers) sum += layer.time_ns;
  EXPECT_EQ(cost.pipeline, PipelineKind::intra_layer);
  EXPECT_DOUBLE_EQ(cost.interval_ns, sum);
  EXPECT_DOUBLE_EQ(cost.latency_ns, sum);
  EXPECT_EQ(cost_with({"mapping.order=whole_layer"}).pipeline, PipelineKind::whole_layer);
}

TEST(Layout, WhatIsInUseLeaksFromOneInputToTheNext) {
  EXPECT_EQ(of(cost_with({}).energy_pj, Component::leakage), 0);
  // 2 mW of 96 crossbars, two of which are in use.
  const NetworkCost cost = cost_with({"mapping.copies=none", "tile.buffers.eDRAM.leakage=2 mW"});
  EXPECT_NEAR(of(cost.energy_pj, Component::leakage), 2.0 * 2 / 96 * cost.interval_ns, 1e-6);
}

TEST(Layout, LeakageIsTakenOffWhatAnAccessTakes) {
  const NetworkCost whole = cost_with({"mapping.copies=none"});
  const NetworkCost part = cost_with({"mapping.copies=none", "tile.units.sigmoid.leakage=0.13 mW"});
  EXPECT_LT(of(part.energy_pj, Component::digital), of(whole.energy_pj, Component::digital));
  EXPECT_GT(of(part.energy_pj, Component::leakage), 0);
}

}  // namespace
}  // namespace sheaf::backend::cim
