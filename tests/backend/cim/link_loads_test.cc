// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/link_loads.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/model_layers.h"

namespace sheaf::backend::cim {
namespace {

// Two layers of so many crossbars on the chip's mesh, and so many flits between them.
NetworkCost line(const target::Chip& chip, std::uint64_t crossbars, double flits) {
  NetworkCost cost;
  cost.mesh = mesh_of(chip, 2 * crossbars / hardware_of(chip).crossbars_per_tile);
  for (int i = 0; i < 2; ++i) {
    LayerCost layer;
    layer.mapping.crossbars = crossbars;
    cost.layers.push_back(layer);
    cost.crossbars += crossbars;
  }
  cost.layers[1].traffic.flits = flits;
  cost.layers[1].traffic.from = {{0, flits}};
  return cost;
}

TEST(LinkLoads, FlitsBetweenNeighboursPassTheirLink) {
  const target::Chip chip = target::read_chip("cannon");
  const Hardware hardware = hardware_of(chip);
  const LinkLoads loads = link_loads(line(chip, hardware.crossbars_per_tile, 10), chip);
  ASSERT_EQ(loads.mesh.columns, chip.mesh->columns);
  EXPECT_EQ(loads.rows, 1U);
  EXPECT_NEAR(loads.right[0], 10, 1e-9);
  EXPECT_NEAR(loads.routers[0], 10, 1e-9);
  EXPECT_NEAR(loads.routers[1], 10, 1e-9);
  EXPECT_EQ(loads.routers[2], 0);
  EXPECT_NEAR(loads.flit_hops(), 10, 1e-9);
}

TEST(LinkLoads, DirectionsOfALinkAreApart) {
  // Layers on routers 0, 1 and 2, 3 of a row: half of 8 flits comes from each and goes to each.
  const target::Chip chip = target::read_chip("cannon");
  const Hardware hardware = hardware_of(chip);
  NetworkCost cost = line(chip, 2 * hardware.crossbars_per_tile, 8);
  const LinkLoads forth = link_loads(cost, chip);
  EXPECT_NEAR(forth.right[0], 4, 1e-12);
  EXPECT_NEAR(forth.right[1], 8, 1e-12);
  EXPECT_NEAR(forth.right[2], 4, 1e-12);
  EXPECT_EQ(forth.left[1], 0);
  EXPECT_NEAR(forth.sent[0], 4, 1e-12);
  EXPECT_NEAR(forth.received[3], 4, 1e-12);
  EXPECT_NEAR(forth.busiest(), 8, 1e-12);
  // As many the other way: no link carries more than before.
  cost.layers[0].traffic.flits = 6;
  cost.layers[0].traffic.from = {{1, 6}};
  const LinkLoads both = link_loads(cost, chip);
  EXPECT_NEAR(both.right[1], 8, 1e-12);
  EXPECT_NEAR(both.left[1], 6, 1e-12);
  EXPECT_NEAR(both.routers[1], 4 + 4 + 6, 1e-12);  // its own, from 0, from 2
  EXPECT_NEAR(both.busiest(), 8, 1e-12);
  EXPECT_NEAR(both.busiest_of_layer[0], 6, 1e-12);
  EXPECT_NEAR(both.busiest_of_layer[1], 8, 1e-12);
}

TEST(LinkLoads, ColumnsHaveDirectionsToo) {
  // A row of routers each: down in every column, after half of the ways along the first row.
  const target::Chip chip = target::read_chip("cannon");
  const std::uint64_t row = std::uint64_t{8} * hardware_of(chip).crossbars_per_tile;
  const LinkLoads loads = link_loads(line(chip, row, 64), chip);
  EXPECT_EQ(loads.rows, 2U);
  for (std::size_t x = 0; x < 8; ++x) {
    EXPECT_NEAR(loads.down[x], 8, 1e-9);
    EXPECT_NEAR(loads.up[x], 0, 1e-9);
    EXPECT_NEAR(loads.routers[8 + x], 8, 1e-9);
  }
  // Of 4 senders on each side, half go to the other.
  EXPECT_NEAR(loads.right[3], 16, 1e-9);
  EXPECT_NEAR(loads.left[3], 16, 1e-9);
  EXPECT_NEAR(loads.busiest(), 16, 1e-9);
}

// Every way written out, router by router.
double hops_one_by_one(const TileMesh& mesh, std::uint64_t routers) {
  double hops = 0;
  for (std::uint64_t a = 0; a < routers; ++a) {
    for (std::uint64_t b = routers; b < 2 * routers; ++b) {
      const int from = static_cast<int>(node_of(mesh, a));
      const int to = static_cast<int>(node_of(mesh, b));
      const int side = static_cast<int>(mesh.columns);
      hops += std::abs(from % side - to % side) + std::abs(from / side - to / side);
    }
  }
  return hops / static_cast<double>(routers * routers);
}

TEST(LinkLoads, HopsAreThoseOfAllPairs) {
  const target::Chip chip = target::read_chip("cannon");
  const Hardware hardware = hardware_of(chip);
  for (const std::uint64_t routers : {1U, 3U, 8U, 11U, 20U}) {
    const LinkLoads loads = link_loads(line(chip, routers * hardware.crossbars_per_tile, 1), chip);
    EXPECT_NEAR(loads.flit_hops(), hops_one_by_one(loads.mesh, routers), 1e-9) << routers;
  }
}

TEST(LinkLoads, AddUpToTheFlitHopsOfTheNetwork) {
  for (const char* preset : {"isaac", "cannon", "pipelayer", "forms"}) {
    for (const char* model : {"lenet5", "vgg8", "resnet18"}) {
      const target::Chip chip = target::read_chip(preset);
      const NetworkCost cost = cost_of(test::ListedModel(model).layers(), chip);
      const LinkLoads loads = link_loads(cost, chip);
      double inside = 0;  // sums that pass from tile to tile of one router
      const std::uint64_t per_router =
          std::uint64_t{hardware_of(chip).crossbars_per_tile} * loads.mesh.tiles_per_router;
      std::uint64_t first = 0;
      for (const LayerCost& layer : cost.layers) {
        const std::uint64_t last = first + layer.mapping.crossbars - 1;
        double sums = layer.traffic.flits;
        for (const SourceFlits& source : layer.traffic.from) sums -= source.flits;
        if (first / per_router == last / per_router) inside += sums / loads.mesh.tiles_per_router;
        first = last + 1;
      }
      EXPECT_NEAR((loads.flit_hops() + inside) / cost.flit_hops, 1, 1e-9) << preset << model;
    }
  }
}

// Whatever the order of tiles: sums walk first along the row, then along the column.
TEST(LinkLoads, AddUpUnderEveryPlacement) {
  const target::Chip chip = target::read_chip("cannon");
  for (const TilePlacement placement : {TilePlacement::row_major, TilePlacement::annealed}) {
    CostOptions options;
    options.mapping.placement = placement;
    const NetworkCost cost = cost_of(test::ListedModel("vgg8").layers(), chip, options);
    double inside = 0;
    std::uint64_t first = 0;
    for (const LayerCost& layer : cost.layers) {
      const std::uint64_t per_router = hardware_of(chip).crossbars_per_tile;
      const std::uint64_t last = first + layer.mapping.crossbars - 1;
      double sums = layer.traffic.flits;
      for (const SourceFlits& source : layer.traffic.from) sums -= source.flits;
      if (first / per_router == last / per_router) inside += sums;
      first = last + 1;
    }
    EXPECT_NEAR((link_loads(cost, chip).flit_hops() + inside) / cost.flit_hops, 1, 1e-9);
  }
}

TEST(LinkLoads, OfADigitalArrayAreNone) {
  const target::Chip chip = target::read_chip("smartdeal");
  const NetworkCost cost = cost_of(test::ListedModel("lenet5").layers(), chip);
  EXPECT_TRUE(link_loads(cost, chip).routers.empty());
}

// A layer begins when its first window is there and ends after what it reads; the last one's end is
// the network's latency.
TEST(LayerSpans, EndWithTheNetworksLatencyOnEveryChip) {
  for (const std::string& preset : target::preset_names()) {
    const target::Chip chip = target::read_chip(preset);
    for (const char* model : {"lenet5", "resnet18", "ese_lstm"}) {
      const NetworkCost cost = cost_of(test::ListedModel(model).layers(), chip);
      const LayerShapes shapes = test::ListedModel(model).layers();
      const bool pipelined = cost.strategy != "smartdeal" &&
                             cost.pipeline == PipelineKind::inter_layer &&
                             shapes.name != "ese_lstm";
      for (std::size_t i = 0; i < cost.layers.size(); ++i) {
        const LayerCost& layer = cost.layers[i];
        // A layer is there for at least as long as it works, begins after what it reads has begun,
        // and where layers take turns, after it has ended.
        const double work_ns = static_cast<double>(layer.cycles) * cost.cycle_ns;
        EXPECT_GE(layer.end_ns - layer.begin_ns, 0.999999 * work_ns) << preset << " " << layer.name;
        EXPECT_GT(layer.end_ns, layer.begin_ns) << preset << " " << layer.name;
        for (const LayerSource& source : shapes.layers[i].sources) {
          if (source.layer == kOutside || source.layer >= i) continue;
          const LayerCost& before = cost.layers[source.layer];
          EXPECT_GE(layer.begin_ns, pipelined ? before.begin_ns : before.end_ns * (1 - 1e-12))
              << preset << " " << layer.name;
          EXPECT_GE(layer.end_ns, before.end_ns) << preset << " " << layer.name;
        }
      }
      EXPECT_NEAR(cost.layers.back().end_ns / cost.latency_ns, 1, 1e-12) << preset << " " << model;
      EXPECT_GE(cost.latency_ns, cost.interval_ns * (1 - 1e-12)) << preset << " " << model;
    }
  }
}

TEST(LinkLoads, RowByRowEveryTileThatLayersDoNotShareHasAPlace) {
  const std::vector<std::string> changes = {"mapping.shared_tiles=false"};
  const target::Chip chip = target::read_chip("cannon", changes);
  CostOptions options;
  options.mapping.placement = TilePlacement::row_major;
  const NetworkCost cost = cost_of(test::ListedModel("lenet5").layers(), chip, options);
  const Hardware hardware = hardware_of(chip);
  std::uint64_t held = 0;
  for (const LayerCost& layer : cost.layers) held += layer.mapping.crossbars;
  ASSERT_LT(held, cost.crossbars);
  EXPECT_EQ(cost.mesh.order.size(), ceil_div(cost.crossbars, hardware.crossbars_per_tile));
}

}  // namespace
}  // namespace sheaf::backend::cim
