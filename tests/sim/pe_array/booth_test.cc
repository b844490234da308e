// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/pe_array/booth.h"

#include <gtest/gtest.h>

#include <vector>

#include "sheaf/base/rng.h"

namespace sheaf::sim::pe_array {
namespace {

TEST(Booth, DigitsAddUpToEveryNumber) {
  for (std::uint32_t bits = 2; bits <= 10; ++bits) {
    const std::int32_t half = 1 << (bits - 1);
    for (std::int32_t number = -half; number < half; ++number) {
      std::int32_t sum = 0;
      for (std::uint32_t t = 0; t < booth_digits(bits); ++t) {
        const std::int32_t digit = booth_digit(number, t);
        EXPECT_LE(std::abs(digit), 2);
        sum += digit * (1 << (2 * t));
      }
      EXPECT_EQ(sum, number) << bits;
    }
  }
}

TEST(Booth, EightBitsAreFourDigits) {
  EXPECT_EQ(booth_digits(8), 4U);
  // 7 = 2 * 4 - 1.
  EXPECT_EQ(booth_digit(7, 0), -1);
  EXPECT_EQ(booth_digit(7, 1), 2);
  EXPECT_EQ(booth_digit(7, 2), 0);
}

TEST(Booth, ProductsAreThoseOfIntegers) {
  base::Rng rng(1);
  std::vector<std::int16_t> weights(5 * 9);
  std::vector<std::int32_t> x(9);
  for (auto& weight : weights) weight = static_cast<std::int16_t>(rng.below(255)) - 127;
  for (auto& input : x) input = static_cast<std::int32_t>(rng.below(256)) - 128;
  x[3] = 0;
  std::vector<std::int64_t> sums(5);
  const BoothCounts counts = multiply(weights, x, 8, sums);
  for (std::size_t o = 0; o < 5; ++o) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < 9; ++i) sum += std::int64_t{weights[o * 9 + i]} * x[i];
    EXPECT_EQ(sums[o], sum);
  }
  EXPECT_EQ(counts.digits, 9U * 4);
  EXPECT_LE(counts.nonzero, 8U * 4);
}

}  // namespace
}  // namespace sheaf::sim::pe_array
