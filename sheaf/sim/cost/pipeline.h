// SPDX-License-Identifier: Apache-2.0
//
// Closed forms of pipelines and of the buffers between layers.
#pragma once

#include <cstdint>

#include "sheaf/target/chip.h"

namespace sheaf::sim::cost {

// Digits of an input: ceil(input bits / bits of a driver); 1 where there is no driver.
[[nodiscard]] std::uint32_t digits_of(const target::Chip& chip);

// Cycles from the first stage of an input to the end of its last: all stages once, and for every
// further digit those of the slowest stage that works digit by digit.
[[nodiscard]] std::uint32_t pipeline_cycles(const target::Pipeline& pipeline, std::uint32_t digits);

// What a layer reads: `maps` maps of `width` x `width`, in windows of `kernel` x `kernel`.
struct LayerInput {
  std::uint64_t maps = 1;
  std::uint64_t kernel = 1;
  std::uint64_t width = 1;
};

// Values that a layer has to keep until its first window is complete, when the layer before writes
// row by row: ((width (kernel - 1)) + kernel) maps (ISAAC, section 5).
[[nodiscard]] std::uint64_t line_buffer_values(const LayerInput& input);

// KB of ISAAC's table III, a byte a value: whole maps, and with a pipeline between layers `kernel`
// whole rows of each.
struct BufferKb {
  double unpipelined = 0;
  double pipelined = 0;
};
[[nodiscard]] BufferKb isaac_buffer_kb(const LayerInput& input);

// PipeLayer (HPCA 2017): L layers, N inputs in batches of B, in cycles of its pipeline.
struct PipelayerRun {
  std::uint64_t layers = 1;
  std::uint64_t inputs = 1;
  std::uint64_t batch = 1;  // divides `inputs`
};
[[nodiscard]] std::uint64_t pipelayer_testing_cycles(const PipelayerRun& run);   // L N, no pipeline
[[nodiscard]] std::uint64_t pipelayer_training_cycles(const PipelayerRun& run);  // (2L+1)N + N/B
[[nodiscard]] std::uint64_t pipelayer_pipelined_cycles(const PipelayerRun& run);  // N/B (2L+B+1)
// Entries of the buffer after layer l of L, 1..L: 2 (L - l) + 1.
[[nodiscard]] std::uint64_t pipelayer_buffer_entries(std::uint64_t layers, std::uint64_t layer);

}  // namespace sheaf::sim::cost
