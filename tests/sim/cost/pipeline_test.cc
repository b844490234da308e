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

}  // namespace
}  // namespace sheaf::sim::cost
