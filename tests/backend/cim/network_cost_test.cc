// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/network_cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sheaf/backend/cim/copies.h"
#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/backend/cim/link_loads.h"
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
    if (std::string(name) == "reboc") make_block_circulant(shapes, 16);
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

// Two layers that fill a tile of CANNON's each, 8-bit offset weights of 4 columns: 128 x 3072 in 1
// x 96 crossbars, 3072 x 128 in 24 x 4.
LayerShapes two_tiles() {
  LayerShapes shapes;
  shapes.name = "two";
  shapes.layers.resize(2);
  shapes.layers[0].inputs = 128;
  shapes.layers[0].outputs = 3072;
  shapes.layers[0].sources = {{kOutside, 128}};
  shapes.layers[1].inputs = 3072;
  shapes.layers[1].outputs = 128;
  shapes.layers[1].sources = {{0, 3072}};
  return shapes;
}

TEST(NetworkCost, TheBusiestLinkBoundsIntervalAndLatency) {
  const std::vector<std::string> changes{"mesh.clock=0.5 GHz"};
  const NetworkCost cost = cost_of(two_tiles(), target::read_chip("cannon", changes),
                                   {.strategy = {}, .mapping = {}, .crossbars = 192});
  // 3072 numbers of 8 bits are 768 flits of 32, 2 ns each; 8 reads of 100 ns; (128 x 12 + 3072)
  // bytes through the first tile's memory at 38.4 B/ns.
  EXPECT_NEAR(cost.limits.of(Bound::network), 1536, 1e-9);
  EXPECT_NEAR(cost.limits.of(Bound::compute), 800, 1e-9);
  EXPECT_NEAR(cost.limits.of(Bound::memory), 120, 1e-9);
  EXPECT_EQ(cost.limits.binds(), Bound::network);
  EXPECT_NEAR(cost.interval_ns, 1536, 1e-9);
  EXPECT_EQ(cost.layers[0].limits.binds(), Bound::compute);
  EXPECT_EQ(cost.layers[1].limits.binds(), Bound::network);
  // Stages beside the reads take 6 cycles a layer: 800 + 600 + 1536 + 600.
  EXPECT_NEAR(cost.latency_ns, 3536, 1e-9);
}

TEST(NetworkCost, AFlitPassesARouterMoreThanLinks) {
  const target::Chip chip = target::read_chip("cannon");
  const NetworkCost cost =
      cost_of(two_tiles(), chip, {.strategy = {}, .mapping = {}, .crossbars = 192});
  EXPECT_NEAR(cost.flit_hops, 768, 1e-9);
  // Two routers of 1.71 pJ and a link of 1.04 pJ.
  EXPECT_NEAR(of(cost.energy_pj, Component::network), 768 * (2 * 1.71 + 1.04), 10);
}

TEST(NetworkCost, ATilesMemoryBoundsWhatItFeeds) {
  // 128 x 1536 in 96 crossbars of 12 PEs, 16 bits: (128 x 12 + 1536) x 2 bytes at 1.2 B/ns.
  LayerShapes shapes;
  shapes.layers.resize(1);
  shapes.layers[0].inputs = 128;
  shapes.layers[0].outputs = 1536;
  set_precision(shapes, {16, 16});
  const std::vector<std::string> changes{"tile.buffers.eDRAM.bus_bits=8"};
  for (const char* name : {"isaac", "reboc"}) {
    const NetworkCost cost = cost_of(shapes, target::read_chip(name, changes),
                                     {.strategy = "dense", .mapping = {}, .crossbars = 96});
    EXPECT_NEAR(cost.limits.of(Bound::memory), 5120, 1e-9);
    EXPECT_NEAR(cost.interval_ns, 5120, 1e-9);
    EXPECT_EQ(cost.limits.binds(), Bound::memory);
  }
}

TEST(NetworkCost, LayersThatTakeTurnsWaitForTheirOwnLinks) {
  const std::vector<std::string> changes{"mesh.clock=0.5 GHz"};
  CostOptions options;
  options.mapping.pipeline = PipelineKind::intra_layer;
  options.crossbars = 192;
  const NetworkCost cost = cost_of(two_tiles(), target::read_chip("cannon", changes), options);
  EXPECT_NEAR(cost.interval_ns, 1400 + 2136, 1e-9);
  EXPECT_NEAR(cost.limits.of(Bound::compute), 1400, 1e-9);
  EXPECT_NEAR(cost.limits.of(Bound::network), 2136, 1e-9);
}

TEST(NetworkCost, NoIntervalIsShorterThanItsBusiestLinkAllows) {
  for (const char* model : {"resnet18", "ese_lstm"}) {
    const target::Chip chip = target::read_chip("cannon");
    const NetworkCost cost = cost_of(ListedModel(model).layers(), chip);
    const LinkLoads loads = link_loads(cost, chip);
    const double busiest = std::max({*std::max_element(loads.right.begin(), loads.right.end()),
                                     *std::max_element(loads.left.begin(), loads.left.end()),
                                     *std::max_element(loads.down.begin(), loads.down.end()),
                                     *std::max_element(loads.up.begin(), loads.up.end())});
    EXPECT_GE(cost.interval_ns, busiest / chip.mesh->clock_ghz) << model;
    EXPECT_GE(cost.latency_ns, busiest / chip.mesh->clock_ghz) << model;
  }
}

