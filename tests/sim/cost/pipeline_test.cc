// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/pipeline.h"

#include <gtest/gtest.h>

#include "sheaf/target/read_chip.h"

namespace sheaf::sim::cost {
namespace {

TEST(Pipeline, IsaacTakes22CyclesAnd26WithPooling) {
  target::Chip chip = target::read_chip("isaac");
  target::Pipeline& pipeline = *chip.pipeline;
  EXPECT_EQ(digits_of(chip), 16u);
  EXPECT_EQ(pipeline_cycles(pipeline, 16), 22u);
  // A pooled layer reads four values before it writes one.
  pipeline.stages.insert(pipeline.stages.end() - 1, {.name = "max pool", .cycles = 4});
  EXPECT_EQ(pipeline_cycles(pipeline, 16), 26u);
  // 27 where reading them back and writing the largest take turns.
  pipeline.stages.push_back({.name = "write the largest"});
  EXPECT_EQ(pipeline_cycles(pipeline, 16), 27u);
}

TEST(Pipeline, EveryDigitTakesTheCyclesOfTheSlowestStage) {
  const target::Pipeline pipeline{
      .stages = {{"fetch", 2, false}, {"read", 3, true}, {"convert", 1, true}}};
  EXPECT_EQ(pipeline_cycles(pipeline, 1), 6u);
  EXPECT_EQ(pipeline_cycles(pipeline, 4), 15u);
  const target::Pipeline digital{.stages = {{"fetch", 2, false}}};
  EXPECT_EQ(pipeline_cycles(digital, 4), 2u);
}

struct Row {
  LayerInput input;
  double unpipelined;
  double pipelined;
};

// The paper cuts numbers off or rounds them, and has 13.57 where 55 x 16 x 16 bytes are 13.75 KB.
constexpr double kPrinting = 0.027;

TEST(Pipeline, LineBuffersAreThoseOfIsaacsTable) {
  // Maps, kernel, width as printed; in the rows of DeepFace maps and width have changed places.
  const Row rows[] = {
      {{3, 3, 224}, 147, 1.96}, {{96, 7, 112}, 1176, 74},  {{64, 3, 112}, 784, 21},
      {{128, 3, 56}, 392, 21},  {{256, 3, 28}, 196, 21},   {{384, 3, 28}, 294, 32},
      {{512, 3, 14}, 98, 21},   {{768, 3, 14}, 150, 32},   {{142, 11, 32}, 142, 48},
      {{71, 3, 32}, 71, 6.5},   {{63, 9, 16}, 15.75, 8.8}, {{55, 9, 16}, 13.57, 7.7},
      {{25, 7, 16}, 6.25, 2.7},
  };
  for (const Row& row : rows) {
    const BufferKb kb = isaac_buffer_kb(row.input);
    EXPECT_NEAR(kb.unpipelined / row.unpipelined, 1, kPrinting) << row.input.maps;
    EXPECT_NEAR(kb.pipelined / row.pipelined, 1, kPrinting) << row.input.maps;
  }
}

TEST(Pipeline, ALineBufferHoldsAllButTheLastRowOfAWindowAndItsBeginning) {
  EXPECT_EQ(line_buffer_values({.maps = 3, .kernel = 3, .width = 224}), (224u * 2 + 3) * 3);
  EXPECT_EQ(line_buffer_values({.maps = 16, .kernel = 1, .width = 9}), 16u);
}

TEST(Pipeline, PipelayersCyclesAreItsClosedForms) {
  const PipelayerRun run{.layers = 3, .inputs = 8, .batch = 4};
  EXPECT_EQ(pipelayer_testing_cycles(run), 24u);
  EXPECT_EQ(pipelayer_training_cycles(run), 7u * 8 + 2);
  EXPECT_EQ(pipelayer_pipelined_cycles(run), 2u * (6 + 4 + 1));
  EXPECT_EQ(pipelayer_buffer_entries(3, 1), 5u);
  EXPECT_EQ(pipelayer_buffer_entries(3, 3), 1u);
}

}  // namespace
}  // namespace sheaf::sim::cost
