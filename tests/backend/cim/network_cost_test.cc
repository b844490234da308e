// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/network_cost.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/backend/cim/copies.h"
#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/model_layers.h"
#include "tests/message_of.h"

namespace sheaf::backend::cim {
namespace {

using test::ListedModel;

LayerShapes chain(std::uint64_t seed, std::uint32_t layers) {
  base::Rng rng(seed, "chain");
  LayerShapes shapes;
  shapes.name = "chain";
  for (std::uint32_t i = 0; i < layers; ++i) {
    LayerShape layer;
    layer.name = "layer" + std::to_string(i);
    layer.inputs = 1 + rng.below(300);
    layer.outputs = 1 + rng.below(60);
    layer.positions = 1 + rng.below(12);
    layer.sources = {{i == 0 ? kOutside : i - 1, layer.inputs * layer.positions}};
    shapes.layers.push_back(layer);
  }
  return shapes;
}

// Slowest layer and sum of cycles over all ways to give 3 layers up to `most` replicas each.
struct Best {
  std::uint64_t interval = ~std::uint64_t{0};
  std::uint64_t sum = ~std::uint64_t{0};
};
Best exhaustive(const Strategy& strategy, const LayerShapes& shapes, const Hardware& hardware,
                std::uint64_t budget) {
  Best best;
  for (std::uint64_t code = 0; code < 12 * 12 * 12; ++code) {
    std::uint64_t crossbars = 0;
    std::uint64_t slowest = 0;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::uint64_t factor = 1 + (i == 0 ? code % 12 : i == 1 ? code / 12 % 12 : code / 144);
      const LayerMapping mapping = strategy.map(shapes.layers[i], hardware, factor);
      const std::uint64_t cycles = cycles_of(shapes.layers[i], mapping);
      crossbars += mapping.crossbars;
      slowest = std::max(slowest, cycles);
      sum += cycles;
    }
    if (crossbars > budget) continue;
    best.interval = std::min(best.interval, slowest);
    best.sum = std::min(best.sum, sum);
  }
  return best;
}

TEST(ShareCrossbars, SlowestLayerIsAsFastAsAnySharingMakesIt) {
  const target::Chip chip = target::read_chip("isaac");
  const Hardware hardware = hardware_of(chip);
  const DenseStrategy strategy(chip);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const LayerShapes shapes = chain(seed, 3);
    const std::uint64_t budget = least_crossbars(strategy, shapes, hardware) + 3 * seed;
    std::uint64_t slowest = 0;
    std::uint64_t crossbars = 0;
    const auto mappings = share_crossbars(strategy, shapes, hardware, budget);
    for (std::size_t i = 0; i < 3; ++i) {
      slowest = std::max(slowest, cycles_of(shapes.layers[i], mappings[i]));
      crossbars += mappings[i].crossbars;
    }
    EXPECT_LE(crossbars, budget);
    EXPECT_EQ(slowest, exhaustive(strategy, shapes, hardware, budget).interval);
  }
}

TEST(ShareCrossbars, SumOfLayersIsWithinATenthOfTheLeast) {
  const target::Chip chip = target::read_chip("reboc");
  const Hardware hardware = hardware_of(chip);
  const RebocStrategy strategy(chip, {});
  double worst = 1;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const LayerShapes shapes = chain(seed, 3);
    const std::uint64_t budget = least_crossbars(strategy, shapes, hardware) + 3 * seed;
    std::uint64_t sum = 0;
    std::uint64_t crossbars = 0;
    const auto mappings = share_crossbars(strategy, shapes, hardware, budget);
    for (std::size_t i = 0; i < 3; ++i) {
      sum += cycles_of(shapes.layers[i], mappings[i]);
      crossbars += mappings[i].crossbars;
    }
    EXPECT_LE(crossbars, budget);
    const std::uint64_t least = exhaustive(strategy, shapes, hardware, budget).sum;
    worst = std::max(worst, static_cast<double>(sum) / static_cast<double>(least));
  }
  EXPECT_LT(worst, 1.1);
}

TEST(ShareCrossbars, TooFewCrossbarsAreRefused) {
  const target::Chip chip = target::read_chip("isaac");
  const LayerShapes shapes = ListedModel("lenet5").layers();
  EXPECT_EQ(test::message_of<base::ResourceError>([&] {
              CostOptions options;
              options.crossbars = 3;
              static_cast<void>(cost_of(shapes, chip, options));
            }),
            "[lenet5] crossbars for one copy of every layer: got 3, expected at least 23");
}