TEST(Hardware, AConversionTakesWhatItDoesAtItsPartsOwnRate) {
  for (const char* rate : {"adc.rate=0.64 GS/s", "adc.rate=1.28 GS/s", "adc.rate=12.8 GS/s"}) {
    const std::vector<std::string> changes{rate};
    EXPECT_NEAR(hardware_of(target::read_chip("isaac", changes)).convert_pj, 2 / 1.28, 1e-12);
  }
}

TEST(Hardware, AReadLastsUntilAllColumnsAreConverted) {
  const std::vector<std::string> wide{"crossbar.columns=512"};
  const Hardware hardware = hardware_of(target::read_chip("isaac", wide));
  EXPECT_DOUBLE_EQ(hardware.cycle_ns, 400);
  EXPECT_DOUBLE_EQ(hardware.read_pj, 120);
  EXPECT_DOUBLE_EQ(hardware.area_um2[static_cast<std::size_t>(Component::crossbar)], 100);
}

TEST(Hardware, TheMemoryOfATileIsItsEdramWhateverItsSize) {
  // 20.7 mW and a bus of 7 mW move 32 bytes in 1 / 1.2 ns.
  for (const char* size : {"64 KB", "1 KB"}) {
    const std::vector<std::string> changes{std::string("tile.buffers.eDRAM.size=") + size};
    const Hardware hardware = hardware_of(target::read_chip("isaac", changes));
    EXPECT_NEAR(hardware.buffer_read_pj_byte, 27.7 / 1.2 / 32, 1e-12);
    EXPECT_EQ(hardware.memory_bytes, size[0] == '6' ? 65536 : 1024);
  }
}

TEST(NetworkCost, FragmentsOfRowsAreReadOneAfterTheOther) {
  // 128 x 16 weights of 15 bits, 8 columns each: 16 digits of 16 fragments of 8 rows, 4.6476 pJ
  // each.
  LayerShapes shapes;
  shapes.layers.resize(1);
  shapes.layers[0].inputs = 128;
  shapes.layers[0].outputs = 16;
  set_precision(shapes, {16, 16});
  const NetworkCost cost =
      cost_of(shapes, target::read_chip("forms"), {.strategy = {}, .mapping = {}, .crossbars = 1});
  EXPECT_NEAR(of(cost.energy_pj, Component::crossbar), 256 * 4.647619, 1e-3);
}

LayerShape lines_of(std::uint32_t channels, std::uint32_t side, std::uint32_t outputs) {
  LayerShape layer;
  layer.kind = LayerKind::conv2d;
  layer.in_channels = channels;
  layer.in_height = layer.in_width = layer.out_width = side;
  layer.kernel_height = layer.kernel_width = 7;
  layer.inputs = 49 * channels;
  layer.outputs = outputs;
  layer.positions = 1;
  return layer;
}

TEST(NetworkCost, ATileKeepsTheLinesUnderItsWindows) {
  // ISAAC's table III: 96 channels of 112, 7 x 7: 73.5 KB of bytes. 4704 inputs are 37 strips of
  // one crossbar, 8 outputs of 4 columns: one tile.
  LayerShapes shapes;
  shapes.layers = {lines_of(96, 112, 8)};
  const target::Chip chip = target::read_chip("cannon");
  const NetworkCost one = cost_of(shapes, chip);
  EXPECT_DOUBLE_EQ(one.memory_need_bytes, 679.0 * 96);
  EXPECT_DOUBLE_EQ(one.memory_bytes, 65536);
  // A second layer in the same tile keeps its own.
  shapes.layers.push_back(lines_of(16, 10, 8));
  const NetworkCost two = cost_of(shapes, chip);
  EXPECT_DOUBLE_EQ(two.memory_need_bytes, 679.0 * 96 + 67.0 * 16);
  EXPECT_EQ(two.neediest_layer, 0U);
  // 256 outputs take 8 crossbars a strip, 296 in 4 tiles, which share the rows.
  shapes.layers = {lines_of(96, 112, 256)};
  EXPECT_DOUBLE_EQ(cost_of(shapes, chip).memory_need_bytes, 679.0 * 96 / 4);
}

TEST(NetworkCost, EveryPresetTakesEveryKindOfModel) {
  std::vector<LayerShapes> models;
  for (const char* model : {"lenet5", "resnet18", "ese_lstm", "lac"}) {
    models.push_back(ListedModel(model).layers());
  }
  for (const char* name :
       {"isaac", "forms", "pipelayer", "reboc", "tinyadc", "cannon", "smartdeal"}) {
    const target::Chip chip = target::read_chip(name);
    for (const LayerShapes& shapes : models) {
      LayerShapes stored = shapes;
      if (weight_forms(name).block_circulant) make_block_circulant(stored, 8);
      const NetworkCost cost = cost_of(stored, chip);
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
