// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/pe_array/pe_array.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/target/read_chip.h"
#include "tests/message_of.h"

namespace sheaf::sim::pe_array {
namespace {

target::Chip small_chip() {
  target::Chip chip = target::read_chip("smartdeal");
  chip.pe.array->slices = 3;
  chip.pe.array->lines = 2;
  chip.pe.array->macs = 4;
  return chip;
}

Work small_work() {
  Work work;
  work.filters = 7;
  work.channels = 5;
  work.kernel_height = 3;
  work.kernel_width = 2;
  work.stride = 1;
  work.in_height = 8;
  work.in_width = 11;
  work.out_height = 6;
  work.out_width = 10;
  work.runs = 2;
  return work;
}

// The loops of the array, counted one by one.
struct Walked {
  double cycles = 0;
  double macs = 0;
  double input_bytes = 0;
  double weight_reads = 0;  // weights that lines take from memory
};
Walked walk(const Work& work, const target::PeArray& array) {
  Walked walked;
  for (std::uint64_t run = 0; run < work.runs; ++run) {
    for (std::uint32_t f = 0; f < work.filters; f += array.slices) {
      const std::uint32_t slices = std::min(array.slices, work.filters - f);
      for (std::uint32_t y = 0; y < work.out_height; ++y) {
        for (std::uint32_t x = 0; x < work.out_width; x += array.macs) {
          const std::uint32_t macs = std::min(array.macs, work.out_width - x);
          for (std::uint32_t c = 0; c < work.channels; c += array.lines) {
            const std::uint32_t lines = std::min(array.lines, work.channels - c);
            for (std::uint32_t r = 0; r < work.kernel_height; ++r) {
              walked.input_bytes +=
                  lines * ((std::min<double>(array.macs, work.out_width) - 1) * work.stride +
                           work.kernel_width);
              for (std::uint32_t s = 0; s < work.kernel_width; ++s) {
                walked.cycles += array.cycles_per_mac;
                walked.macs += static_cast<double>(slices) * lines * macs;
                walked.weight_reads += static_cast<double>(slices) * lines;
              }
            }
          }
        }
      }
    }
  }
  return walked;
}

TEST(PeArray, CountsAreThoseOfItsLoops) {
  const target::Chip chip = small_chip();
  const Work work = small_work();
  const Walked walked = walk(work, *chip.pe.array);
  const Cost cost = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(cost.counts.cycles, walked.cycles);
  EXPECT_DOUBLE_EQ(cost.counts.macs, walked.macs);
  EXPECT_DOUBLE_EQ(cost.counts.done_macs, walked.macs);
  const double outputs = 2.0 * 7 * 6 * 10;
  EXPECT_DOUBLE_EQ(cost.counts.buffer_read_bytes,
                   walked.input_bytes + walked.weight_reads + outputs);
  EXPECT_DOUBLE_EQ(cost.counts.dram_bytes, 2 * (7.0 * 5 * 6 + 5.0 * 8 * 11) + outputs);
  EXPECT_EQ(cost.counts.rebuilds, 0);
}

// All different, so that none may stand for another.
target::Chip priced_chip() {
  target::Chip chip = small_chip();
  chip.pe.array->mac_pj = 0.5;
  chip.pe.array->register_pj_per_byte = 0.25;
  chip.pe.array->adder_pj = 0.125;
  chip.dram->energy_pj_per_byte = 100;
  chip.pe.buffers[0].read_pj_per_byte = 2;
  chip.pe.buffers[0].write_pj_per_byte = 3;
  for (target::Buffer& buffer : chip.tile.buffers) {
    const bool input = buffer.name == "input";
    buffer.read_pj_per_byte = input ? 5 : 11;
    buffer.write_pj_per_byte = input ? 7 : 13;
  }
  return chip;
}

TEST(PeArray, EnergyIsThatOfWhatItsLoopsMove) {
  const target::Chip chip = priced_chip();
  Work work = small_work();
  work.input_bits = 8;
  const Walked walked = walk(work, *chip.pe.array);
  const Cost cost = cost_of(work, chip);
  const double weights = 2 * 7.0 * 5 * 6;  // bytes, in two runs
  const double inputs = 2 * 5.0 * 8 * 11;
  const double outputs = 2 * 7.0 * 6 * 10;
  EXPECT_DOUBLE_EQ(cost.compute_pj, walked.macs * 0.5);
  EXPECT_DOUBLE_EQ(cost.counts.register_bytes, walked.macs);
  EXPECT_DOUBLE_EQ(cost.register_pj, walked.macs * 0.25);
  EXPECT_DOUBLE_EQ(cost.buffer_pj, walked.weight_reads * 2 + weights * 3 + walked.input_bytes * 5 +
                                       inputs * 7 + outputs * (11 + 13));
  EXPECT_DOUBLE_EQ(cost.counts.buffer_write_bytes, weights + inputs + outputs);
  EXPECT_DOUBLE_EQ(cost.dram_pj, (weights + inputs + outputs) * 100);
  EXPECT_EQ(cost.rebuild_pj, 0);
}

TEST(PeArray, RebuiltWeightsAreReadAsTheyAreStored) {
  const target::Chip chip = priced_chip();
  Work work = small_work();
  const Cost dense = cost_of(work, chip);
  work.rebuilt = true;
  const Cost cost = cost_of(work, chip);
  // Read in each of 18 strips, and written once.
  const double saved = dense.counts.weight_bytes - cost.counts.weight_bytes;
  EXPECT_NEAR(dense.buffer_pj - cost.buffer_pj, 2 * saved * (18 * 2 + 3), 1e-9);
  EXPECT_DOUBLE_EQ(cost.rebuild_pj, cost.counts.rebuilds * 3 * 0.125);
}

TEST(PeArray, DigitsThatAreNotZeroTakeCyclesAndEnergy) {
  const target::Chip chip = priced_chip();
  Work work = small_work();
  const Cost all = cost_of(work, chip);
  work.booth_density = 0.5;
  const Cost half = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(half.counts.cycles, all.counts.cycles / 2);
  EXPECT_DOUBLE_EQ(half.compute_pj, all.compute_pj / 2);
  EXPECT_DOUBLE_EQ(half.counts.done_macs, all.counts.done_macs);
  EXPECT_DOUBLE_EQ(half.buffer_pj, all.buffer_pj);
  work.booth_density = 0.1;  // a product takes a cycle at least
  EXPECT_DOUBLE_EQ(cost_of(work, chip).counts.cycles, all.counts.cycles / 4);
}

TEST(PeArray, LinesWaitForEnginesThatNeedLongerThanAProduct) {
  target::Chip chip = small_chip();
  Work work = small_work();
  work.rebuilt = true;
  const Cost enough = cost_of(work, chip);  // 3 shift-adds by two engines, 4 cycles a product
  chip.pe.array->rebuild_engines = 1;
  EXPECT_DOUBLE_EQ(cost_of(work, chip).counts.cycles, enough.counts.cycles);
  chip.pe.array->cycles_per_mac = 2;
  const Cost waits = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(waits.counts.cycles, enough.counts.cycles * 3 / 4);
  EXPECT_DOUBLE_EQ(waits.counts.utilisation, enough.counts.utilisation * 2 / 3);
  work.rebuilt = false;
  EXPECT_DOUBLE_EQ(cost_of(work, chip).counts.cycles, enough.counts.cycles / 2);
}

TEST(PeArray, RebuiltWeightsNeedAnEngine) {
  target::Chip chip = small_chip();
  chip.pe.array->rebuild_engines = 0;
  Work work = small_work();
  static_cast<void>(cost_of(work, chip));
  work.rebuilt = true;
  EXPECT_EQ(test::message_of<base::ConfigError>([&] { static_cast<void>(cost_of(work, chip)); }),
            "[chip smartdeal] weights to be rebuilt: got no rebuild engines, expected "
            "pe.array.rebuild_engines, one or more");
}

TEST(PeArray, ARunWaitsOnceForTheFirstByte) {
  target::Chip chip = target::read_chip("smartdeal");
  Work work;
  work.filters = work.channels = 4096;
  work.runs = 3;
  const double soon = cost_of(work, chip).time_ns;
  chip.dram->latency_ns = 50;
  EXPECT_DOUBLE_EQ(cost_of(work, chip).time_ns, soon + 3 * 50);
}

TEST(PeArray, FullArrayIsFullyUsed) {
  const target::Chip chip = target::read_chip("smartdeal");
  Work work;
  work.filters = 128;
  work.channels = 32;
  work.kernel_height = work.kernel_width = 3;
  work.in_height = work.in_width = 18;
  work.out_height = work.out_width = 16;
  const Cost cost = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(cost.counts.utilisation, 1);
  // 8192 bit-serial multipliers of 4 cycles.
  EXPECT_DOUBLE_EQ(cost.counts.macs / cost.counts.cycles, 2048);
}

TEST(PeArray, StoredBitsAreTheFormulaOfTheNotes) {
  // 4 d + 1/3 + 8 9 / (3 m0), m0 = 192 rows a slice: 64 channels of 3 x 3.
  Work work;
  work.channels = 64;
  work.kernel_height = work.kernel_width = 3;
  work.rebuilt = true;
  EXPECT_NEAR(bits_per_weight(work), 4 + 1.0 / 3 + 0.125, 1e-12);
  work.row_density = 0.1;
  EXPECT_NEAR(bits_per_weight(work), 0.4 + 1.0 / 3 + 0.125, 1e-12);
  work.rebuilt = false;
  EXPECT_EQ(bits_per_weight(work), 8);
}

TEST(PeArray, RebuildingAWeightTakesThreeShiftAdds) {
  const target::Chip chip = small_chip();
  Work work = small_work();
  work.rebuilt = true;
  const Cost cost = cost_of(work, chip);
  EXPECT_NEAR(cost.rebuild_pj / cost.counts.rebuilds, 0.057, 1e-12);
  // Once for every strip of outputs: 2 runs, 6 rows, 3 strips.
  EXPECT_DOUBLE_EQ(cost.counts.rebuilds, 2.0 * 6 * 3 * 7 * 5 * 6);
}

TEST(PeArray, SizeOfTheBasisCounts) {
  // 5 channels of 3 x 2 in rows of 2: 15 rows of 2 coefficients of 4 bits and a bit each, a basis
  // of 2 x 2 bytes: (15 x 9 + 32) / 30 bits a weight, and two shift-adds each.
  Work work = small_work();
  work.rebuilt = true;
  work.basis_size = 2;
  EXPECT_DOUBLE_EQ(bits_per_weight(work), 167.0 / 30);
  const Cost cost = cost_of(work, small_chip());
  EXPECT_NEAR(cost.rebuild_pj / cost.counts.rebuilds, 2 * 0.019, 1e-12);
  work.basis_size = 4;
  EXPECT_EQ(
      test::message_of<base::ConfigError>([&] { static_cast<void>(cost_of(work, small_chip())); }),
      "[chip smartdeal] side of a basis: got 4, expected at most 3; pe.array.basis_size says "
      "what a rebuild engine holds");
}

TEST(PeArray, AStripReadsNoMoreThanItsWindowsCover) {
  // 4 outputs of stride 2 under 3 taps cover 3 x 2 + 3 = 9 inputs of a row, 3 rows, once.
  Work work;
  work.kernel_height = work.kernel_width = 3;
  work.stride = 2;
  work.in_height = 3;
  work.in_width = 9;
  work.out_height = 1;
  work.out_width = 4;
  // With 9 weights and 4 results.
  EXPECT_DOUBLE_EQ(cost_of(work, small_chip()).counts.buffer_read_bytes, 3.0 * 9 + 9 + 4);
}

TEST(PeArray, SkippedRowsTakeNeitherCyclesNorMacs) {
  const target::Chip chip = small_chip();
  Work work = small_work();
  work.rebuilt = true;
  const Cost all = cost_of(work, chip);
  work.row_density = 0.25;
  work.zero_inputs = 0.5;
  const Cost some = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(some.counts.cycles, all.counts.cycles / 8);
  EXPECT_DOUBLE_EQ(some.counts.done_macs, all.counts.done_macs / 8);
  EXPECT_LT(some.counts.dram_bytes, all.counts.dram_bytes);
}

TEST(PeArray, InputsThatDoNotFitComeOnceForEveryGroupOfFilters) {
  const target::Chip chip = target::read_chip("smartdeal");
  Work work;
  work.filters = 128;  // two groups of 64
  work.channels = 64;
  work.in_height = work.in_width = 224;  // 3.2 MB, more than 512 KB
  work.out_height = work.out_width = 224;
  EXPECT_DOUBLE_EQ(cost_of(work, chip).counts.dram_bytes,
                   128.0 * 64 + 2 * 64.0 * 224 * 224 + 128.0 * 224 * 224);
}

TEST(PeArray, DramIsTheLimitOfFullConnections) {
  const target::Chip chip = target::read_chip("smartdeal");
  Work work;
  work.filters = 4096;
  work.channels = 4096;
  const Cost cost = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(cost.time_ns, cost.counts.dram_bytes / 25.6);
}

TEST(PeArray, DepthwiseKernelsTakeASliceEach) {
  const target::Chip chip = small_chip();
  Work work;
  work.groups = 7;
  work.kernel_height = work.kernel_width = 3;
  work.in_height = work.in_width = 6;
  work.out_height = work.out_width = 4;
  const Cost cost = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(cost.counts.cycles, 3.0 * 4 * 9 * 4);  // 3 passes, 4 rows of one strip
  EXPECT_DOUBLE_EQ(cost.counts.macs, 7.0 * 9 * 16);
}

TEST(PeArray, FiltersOfOneChannelShareItsInputs) {
  // A picture of one channel, no group: the counts of the loops, like those of more channels.
  const target::Chip chip = small_chip();
  Work work = small_work();
  work.channels = 1;
  const Walked walked = walk(work, *chip.pe.array);
  const Cost cost = cost_of(work, chip);
  EXPECT_DOUBLE_EQ(cost.counts.cycles, walked.cycles);
  EXPECT_DOUBLE_EQ(cost.counts.buffer_read_bytes,
                   walked.input_bytes + walked.weight_reads + 2.0 * 7 * 6 * 10);
}

TEST(PeArray, ChipOfCrossbarsIsRefused) {
  EXPECT_EQ(test::message_of<base::ConfigError>(
                [] { static_cast<void>(cost_of({}, target::read_chip("isaac"))); }),
            "[chip isaac] processing elements: got crossbars, expected a digital array");
}

}  // namespace
}  // namespace sheaf::sim::pe_array
