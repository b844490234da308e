// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/pipeline.h"

namespace sheaf::sim::cost {

std::uint32_t digits_of(const target::Chip& chip) {
  if (!chip.dac) return 1;
  return (chip.mapping.input_bits + chip.dac->bits - 1) / chip.dac->bits;
}

std::uint32_t pipeline_cycles(const target::Pipeline& pipeline, std::uint32_t digits) {
  std::uint32_t cycles = 0;
  std::uint32_t slowest = 0;  // of the stages that work digit by digit: these set their pace
  for (const target::Stage& stage : pipeline.stages) {
    cycles += stage.cycles;
    if (stage.per_digit && stage.cycles > slowest) slowest = stage.cycles;
  }
  return cycles + (digits - 1) * slowest;
}

std::uint64_t line_buffer_values(const LayerInput& input) {
  return (input.width * (input.kernel - 1) + input.kernel) * input.maps;
}

BufferKb isaac_buffer_kb(const LayerInput& input) {
  const auto row = static_cast<double>(input.width * input.maps) / 1024;
  return {row * static_cast<double>(input.width), row * static_cast<double>(input.kernel)};
}

std::uint64_t pipelayer_testing_cycles(const PipelayerRun& run) { return run.layers * run.inputs; }

std::uint64_t pipelayer_training_cycles(const PipelayerRun& run) {
  return (2 * run.layers + 1) * run.inputs + run.inputs / run.batch;
}

std::uint64_t pipelayer_pipelined_cycles(const PipelayerRun& run) {
  return run.inputs / run.batch * (2 * run.layers + run.batch + 1);
}

std::uint64_t pipelayer_buffer_entries(std::uint64_t layers, std::uint64_t layer) {
  return 2 * (layers - layer) + 1;
}

}  // namespace sheaf::sim::cost
