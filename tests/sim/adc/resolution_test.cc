// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/resolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sheaf/sim/adc/margin.h"

namespace sheaf::test {
namespace {

using sim::adc::ColumnBits;
using sim::adc::leakage_margin;
using sim::adc::lossless_bits;
using sim::adc::most_nonzeros;

TEST(Resolution, LosslessBitsOfTwoBitCells) {
  const std::vector<std::pair<int, std::uint32_t>> table = {{128, 9}, {64, 8}, {32, 7}, {16, 6},
                                                            {8, 5},   {4, 4},  {2, 3},  {1, 2}};
  for (const auto& [nonzeros, bits] : table) {
    EXPECT_EQ(lossless_bits(nonzeros, {2, 1}), bits) << nonzeros;
    EXPECT_EQ(sim::adc::lossless_signed_bits(nonzeros, {2, 1}), bits + 1) << nonzeros;
    EXPECT_EQ(sim::adc::flipped_bits(nonzeros, {2, 1}), bits - 1) << nonzeros;
  }
}

TEST(Resolution, MostNonzerosPerConverter) {
  struct Line {
    std::uint32_t bits;
    std::uint64_t w1v1, w2v1, w4v1, w2v2;
  };
  const std::vector<Line> table = {{4, 15, 5, 1, 1},     {5, 31, 10, 2, 3},
                                   {6, 63, 21, 4, 7},    {7, 127, 42, 8, 14},
                                   {8, 255, 85, 17, 28}, {9, 511, 170, 34, 56}};
  for (const Line& line : table) {
    EXPECT_EQ(most_nonzeros(line.bits, {1, 1}), line.w1v1);
    EXPECT_EQ(most_nonzeros(line.bits, {2, 1}), line.w2v1);
    EXPECT_EQ(most_nonzeros(line.bits, {4, 1}), line.w4v1);
    EXPECT_EQ(most_nonzeros(line.bits, {2, 2}), line.w2v2);
  }
  EXPECT_EQ(most_nonzeros(1, {2, 1}), 0);
}

TEST(Resolution, MostNonzerosIsTheInverse) {
  for (std::uint32_t w = 1; w <= 4; ++w) {
    for (std::uint32_t v = 1; v <= 4; ++v) {
      const ColumnBits column{w, v};
      for (std::uint32_t bits = w + v; bits <= 20; ++bits) {
        const std::uint64_t most = most_nonzeros(bits, column);
        EXPECT_LE(lossless_bits(most, column), bits);
        EXPECT_GT(lossless_bits(most + 1, column), bits);
      }
    }
  }
}

TEST(Resolution, AgreesWithIsaacForPowersOfTwo) {
  for (std::uint32_t w = 1; w <= 4; ++w) {
    for (const std::uint32_t v : {1U, 2U, 4U, 8U}) {
      for (std::uint64_t rows = 1; rows <= 256; rows *= 2) {
        EXPECT_EQ(lossless_bits(rows, {w, v}), sim::adc::isaac_bits(rows, {w, v}))
            << rows << " " << w << " " << v;
      }
    }
  }
}

// NeuroSim's default ratio of 17 leaks as much as 7.5 cells that conduct in full.
TEST(LeakageMargin, OneHundredAndTwentyEightRowsAtSeventeenLeakSevenAndAHalfCells) {
  const sim::adc::LeakageMargin margin = leakage_margin(128, {1, 1}, 17);
  EXPECT_NEAR(margin.leak_on_cells, 7.53, 0.005);
  EXPECT_DOUBLE_EQ(margin.leak_lsb, 8);
  EXPECT_FALSE(margin.rounds_away);
  EXPECT_DOUBLE_EQ(margin.least_on_off_ratio, 257);
  EXPECT_EQ(margin.most_rows, 7);
}

TEST(LeakageMargin, TheLeastRatioIsTheBorder) {
  const double least = leakage_margin(128, {2, 1}, 17).least_on_off_ratio;
  EXPECT_DOUBLE_EQ(least, 769);
  EXPECT_FALSE(leakage_margin(128, {2, 1}, least).rounds_away);
  EXPECT_TRUE(leakage_margin(128, {2, 1}, least * 1.001).rounds_away);
  EXPECT_EQ(leakage_margin(128, {2, 1}, least).most_rows, 127);
}

TEST(LeakageMargin, NothingLeaksAtAnInfiniteRatio) {
  const sim::adc::LeakageMargin margin = leakage_margin(128, {2, 1}, HUGE_VAL);
  EXPECT_EQ(margin.leak_lsb, 0);
  EXPECT_EQ(margin.leak_on_cells, 0);
  EXPECT_TRUE(margin.rounds_away);
}

TEST(Resolution, NeededBitsFollowFromHowWeightsAreStored) {
  using target::ColumnEncoding;
  using target::WeightEncoding;
  struct Case {
    WeightEncoding encoding;
    ColumnEncoding columns;
    std::uint32_t any;   // 128 rows of 2-bit cells: sums up to 384
    std::uint32_t five;  // at most five non-zeros: 15
  };
  for (const Case& c : {Case{WeightEncoding::differential, ColumnEncoding::plain, 9, 4},
                        Case{WeightEncoding::polarised, ColumnEncoding::plain, 9, 4},
                        // A sign besides.
                        Case{WeightEncoding::sign_magnitude, ColumnEncoding::plain, 10, 5},
                        // A weight of 0 conducts like others.
                        Case{WeightEncoding::offset, ColumnEncoding::plain, 9, 9},
                        Case{WeightEncoding::offset, ColumnEncoding::flipped, 8, 8}}) {
    const target::Mapping mapping{.encoding = c.encoding, .columns = c.columns};
    EXPECT_EQ(sim::adc::needed_bits(mapping, {2, 1}, 128, 0), c.any);
    EXPECT_EQ(sim::adc::needed_bits(mapping, {2, 1}, 128, 5), c.five);
    EXPECT_EQ(sim::adc::needed_bits(mapping, {2, 1}, 128, 500), c.any);
  }
}

}  // namespace
}  // namespace sheaf::test
