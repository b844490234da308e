// SPDX-License-Identifier: Apache-2.0
//
// What mappings say by closed forms is what the simulator counts when it multiplies.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sheaf/backend/cim/crossbar_products.h"
#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::backend::cim {
namespace {

using sim::crossbar::Format;
using target::Chip;
using target::WeightEncoding;

constexpr WeightEncoding kEncodings[] = {WeightEncoding::differential, WeightEncoding::offset,
                                         WeightEncoding::sign_magnitude, WeightEncoding::polarised};

// A chip of 20 x 24 cells of 2 bits.
Chip small_chip(WeightEncoding encoding, std::uint32_t dac_bits, std::uint32_t parallel_rows) {
  static const Chip isaac = target::read_chip("isaac");
  Chip chip = isaac;
  chip.mapping.encoding = encoding;
  chip.mapping.columns = target::ColumnEncoding::plain;
  chip.dac->bits = dac_bits;
  chip.crossbar->rows = 20;
  chip.crossbar->columns = 24;
  chip.crossbar->parallel_rows = parallel_rows;
  return chip;
}

LayerShape matrix(std::uint32_t inputs, std::uint32_t outputs, std::uint32_t block = 1) {
  LayerShape layer;
  layer.name = "layer";
  layer.inputs = layer.in_channels = inputs;
  layer.outputs = outputs;
  layer.form = block == 1 ? WeightForm::dense : WeightForm::block_circulant;
  layer.block = block;
  layer.weight_bits = 7;
  layer.input_bits = 8;
  return layer;
}

// One vector of the layer through simulated crossbars; `weight`: of the first `rows` rows, 0 below.
sim::crossbar::Conversions simulated(const Chip& chip, const LayerShape& layer,
                                     std::int16_t weight = 3, std::uint32_t rows = ~0U,
                                     std::int16_t input = 5) {
  std::vector<std::int16_t> weights;
  for (std::uint32_t o = 0; o < layer.outputs; ++o) {
    for (std::uint32_t i = 0; i < layer.inputs; ++i) weights.push_back(i < rows ? weight : 0);
  }
  const std::vector<std::int16_t> inputs(layer.inputs, input);
  std::vector<std::int32_t> sums(layer.outputs);
  tensor::Encoding encoding;
  if (layer.block > 1) encoding = tensor::block_circulant(layer.block);
  CrossbarProducts unit(chip);
  unit.prepare({.parameter = 1,
                .name = "W",
                .version = 1,
                .outputs = layer.outputs,
                .inputs = layer.inputs,
                .values = weights,
                .bits = {layer.input_bits, layer.weight_bits},
                .encoding = encoding});
  unit.multiply({.parameter = 1,
                 .input_bits = layer.input_bits,
                 .rows = inputs.data(),
                 .row_stride = layer.inputs,
                 .sums = sums.data(),
                 .sum_stride = layer.outputs,
                 .count = 1,
                 .type = 0,
                 .batch = 0,
                 .nodes = {},
                 .positions = 1,
                 .first_position = 0});
  return unit.conversions();
}

// Crossbars walked through one by one: every strip of rows, every row of it, every read of its
// inputs. `columns`: of cells, side by side. Strips work at a time.
struct Walked {
  std::uint64_t reads = 0;   // of the strip that takes longest
  std::uint64_t drives = 0;  // rows, in each crossbar that they pass
};
Walked walk(const Chip& chip, std::uint32_t inputs, std::uint32_t columns, std::uint32_t strip_rows,
            std::uint32_t digits) {
  const std::uint32_t parallel = std::min(strip_rows, target::driven_rows(*chip.crossbar));
  Walked walked;
  for (std::uint32_t first = 0; first < inputs; first += strip_rows) {
    const std::uint32_t end = std::min(inputs, first + strip_rows);
    std::uint64_t reads = 0;
    for (std::uint32_t digit = 0; digit < digits; ++digit) {
      for (std::uint32_t row = first; row < end; ++row) {
        if ((row - first) % parallel == 0) ++reads;
        for (std::uint32_t column = 0; column < columns; column += chip.crossbar->columns) {
          ++walked.drives;
        }
      }
    }
    walked.reads = std::max(walked.reads, reads);
  }
  return walked;
}

// Reads of 8-bit inputs: digits of the magnitude's seven bits, and the sign.
std::uint32_t reads_of_input(std::uint32_t dac_bits) { return (7 + dac_bits - 1) / dac_bits + 1; }

// Columns of cells of a 7-bit weight: slices of 2 bits, in pairs where there are signs.
std::uint32_t cells_of_weight(WeightEncoding encoding) {
  switch (encoding) {
    case WeightEncoding::offset:
      return 4;
    case WeightEncoding::polarised:
      return 3;
    default:
      return 6;
  }
}

template <typename Body>
void for_all_chips(const Body& body) {
  for (const WeightEncoding encoding : kEncodings) {
    for (const std::uint32_t dac_bits : {1U, 2U, 3U, 8U}) {
      for (const std::uint32_t parallel_rows : {0U, 20U, 8U, 7U, 1U}) {
        SCOPED_TRACE(std::string(target::kWeightEncodingNames[static_cast<std::size_t>(encoding)]) +
                     ", drivers of " + std::to_string(dac_bits) + " bits, " +
                     std::to_string(parallel_rows) + " rows at a time");
        body(small_chip(encoding, dac_bits, parallel_rows));
      }
    }
  }
}

TEST(ClosedFormCounts, DenseLayersConvertDriveAndReadWhatTheSimulatorDoes) {
  for_all_chips([](const Chip& chip) {
    const Hardware hardware = hardware_of(chip);
    for (const std::uint32_t inputs : {1U, 13U, 20U, 47U}) {
      const LayerShape layer = matrix(inputs, 5);
      const LayerMapping mapping = DenseStrategy(chip).map(layer, hardware, 1);
      const sim::crossbar::Conversions counted = simulated(chip, layer);
      EXPECT_EQ(mapping.conversions, counted.conversions) << inputs;
      const Walked walked = walk(chip, inputs, 5 * cells_of_weight(chip.mapping.encoding), 20,
                                 reads_of_input(chip.dac->bits));
      EXPECT_EQ(mapping.reads, walked.reads) << inputs;
      EXPECT_EQ(mapping.drives, walked.drives) << inputs;
      // Arrays of slices and signs apart read the same columns.
      EXPECT_EQ(PipeLayerStrategy(chip).map(layer, hardware, 1).conversions, counted.conversions);
      EXPECT_EQ(PipeLayerStrategy(chip).map(layer, hardware, 1).reads, walked.reads);
    }
  });
}

TEST(ClosedFormCounts, CirculantBlocksConvertDriveAndReadWhatTheSimulatorDoes) {
  for_all_chips([](const Chip& chip) {
    const Hardware hardware = hardware_of(chip);
    for (const std::uint32_t blocks : {1U, 2U, 5U, 7U}) {
      const LayerShape layer = matrix(8 * blocks, 24, 8);
      const std::uint64_t counted = simulated(chip, layer).conversions;
      for (const std::uint64_t factor : {1U, 2U, 8U}) {
        const LayerMapping mapping = RebocStrategy(chip, {}).map(layer, hardware, factor);
        EXPECT_EQ(mapping.conversions, counted) << blocks << " x " << factor;
        // Strips of two whole blocks; three block rows of `duplicates` columns each, in steps.
        const Walked walked =
            walk(chip, 8 * blocks, 3 * mapping.duplicates * cells_of_weight(chip.mapping.encoding),
                 16, reads_of_input(chip.dac->bits) * mapping.steps);
        EXPECT_EQ(mapping.reads, walked.reads) << blocks << " x " << factor;
        EXPECT_EQ(mapping.drives, walked.drives) << blocks << " x " << factor;
      }
    }
  });
}

TEST(ClosedFormCounts, PackedStripsTakeTheReadsOfEveryStripInTurn) {
  // 56 rows of 8-bit offset weights: strips of 16, 16, 16 and 8, which share one crossbar of 24
  // columns by twos, or by fours where there are as many columns.
  Chip chip = small_chip(WeightEncoding::offset, 1, 8);
  StrategyOptions packed;
  packed.slicing = Slicing::packed;
  const LayerShape layer = matrix(56, 16, 8);  // 8 columns of a strip
  EXPECT_EQ(RebocStrategy(chip, packed).map(layer, hardware_of(chip), 1).reads, 8U * 8 * (3 * 2));
  chip.crossbar->columns = 32;
  EXPECT_EQ(RebocStrategy(chip, packed).map(layer, hardware_of(chip), 1).reads,
            8U * 8 * (3 * 2 + 1));
}

TEST(ClosedFormCounts, GroupsThatShareACrossbarAreConvertedInEveryReadThatTouchesThem) {
  // Three groups of 6 rows and 8 columns fit 20 x 24 cells; reads of 4 rows touch two, two and two
  // of them: rows 0-3 4-7, 4-7 8-11, 12-15 16-17. Two groups more stand in a crossbar of their own.
  const Chip chip = small_chip(WeightEncoding::offset, 1, 4);
  LayerShape layer = matrix(6, 2);
  layer.groups = 5;
  const LayerMapping mapping = DenseStrategy(chip).map(layer, hardware_of(chip), 1);
  EXPECT_EQ(mapping.crossbars, 2U);
  EXPECT_EQ(mapping.conversions, 8U * 8 * (6 + 4));
  EXPECT_EQ(mapping.reads, 8U * 5);
}

TEST(ClosedFormCounts, CountsOfReadsAreThoseOfTheirLists) {
  for (const std::uint32_t bits : {1U, 2U, 7U, 8U, 16U}) {
    for (const std::uint32_t dac_bits : {1U, 2U, 3U, 8U}) {
      for (const bool with_sign : {false, true}) {
        const Format format{.input_bits = bits, .signed_inputs = with_sign, .dac_bits = dac_bits};
        EXPECT_EQ(sim::crossbar::cycle_count(format), sim::crossbar::cycles_of(format).size());
      }
    }
  }
  for (const std::uint32_t parallel_rows : {1U, 7U, 8U, 20U}) {
    const Format format{.rows = 20, .parallel_rows = parallel_rows};
    for (const std::uint32_t inputs : {1U, 19U, 20U, 21U, 60U, 73U}) {
      EXPECT_EQ(sim::crossbar::row_group_count(format, inputs),
                sim::crossbar::row_groups(format, inputs).size());
    }
  }
}

TEST(ClosedFormCounts, PairsThatSubtractCurrentsTakeHalfTheConversionsOfACycle) {
  // 24 columns by 1.28 conversions a ns: 18.75 ns, of pairs half of it, which the read's 4 ns do
  // not hide.
  for (const auto& [encoding, columns] :
       {std::pair{WeightEncoding::differential, 24.0}, {WeightEncoding::sign_magnitude, 12.0}}) {
    Chip chip = small_chip(encoding, 1, 0);
    chip.crossbar->read_latency_ns = 4;
    chip.pipeline.reset();
    EXPECT_DOUBLE_EQ(hardware_of(chip).cycle_ns, columns / 1.28);
  }
}

TEST(ClosedFormCounts, ConvertersOfTheNeededBitsNeverSaturate) {
  // Columns of five full cells of 20, all of whose rows are driven in full: sums of 15, of either
  // sign with pairs that subtract.
  for (const WeightEncoding encoding :
       {WeightEncoding::differential, WeightEncoding::sign_magnitude, WeightEncoding::polarised}) {
    Chip chip = small_chip(encoding, 1, 0);
    chip.mapping.column_nonzeros = 5;
    LayerShapes shapes;
    shapes.layers = {matrix(20, 5)};
    const std::uint32_t bits = needed_adc_bits(shapes, chip);
    EXPECT_EQ(bits, encoding == WeightEncoding::sign_magnitude ? 5U : 4U);
    EXPECT_EQ(make_strategy("tinyadc", chip, {})->adc_bits(shapes, chip), bits);
    for (const auto weight : {std::int16_t{63}, std::int16_t{-63}}) {
      chip.adc->bits = bits;
      EXPECT_EQ(simulated(chip, shapes.layers[0], weight, 5, 127).saturated, 0U);
      chip.adc->bits = bits - 1;
      EXPECT_GT(simulated(chip, shapes.layers[0], weight, 5, 127).saturated, 0U);
    }
  }
}

}  // namespace
}  // namespace sheaf::backend::cim
