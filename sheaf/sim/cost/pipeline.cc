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

}  // namespace sheaf::sim::cost
