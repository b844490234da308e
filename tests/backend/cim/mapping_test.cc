// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sheaf/backend/cim/copies.h"
#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/base/error.h"
#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/model_layers.h"
#include "tests/message_of.h"

namespace sheaf::backend::cim {
namespace {

using target::Chip;

LayerShape matrix(std::uint32_t inputs, std::uint32_t outputs, std::uint32_t block = 1) {
  LayerShape layer;
  layer.name = "layer";
  layer.inputs = layer.in_channels = inputs;
  layer.outputs = outputs;
  layer.form = block == 1 ? WeightForm::dense : WeightForm::block_circulant;
  layer.block = block;
  return layer;
}

LayerShape convolution(std::uint32_t channels, std::uint32_t outputs, std::uint32_t side,
                       std::uint32_t kernel = 3) {
  LayerShape layer = matrix(kernel * kernel * channels, outputs);
  layer.kind = LayerKind::conv2d;
  layer.in_channels = channels;
  layer.kernel_height = layer.kernel_width = kernel;
  layer.in_height = layer.in_width = layer.out_width = side;
  layer.positions = std::uint64_t{side} * side;
  return layer;
}

// ISAAC's sizes, with 8-bit weights as pairs of columns: 8 columns a weight.
Chip differential() {
  Chip chip = target::read_chip("reboc");
  chip.mapping.encoding = target::WeightEncoding::differential;
  chip.mapping.weight_bits = 8;
  chip.mapping.input_bits = 8;
  return chip;
}

struct Row {
  std::uint32_t inputs, outputs, block;
  std::uint64_t dense, single;  // crossbars: dense; one copy of each block
  double single_use;            // share of columns in use
  std::uint64_t four;           // crossbars with four copies
  std::uint32_t free;           // copies that cost nothing
};

// reram.md 1.3: 128 x 128 cells of 2 bits, 8-bit weights, 8 columns each.
constexpr Row kTable[] = {
    {1024, 512, 16, 256, 16, 1.00, 64, 1},     {9216, 4096, 64, 18432, 288, 1.00, 1152, 1},
    {576, 64, 64, 20, 5, 8.0 / 128, 5, 16},    {576, 64, 16, 20, 5, 0.25, 5, 4},
    {2304, 256, 16, 288, 18, 1.00, 72, 1},     {4608, 512, 64, 1152, 36, 0.50, 72, 2},
    {1536, 4096, 16, 3072, 192, 1.00, 768, 1},
};

TEST(Mapping, TableOfCrossbarsStepsAndFreeCopies) {
  const Chip chip = differential();
  const Hardware hardware = hardware_of(chip);
  const CrossbarGrid grid{128, 128, 8};
  for (const Row& row : kTable) {
    const LayerShape layer = matrix(row.inputs, row.outputs, row.block);
    const CirculantShape shape{row.block, row.outputs / row.block, row.inputs / row.block};
    EXPECT_EQ(columns_per_weight(chip, layer, 2), 8U);
    EXPECT_EQ(DenseStrategy(chip).map(layer, hardware, 1).crossbars, row.dense);

    const CirculantPlacement one = place_circulant(shape, grid, Slicing::apart, 1);
    EXPECT_EQ(one.crossbars, row.single);
    EXPECT_EQ(one.steps, row.block);
    EXPECT_DOUBLE_EQ(static_cast<double>(one.used_cells) / (128.0 * one.column_groups * row.inputs),
                     row.single_use);
    const CirculantPlacement four = place_circulant(shape, grid, Slicing::apart, 4);
    EXPECT_EQ(four.crossbars, row.four);
    EXPECT_EQ(four.steps, row.block / 4);

    EXPECT_EQ(free_duplicates(shape, grid, Slicing::apart), row.free);
    const LayerMapping mapping = RebocStrategy(chip, {}).map(layer, hardware, 1);
    EXPECT_EQ(mapping.crossbars, row.single);
    EXPECT_EQ(mapping.duplicates, row.free);
    EXPECT_EQ(mapping.steps, row.block / row.free);
  }
}

TEST(Mapping, TheChipsCopiesAreMadeEvenWhereTheyTakeMoreColumns) {
  Chip chip = differential();
  chip.mapping.duplicates = 4;
  const Hardware hardware = hardware_of(chip);
  const RebocStrategy strategy(chip, {});
  const LayerMapping four = strategy.map(matrix(1024, 512, 16), hardware, 1);
  EXPECT_EQ(four.duplicates, 4U);
  EXPECT_EQ(four.crossbars, 64U);
  EXPECT_EQ(four.steps, 4U);
  EXPECT_EQ(strategy.most_factor(matrix(1024, 512, 16), hardware), 4U);
  // More of them where they cost nothing; all of a block that has fewer; none of dense weights.
  EXPECT_EQ(strategy.map(matrix(576, 64, 64), hardware, 1).duplicates, 16U);
  EXPECT_EQ(strategy.map(matrix(1024, 512, 2), hardware, 1).duplicates, 2U);
  EXPECT_EQ(strategy.map(matrix(1024, 512), hardware, 1).duplicates, 1U);
}

TEST(Mapping, TheGatesOfEsesLstmTakeNinetySixCrossbarsInPaddedBlocks) {
  // 16-bit offset weights, 8 columns each: 256 block rows take 2048 columns, 16 crossbars; 42
  // blocks of 16 rows 6 of 128. Dense: 4096 x 665 take 256 x 6.
  const Chip chip = target::read_chip("reboc");
  const Hardware hardware = hardware_of(chip);
  LayerShapes shapes = test::ListedModel("ese_lstm").layers();
  set_precision(shapes, {16, 16});
  EXPECT_EQ(DenseStrategy(chip).map(shapes.layers[0], hardware, 1).crossbars, 1536U);
  make_block_circulant(shapes, 16);
  const LayerMapping mapping = RebocStrategy(chip, {}).map(shapes.layers[0], hardware, 1);
  EXPECT_EQ(mapping.crossbars, 96U);
  EXPECT_EQ(mapping.steps, 16U);
  // Padding is neither driven nor fetched: 665 inputs, 16 steps, 16 digits, 16 crossbars wide.
  EXPECT_EQ(mapping.drives, 665U * 16 * 16 * 16);
  EXPECT_EQ(mapping.fetches, 665U);
}

TEST(Mapping, SlicesOfAWeightStayInOneCrossbar) {
  // 16-bit weights in cells of 3 bits: 6 columns, 21 weights in 126 of 128; 2048 take 98 crossbars.
  const std::vector<std::string> changes{"cell.bits=3"};
  const Chip chip = target::read_chip("isaac", changes);
  LayerShape layer = matrix(128, 2048);
  layer.weight_bits = layer.input_bits = 16;
  EXPECT_EQ(DenseStrategy(chip).map(layer, hardware_of(chip), 1).crossbars, 98U);
  EXPECT_EQ(RebocStrategy(chip, {}).map(layer, hardware_of(chip), 1).crossbars, 98U);
}

TEST(Mapping, ReadsPerVectorAreStepsTimesDigits) {
  const Chip chip = differential();
  const Hardware hardware = hardware_of(chip);
  EXPECT_EQ(RebocStrategy(chip, {}).map(matrix(576, 64, 64), hardware, 1).reads, 4U * 8);
  EXPECT_EQ(DenseStrategy(chip).map(matrix(576, 64), hardware, 1).reads, 8U);
}

TEST(Mapping, ConversionsAreThoseOfTheDenseLayerForEveryNumberOfCopies) {
  const Chip chip = differential();
  const Hardware hardware = hardware_of(chip);
  for (const Row& row : kTable) {
    const std::uint64_t expected =
        DenseStrategy(chip).map(matrix(row.inputs, row.outputs), hardware, 1).conversions;
    for (const std::uint64_t factor : {1, 2, 4, 8, 16, 64}) {
      const LayerMapping mapping =
          RebocStrategy(chip, {}).map(matrix(row.inputs, row.outputs, row.block), hardware, factor);
      EXPECT_EQ(mapping.conversions, expected);
    }
  }
}

TEST(Mapping, InputSliceReuseFetchesOnceInsteadOfEveryStep) {
  const Chip chip = differential();
  const Hardware hardware = hardware_of(chip);
  StrategyOptions without;
  without.input_slice_reuse = without.input_tile_sharing = false;
  StrategyOptions with = without;
  with.input_slice_reuse = true;
  const LayerShape layer = matrix(1024, 512, 16);
  EXPECT_EQ(RebocStrategy(chip, without).map(layer, hardware, 1).fetches, 16U * 1024);
  EXPECT_EQ(RebocStrategy(chip, with).map(layer, hardware, 1).fetches, 1024U);
  EXPECT_EQ(RebocStrategy(chip, with).map(layer, hardware, 1).rotations, 15U * 1024);
}

TEST(Mapping, InputTileSharingFetchesWhatTheWindowMovesOver) {
  const Chip chip = differential();
  const Hardware hardware = hardware_of(chip);
  LayerShape layer = convolution(64, 64, 56);
  EXPECT_EQ(RebocStrategy(chip, {}).map(layer, hardware, 1).fetches, 64U);
  layer.stride = 2;
  EXPECT_EQ(RebocStrategy(chip, {}).map(layer, hardware, 1).fetches, 4U * 64);
  StrategyOptions apart;
  apart.input_tile_sharing = false;
  EXPECT_EQ(RebocStrategy(chip, apart).map(layer, hardware, 1).fetches, 576U);
}

TEST(Mapping, PackedStripsTakeTurns) {
  const Chip chip = differential();
  StrategyOptions packed;
  packed.slicing = Slicing::packed;
  const LayerMapping mapping =
      RebocStrategy(chip, packed).map(matrix(576, 64, 64), hardware_of(chip), 1);
  EXPECT_EQ(mapping.crossbars, 1U);
  EXPECT_EQ(mapping.duplicates, 2U);
  EXPECT_EQ(mapping.reads, 8U * 32 * 5);
}

TEST(Mapping, IsaacsExampleTakesFourArraysAndIsDoneInCycle22) {
  // ISAAC, section 6: 4 x 4 x 16 kernel, 32 outputs, 16-bit weights: 256 x 256 cells.
  const Chip chip = target::read_chip("isaac");
  LayerShapes shapes;
  shapes.layers.push_back(convolution(16, 32, 1, 4));
  shapes.layers[0].positions = 1;
  set_precision(shapes, {16, 16});
  const NetworkCost cost = cost_of(shapes, chip);
  EXPECT_EQ(cost.layers[0].mapping.crossbars, 4U);
  EXPECT_DOUBLE_EQ(cost.layers[0].utilisation, 1);
  EXPECT_DOUBLE_EQ(cost.layers[0].time_ns, 22 * 100.0);
}

// ISAAC, table III: channels, kernel, width, KB of a whole picture and of lines, a byte a value. It
// prints two or three digits, some of them cut off instead of rounded.
struct LineBuffer {
  std::uint32_t channels, kernel, width;
  double picture_kb, lines_kb;
};
constexpr LineBuffer kLineBuffers[] = {
    {3, 3, 224, 147, 1.96}, {96, 7, 112, 1176, 74},  {64, 3, 112, 784, 21},
    {128, 3, 56, 392, 21},  {256, 3, 28, 196, 21},   {384, 3, 28, 294, 32},
    {512, 3, 14, 98, 21},   {768, 3, 14, 150, 32},   {142, 11, 32, 142, 48},
    {71, 3, 32, 71, 6.5},   {63, 9, 16, 15.75, 8.8}, {55, 9, 16, 13.57, 7.7},
    {25, 7, 16, 6.25, 2.7},
};

TEST(Mapping, LineBuffersAreThoseOfIsaacsTable) {
  for (const LineBuffer& row : kLineBuffers) {
    const LayerShape layer = convolution(row.channels, 1, row.width, row.kernel);
    // What the table counts besides the text: the last line to its end.
    const auto rest = std::uint64_t{row.width - row.kernel} * row.channels;
    const auto lines = static_cast<double>(line_buffer_values(layer) + rest) / 1024;
    EXPECT_NEAR(lines / row.lines_kb, 1, 0.026) << row.channels;
    EXPECT_NEAR(row.channels * row.width * row.width / 1024.0 / row.picture_kb, 1, 0.026);
  }
  EXPECT_EQ(line_buffer_values(convolution(3, 1, 224, 3)), (224U * 2 + 3) * 3);
}

TEST(Mapping, DepthwiseChannelsShareCrossbarsAlongTheDiagonal) {
  const Chip chip = differential();
  LayerShape layer = matrix(9, 1);
  layer.kind = LayerKind::depthwise;
  layer.groups = layer.in_channels = 64;
  layer.positions = 10;
  const LayerMapping mapping = DenseStrategy(chip).map(layer, hardware_of(chip), 1);
  EXPECT_EQ(mapping.crossbars, 5U);  // 14 channels of 9 rows and 8 columns each
  EXPECT_EQ(mapping.used_cells, 64U * 9 * 8);
  EXPECT_EQ(mapping.conversions, 64U * 8 * 8);
}

TEST(Mapping, PipeLayerPutsSlicesAndSignsIntoArraysOfTheirOwn) {
  const Chip chip = target::read_chip("pipelayer");
  LayerShape layer = matrix(576, 64);
  layer.weight_bits = layer.input_bits = 16;
  const LayerMapping mapping = PipeLayerStrategy(chip).map(layer, hardware_of(chip), 1);
  EXPECT_EQ(mapping.crossbars, 5U * 1 * 8);
  EXPECT_EQ(mapping.reads, 16U);
}

TEST(Mapping, ColumnLimitWithOffsetEncodingIsRefused) {
  Chip chip = target::read_chip("tinyadc");
  chip.mapping.encoding = target::WeightEncoding::offset;
  EXPECT_EQ(test::message_of<base::ConfigError>(
                [&] { static_cast<void>(make_strategy("tinyadc", chip, {})); }),
            "[mapping.encoding] limit of non-zeros in a column: got encoding 'offset', expected "
            "differential, sign_magnitude or polarised; with an offset a weight of 0 is stored as "
            "2^(bits - 1): every row conducts, and the limit saves no bit");
}

TEST(Mapping, UnknownStrategyNamesTheNearest) {
  const Chip chip = target::read_chip("isaac");
  EXPECT_EQ(test::message_of<base::UsageError>(
                [&] { static_cast<void>(make_strategy("rebok", chip, {})); }),
            "[strategy] no such strategy for crossbars: got 'rebok'; did you mean 'reboc'?");
}

TEST(Mapping, ChipWithoutCrossbarsIsRefused) {
  const Chip chip = target::read_chip("smartdeal");
  EXPECT_EQ(test::message_of<base::ConfigError>([&] { static_cast<void>(hardware_of(chip)); }),
            "[chip smartdeal] processing elements: got no crossbars, expected crossbars with "
            "cells, drivers and converters");
}

TEST(Mapping, CirculantAndColumnLimitGoTogether) {
  Chip chip = differential();
  chip.mapping.column_nonzeros = 5;
  chip.adc->model = "sar-saberi";
  LayerShapes shapes;
  shapes.layers.push_back(matrix(1024, 512, 16));
  const NetworkCost both = cost_of(shapes, chip);
  chip.mapping.column_nonzeros = 0;
  const NetworkCost circulant = cost_of(shapes, chip);
  EXPECT_EQ(both.strategy, "reboc");
  EXPECT_EQ(both.adc_bits, 4U);
  EXPECT_EQ(circulant.adc_bits, 8U);
  EXPECT_EQ(both.crossbars, circulant.crossbars);
  EXPECT_EQ(both.conversions, circulant.conversions);
  // 0.79 pJ of 1.67 pJ a conversion, by the model.
  EXPECT_NEAR(of(both.energy_pj, Component::adc) / of(circulant.energy_pj, Component::adc),
              0.79 / 1.67, 0.01);
}

}  // namespace
}  // namespace sheaf::backend::cim
