// SPDX-License-Identifier: Apache-2.0
#include "sheaf/tensor/quantisation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "tests/message_of.h"

namespace sheaf::tensor {
namespace {

Tensor matrix(Shape shape, const std::vector<float>& values) {
  Tensor tensor(shape);
  std::copy(values.begin(), values.end(), tensor.values().begin());
  return tensor;
}

std::vector<float> values_of(const Tensor& tensor) {
  return {tensor.values().begin(), tensor.values().end()};
}

TEST(Bits, ComeBackFromTheirText) {
  for (const Bits bits : {Bits{8, 8}, Bits{2, 16}, Bits{16, 2}}) {
    EXPECT_EQ(parse_bits(to_string(bits), "here"), bits);
  }
  EXPECT_EQ(to_string(Bits{8, 6}), "8x6");
  EXPECT_EQ(parse_bits("5", "here"), (Bits{5, 5}));
}

TEST(Bits, MessageNamesWhatIsNoPairOfBits) {
  for (const char* text : {"", "x", "8x", "x8", "1x8", "8x17", "8x8x8", "eight", "-8", "8 x 8"}) {
    EXPECT_EQ(
        test::message_of<base::UsageError>([&] { static_cast<void>(parse_bits(text, "here")); }),
        std::string("[here] bits: got '") + text +
            "', expected INPUTSxWEIGHTS, each 2 to 16; for example 8x8");
  }
}

TEST(Quantise, RoundsHalvesToTheEvenInteger) {
  const std::vector<float> x = {0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -2.5F, 0.49F, 2.51F};
  const std::vector<std::int32_t> q = {0, 2, 2, 0, -2, -2, 0, 3};
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(quantise(x[i], 1, 127), q[i]) << x[i];
  EXPECT_EQ(quantise(1.25F, 0.5F, 127), 2);  // 2.5
}

TEST(Quantise, ClampsSymmetrically) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float x : {128.0F, 1e30F, infinity}) {
    EXPECT_EQ(quantise(x, 1, 127), 127);
    EXPECT_EQ(quantise(-x, 1, 127), -127);
  }
}

TEST(Quantise, MakesZeroOfWhatIsNotANumber) {
  EXPECT_EQ(quantise(std::numeric_limits<float>::quiet_NaN(), 1, 127), 0);
}

TEST(Quantise, OfBitsHasTheLargestMagnitude) {
  EXPECT_EQ(most_integer(2), 1);
  EXPECT_EQ(most_integer(8), 127);
  EXPECT_EQ(most_integer(16), 32767);
}

TEST(ScaleOf, IsOneWhereNothingCanBeDivided) {
  EXPECT_EQ(scale_of(127, 8), 1);
  EXPECT_EQ(scale_of(0, 8), 1);
  EXPECT_EQ(scale_of(1e-45F, 8), 1);
  EXPECT_EQ(scale_of(std::numeric_limits<float>::infinity(), 8), 1);
}

TEST(QuantiseRows, GivesEveryRowTheScaleOfItsLargestMagnitude) {
  const QuantisedRows rows = quantise_rows(matrix({2, 3}, {1, -2, 0.5F, 0, 0, 0}), kDense, 3);
  EXPECT_EQ(values_of(rows.scales), (std::vector<float>{2 / 3.0F, 1}));
  EXPECT_EQ(values_of(rows.integers), (std::vector<float>{2, -3, 1, 0, 0, 0}));
}

TEST(QuantiseRows, IsNeverFurtherAwayThanHalfAScale) {
  base::Rng rng(5, "weights");
  Tensor weights({8, 50});
  for (float& w : weights.values()) w = rng.uniform(-3, 3);
  for (std::uint32_t bits = kLeastBits; bits <= kMostBits; ++bits) {
    const QuantisedRows rows = quantise_rows(weights, kDense, bits);
    for (std::uint32_t i = 0; i < 8; ++i) {
      const float scale = rows.scales.values()[i];
      for (std::uint32_t j = 0; j < 50; ++j) {
        const float q = rows.integers.row(i)[j];
        EXPECT_EQ(q, std::nearbyint(q));
        EXPECT_LE(std::abs(q), static_cast<float>(most_integer(bits)));
        EXPECT_NEAR(q * scale, weights.row(i)[j], 0.505F * scale);
      }
    }
  }
}

TEST(QuantiseRows, KeepsBlocksCirculant) {
  // Two block rows of one block of 2: each has one scale for both of its rows.
  const QuantisedRows rows = quantise_rows(matrix({2, 2}, {1, -1, 4, 2}), block_circulant(2), 2);
  EXPECT_EQ(values_of(rows.scales), (std::vector<float>{1, 1, 4, 4}));
  EXPECT_EQ(values_of(rows.integers), (std::vector<float>{1, -1, 1, 0}));
}

TEST(LargestSum, IsThatOfTheHeaviestRow) {
  EXPECT_EQ(largest_sum(matrix({2, 3}, {1, -2, 3, -4, 5, -6}), 8), 15 * 127);
  EXPECT_EQ(largest_sum(matrix({1, 2}, {32767, -32767}), 16), 2LL * 32767 * 32767);
  EXPECT_LE(2LL * 32767 * 32767, kMostSum);
  EXPECT_GT(3LL * 32767 * 32767, kMostSum);
}

}  // namespace
}  // namespace sheaf::tensor