TEST(Traffic, MeanHopsAreThoseOfAllPairs) {
  const TileMesh mesh{5, 1, {}};
  const auto node = [](std::uint64_t tile) {
    const std::uint64_t row = tile / 5;
    const std::uint64_t column = row % 2 == 0 ? tile % 5 : 4 - tile % 5;
    return std::pair(static_cast<double>(column), static_cast<double>(row));
  };
  const CrossbarRange from{3, 17};
  const CrossbarRange to{20, 29};
  double sum = 0;
  for (std::uint64_t a = from.first; a < from.first + from.count; ++a) {
    for (std::uint64_t b = to.first; b < to.first + to.count; ++b) {
      const auto [ax, ay] = node(a / 4);
      const auto [bx, by] = node(b / 4);
      sum += std::abs(ax - bx) + std::abs(ay - by);
    }
  }
  EXPECT_NEAR(mean_hops(mesh, 4, from, to), sum / (17.0 * 29.0), 1e-9);
}

TEST(Traffic, NothingPassesTheNetworkInsideOneTile) {
  const target::Chip chip = target::read_chip("cannon");
  const NetworkCost cost = cost_of(ListedModel("lenet5").layers(), chip,
                                   {.strategy = {}, .mapping = {}, .crossbars = 60});
  EXPECT_EQ(cost.flit_hops, 0);
}

TEST(Traffic, PlacementsCostNoMoreHopsThanTheSerpentine) {
  const target::Chip chip = target::read_chip("cannon");
  LayerShapes shapes = ListedModel("resnet18").layers();
  shapes.layers.resize(15);  // up to 8 tiles
  const auto hops = [&](TilePlacement placement) {
    CostOptions options;
    options.mapping.placement = placement;
    options.crossbars = 900;
    return cost_of(shapes, chip, options).flit_hops;
  };
  const double serpentine = hops(TilePlacement::serpentine);
  const double annealed = hops(TilePlacement::annealed);
  const double exact = hops(TilePlacement::exact);
  EXPECT_LE(annealed, serpentine * (1 + 1e-9));
  EXPECT_LE(exact, annealed * (1 + 1e-9));
  EXPECT_GT(exact, 0);
}

TEST(Traffic, ExactPlacementOfALargeNetworkIsRefused) {
  CostOptions options;
  options.mapping.placement = TilePlacement::exact;
  EXPECT_EQ(test::message_of<base::UsageError>([&] {
              static_cast<void>(
                  cost_of(ListedModel("resnet18").layers(), target::read_chip("cannon"), options));
            }),
            "[placement] routers of the rows that the network takes: got 64, expected at most 16; "
            "use a serpentine");
}

TEST(Traffic, AnnealingOfMoreThan1024RoutersIsRefused) {
  CostOptions options;
  options.mapping.placement = TilePlacement::annealed;
  const std::string message = test::message_of<base::UsageError>([&] {
    static_cast<void>(
        cost_of(ListedModel("vgg8").layers(), target::read_chip("teaching"), options));
  });
  EXPECT_TRUE(message.starts_with("[placement] routers of the rows that the network takes: got "))
      << message;
  EXPECT_TRUE(message.ends_with(", expected at most 1024; use a serpentine")) << message;
}

TEST(NetworkCost, ConverterEnergyIsTheProductOfItsDecomposition) {
  for (const char* name : {"isaac", "reboc", "tinyadc", "cannon", "forms"}) {
    LayerShapes shapes = ListedModel("resnet18").layers();
    make_block_circulant(shapes, 16);
    const NetworkCost cost = cost_of(shapes, target::read_chip(name));
    const Decomposition& d = cost.decomposition;
    EXPECT_NEAR(d.convert_pj * d.converts_per_mac * d.macs / d.utilisation /
                    of(cost.energy_pj, Component::adc),
                1, 1e-9);
  }
}

TEST(NetworkCost, SumsOfLayersAreTheNetworks) {
  const NetworkCost cost = cost_of(ListedModel("resnet18").layers(), target::read_chip("isaac"));
  Breakdown energy{};
  std::uint64_t conversions = 0;
  for (const LayerCost& layer : cost.layers) {
    conversions += layer.conversions;
    for (std::size_t c = 0; c < kComponents; ++c) energy[c] += layer.energy_pj[c];
  }
  EXPECT_EQ(conversions, cost.conversions);
  EXPECT_NEAR(total(energy) / cost.total_energy_pj(), 1, 1e-12);
  EXPECT_EQ(cost.macs, 1814073344U);
}

