// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/batch_cost.h"

#include <gtest/gtest.h>

#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/model_layers.h"

namespace sheaf::backend::cim {
namespace {

// Type 0 has two layers that run at the same time, and one that reads both; type 1 has one layer.
LayerShapes two_types() {
  LayerShapes shapes{.name = "two", .layers = std::vector<LayerShape>(4), .host_macs = 0};
  for (std::size_t i = 0; i < 4; ++i) {
    LayerShape& layer = shapes.layers[i];
    layer.name = "layer" + std::to_string(i);
    layer.outputs = 32;
    layer.inputs = 64;
    layer.calls = 10;
  }
  shapes.layers[1].input_bits = 16;  // twice the reads
  shapes.layers[2].after = {0, 1};
  shapes.layers[3].type = 1;
  return shapes;
}

TEST(BatchCost, ABatchTakesTheFirstCallsStagesAndAnIntervalForEveryOther) {
  const LayerShapes shapes = two_types();
  const target::Chip chip = target::read_chip("isaac");
  const NetworkCost cost = cost_of(shapes, chip);
  const std::vector<CallCost> calls = call_costs(shapes, cost, 3);
  const auto layer_ns = [&](std::size_t i) { return cost.layers[i].time_ns / 10; };
  EXPECT_DOUBLE_EQ(calls[0].first_ns, layer_ns(1) + layer_ns(2));
  EXPECT_DOUBLE_EQ(calls[0].interval_ns, 16 * cost.cycle_ns);  // 16 digits of the slowest
  EXPECT_DOUBLE_EQ(calls[1].first_ns, layer_ns(3));
  EXPECT_DOUBLE_EQ(calls[1].interval_ns, 8 * cost.cycle_ns);
  EXPECT_DOUBLE_EQ(calls[0].batch_ns(7), calls[0].first_ns + 6 * calls[0].interval_ns);
  EXPECT_EQ(calls[0].batch_ns(0), 0);
  EXPECT_EQ(calls[2].batch_ns(5), 0);  // no products
}

TEST(BatchCost, CallsAddUpToTheRun) {
  const LayerShapes shapes = two_types();
  const NetworkCost cost = cost_of(shapes, target::read_chip("isaac"));
  double pj = 0;
  double conversions = 0;
  for (const CallCost& call : call_costs(shapes, cost, 2)) {
    pj += 10 * total(call.energy_pj);
    conversions += 10 * call.conversions;
  }
  EXPECT_NEAR(pj, cost.total_energy_pj(), 1e-9 * pj);
  EXPECT_NEAR(conversions, static_cast<double>(cost.conversions), 1e-6);
}

TEST(BatchCost, OneLayerAtATimeTakesTheSumOfAll) {
  const LayerShapes shapes = two_types();
  const NetworkCost cost = cost_of(shapes, target::read_chip("reboc"));
  const std::vector<CallCost> calls = call_costs(shapes, cost, 2);
  double first = 0;
  double interval = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    first += cost.layers[i].time_ns / 10;
    interval += static_cast<double>(cost.layers[i].cycles) / 10 * cost.cycle_ns;
  }
  EXPECT_DOUBLE_EQ(calls[0].first_ns, first);
  EXPECT_DOUBLE_EQ(calls[0].interval_ns, interval);
}

TEST(BatchCost, ADigitalArrayFetchesWeightsOnceABatch) {
  // 4096 x 1000 bytes of weights, 4096 of inputs and 1000 of results by DRAM of 25.6 B/ns and 100
  // pJ/B.
  LayerShapes shapes;
  shapes.layers.resize(1);
  LayerShape& layer = shapes.layers[0];
  layer.inputs = layer.in_channels = 4096;
  layer.outputs = 1000;
  layer.calls = 10;
  layer.sources = {{kOutside, 40960}};
  const NetworkCost cost = cost_of(shapes, target::read_chip("smartdeal"));
  const CallCost call = call_costs(shapes, cost, 1)[0];
  EXPECT_NEAR(call.first_ns, (4096.0 * 1000 + 5096) / 25.6, 1e-6);
  // 16 groups of 64 filters, 256 of 16 channels, 4 digits: more than 5096 bytes take.
  EXPECT_NEAR(call.interval_ns, 16 * 256 * 4, 1e-6);
  EXPECT_NEAR(of(call.once_pj, Component::dram), 4096.0 * 1000 * 100, 1e-3);
  EXPECT_NEAR(of(call.energy_pj, Component::dram), 5096.0 * 100, 1e-3);
  EXPECT_NEAR(10 * call.batch_pj(1), cost.total_energy_pj(), 1e-6 * cost.total_energy_pj());
  EXPECT_NEAR(call.batch_pj(10), total(call.once_pj) + 10 * total(call.energy_pj), 1e-3);
  EXPECT_EQ(call.batch_pj(0), 0);
}

}  // namespace
}  // namespace sheaf::backend::cim