TEST(NetworkCost, FullCrossbarsTakeTheEnergyOfIsaacsTable) {
  // A layer that fills crossbars: by component, what table I's powers give for its reads.
  const target::Chip chip = target::read_chip("isaac");
  LayerShapes shapes;
  LayerShape layer;
  layer.inputs = 128;
  layer.outputs = 16;  // 8 columns each
  layer.positions = 1000;
  shapes.layers.push_back(layer);
  set_precision(shapes, {16, 16});
  const NetworkCost cost = cost_of(shapes, chip, {.strategy = {}, .mapping = {}, .crossbars = 1});
  const double ns = 1000 * 16 * 100.0;
  EXPECT_NEAR(of(cost.energy_pj, Component::crossbar), 2.4 / 8 * ns, 1e-3);
  EXPECT_NEAR(of(cost.energy_pj, Component::dac), 4.0 / 8 * ns, 1e-3);
  EXPECT_NEAR(of(cost.energy_pj, Component::adc), 2.0 * ns, 1e-3);
  EXPECT_NEAR(of(cost.energy_pj, Component::periphery), (0.01 + 0.2 + 0.23) / 8 * ns, 1e-3);
  EXPECT_NEAR(of(cost.energy_pj, Component::registers), 1.24 / 8 * ns, 1e-3);
}

TEST(NetworkCost, AreaOfAWholeChipIsTheTables) {
  const target::Chip chip = target::read_chip("isaac");
  const Hardware hardware = hardware_of(chip);
  const double um2 = crossbar_area_um2(ListedModel("lenet5").layers(), chip) *
                     static_cast<double>(hardware.crossbars);
  EXPECT_NEAR(um2 / 1e6, 85.4, 0.1);
}

TEST(NetworkCost, ReplicasShortenTheIntervalNotTheEnergy) {
  const target::Chip chip = target::read_chip("isaac");
  const LayerShapes shapes = ListedModel("vgg8").layers();
  const NetworkCost one = cost_of(shapes, chip);
  CostOptions more;
  more.crossbars = 2 * one.given_crossbars;
  const NetworkCost two = cost_of(shapes, chip, more);
  EXPECT_LT(two.interval_ns, one.interval_ns);
  EXPECT_LT(two.latency_ns, one.latency_ns);
  EXPECT_DOUBLE_EQ(of(two.energy_pj, Component::adc), of(one.energy_pj, Component::adc));
}

TEST(NetworkCost, InterLayerLatencyLiesBetweenOneIntervalAndTheSumOfLayers) {
  const NetworkCost cost = cost_of(ListedModel("vgg8").layers(), target::read_chip("isaac"));
  double sum = 0;
  for (const LayerCost& layer : cost.layers) sum += layer.time_ns;
  EXPECT_GE(cost.latency_ns, cost.interval_ns);
  EXPECT_LE(cost.latency_ns, sum);
}

TEST(NetworkCost, IntraLayerPipelineIsTheSumOfItsLayers) {
  const NetworkCost cost = cost_of(ListedModel("vgg8").layers(), target::read_chip("reboc"));
  double sum = 0;
  for (const LayerCost& layer : cost.layers) sum += layer.time_ns;
  EXPECT_DOUBLE_EQ(cost.latency_ns, sum);
  EXPECT_DOUBLE_EQ(cost.interval_ns, sum);
}

TEST(NetworkCost, EveryPresetTakesEveryKindOfModel) {
  std::vector<LayerShapes> models;
  for (const char* model : {"lenet5", "resnet18", "ese_lstm", "lac"}) {
    models.push_back(ListedModel(model).layers());
    make_block_circulant(models.back(), 8);
  }
  for (const char* name :
       {"isaac", "forms", "pipelayer", "reboc", "tinyadc", "cannon", "smartdeal"}) {
    const target::Chip chip = target::read_chip(name);
    for (const LayerShapes& shapes : models) {
      const NetworkCost cost = cost_of(shapes, chip);
      EXPECT_GT(cost.total_energy_pj(), 0);
      EXPECT_TRUE(std::isfinite(cost.total_energy_pj()));
      EXPECT_GT(cost.latency_ns, 0);
      EXPECT_GT(cost.utilisation, 0);
      EXPECT_LE(cost.utilisation, 1);
    }
  }
}

}  // namespace
}  // namespace sheaf::backend::cim
