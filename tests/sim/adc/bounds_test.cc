// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/sim/adc/resolution.h"
#include "sheaf/sim/crossbar/exact.h"
#include "tests/message_of.h"

namespace sheaf::test {
namespace {

using sim::adc::Bounds;
using sim::adc::find_bounds;
using sim::crossbar::ExactProduct;
using sim::crossbar::Format;
using sim::crossbar::WeightEncoding;

// At most `nonzeros` of each column of each `rows` rows are not 0.
std::vector<std::int32_t> column_proportional(std::size_t inputs, std::size_t outputs,
                                              std::size_t rows, std::size_t nonzeros,
                                              base::Rng& rng) {
  std::vector<std::int32_t> weights(inputs * outputs);
  for (std::size_t first = 0; first < inputs; first += rows) {
    const auto count = static_cast<std::uint32_t>(std::min(rows, inputs - first));
    for (std::size_t o = 0; o < outputs; ++o) {
      for (std::size_t i = 0; i < nonzeros; ++i) {
        weights[(first + rng.below(count)) * outputs + o] =
            static_cast<std::int32_t>(rng.below(255)) - 127;
      }
    }
  }
  return weights;
}

std::vector<std::int32_t> random_inputs(std::size_t count, base::Rng& rng) {
  std::vector<std::int32_t> inputs(count);
  for (std::int32_t& x : inputs) x = static_cast<std::int32_t>(rng.below(256));
  return inputs;
}

TEST(Bounds, NoColumnProportionalNetworkSaturatesAtItsBits) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    base::Rng rng(seed);
    Format format;
    format.encoding = seed % 2 == 0 ? WeightEncoding::differential : WeightEncoding::sign_magnitude;
    format.rows = format.parallel_rows = 16 + rng.below(48);
    format.cell_bits = 1 + rng.below(4);
    format.dac_bits = 1 + rng.below(2);
    const std::uint32_t nonzeros = 1 + rng.below(16);
    const bool sign = format.encoding == WeightEncoding::sign_magnitude;
    format.adc_bits =
        sim::adc::lossless_bits(nonzeros, {format.cell_bits, format.dac_bits}) + (sign ? 1 : 0);
    const auto weights = column_proportional(100, 12, format.rows, nonzeros, rng);
    auto inputs = random_inputs(100 * 3, rng);
    std::fill_n(inputs.begin(), 100, 255);  // the worst of all
    std::vector<std::int64_t> y(12 * 3);
    EXPECT_EQ(ExactProduct(format, weights, 12).multiply(inputs, y).saturated, 0) << seed;
  }
}

TEST(Bounds, TheWorstInputSaturatesWithOneBitLess) {
  for (const std::uint32_t nonzeros : {1U, 5U, 8U, 10U, 21U, 32U}) {
    Format format;
    format.adc_bits = sim::adc::lossless_bits(nonzeros, {2, 1}) - 1;
    std::vector<std::int32_t> weights(128);
    std::fill_n(weights.begin(), nonzeros, 127);
    const std::vector<std::int32_t> inputs(128, 255);
    std::vector<std::int64_t> y(1);
    EXPECT_GT(ExactProduct(format, weights, 1).multiply(inputs, y).saturated, 0) << nonzeros;
    ++format.adc_bits;
    EXPECT_EQ(ExactProduct(format, weights, 1).multiply(inputs, y).saturated, 0) << nonzeros;
    EXPECT_EQ(y[0], std::int64_t{127} * 255 * nonzeros);
  }
}

TEST(Bounds, ObservedNeverExceedsWeightsAndWeightsNeverCount) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    base::Rng rng(seed);
    Format format;
    format.encoding = seed % 2 == 0 ? WeightEncoding::differential : WeightEncoding::sign_magnitude;
    format.rows = format.parallel_rows = 32;
    const auto weights = column_proportional(64, 6, 32, 9, rng);
    const Bounds bounds = find_bounds(format, weights, 6, random_inputs(64 * 4, rng));
    EXPECT_LE(bounds.nonzeros, 9) << seed;
    EXPECT_LE(bounds.observed, bounds.weights) << seed;
    EXPECT_LE(bounds.weights, bounds.count) << seed;
    EXPECT_EQ(bounds.slices.size(), 4);
  }
}

// The share of saturated sums is what the product counts.
TEST(Bounds, SaturationIsThatOfTheProduct) {
  base::Rng rng(5);
  Format format;
  format.rows = format.parallel_rows = 32;
  format.adc_bits = 4;
  const auto weights = column_proportional(64, 6, 32, 20, rng);
  const auto inputs = random_inputs(64 * 4, rng);
  const Bounds bounds = find_bounds(format, weights, 6, inputs);
  std::vector<std::int64_t> y(6 * 4);
  const auto counts = ExactProduct(format, weights, 6).multiply(inputs, y);
  double saturated = 0;
  for (const auto& slice : bounds.slices) saturated += saturation(slice, 4) / 4;
  EXPECT_GT(counts.saturated, 0);
  EXPECT_NEAR(saturated * static_cast<double>(counts.conversions),
              static_cast<double>(counts.saturated), 1e-6);
}

// 8-bit weights of a normal distribution, 128 rows: 8 bits where the count asks for 9, and 3 or 4
// in the highest slice.
TEST(Bounds, HighSlicesOfNormalWeightsNeedFewBits) {
  base::Rng rng(11);
  std::vector<std::int32_t> weights(128 * 64);
  for (std::int32_t& weight : weights) {
    const double radius = std::sqrt(-2 * std::log(1.0 - double{rng.uniform(0, 1)}));
    const double z = radius * std::cos(2 * std::numbers::pi * double{rng.uniform(0, 1)});
    weight = static_cast<std::int32_t>(std::clamp(std::round(z * 127 / 4), -127.0, 127.0));
  }
  const Bounds bounds = find_bounds(Format{}, weights, 64);
  EXPECT_EQ(sim::adc::lossless_bits(128, {2, 1}), 9);
  EXPECT_LE(bounds.weights, 8);
  EXPECT_GE(bounds.slices[3].weights, 1);
  EXPECT_LE(bounds.slices[3].weights, 4);
  EXPECT_EQ(bounds.observed, 0);
}

TEST(Bounds, OffsetStoresNonzerosForZeros) {
  Format format;
  format.encoding = WeightEncoding::offset;
  const std::vector<std::int32_t> zeros(128);
  EXPECT_EQ(find_bounds(format, zeros, 1).nonzeros, 128);
  EXPECT_EQ(find_bounds(Format{}, zeros, 1).nonzeros, 0);
}

TEST(Bounds, OffsetWithALimitOnNonzerosIsRefused) {
  using sim::adc::require_nonzeros_count;
  EXPECT_NO_THROW(require_nonzeros_count(WeightEncoding::offset, 128, 128));
  EXPECT_NO_THROW(require_nonzeros_count(WeightEncoding::polarised, 8, 128));
  EXPECT_EQ(
      message_of<base::UsageError>([] { require_nonzeros_count(WeightEncoding::offset, 8, 128); }),
      "[encoding] a limit on non-zeros saves no bits with offset encoding, which stores "
      "a weight of 0 as half of the range, so that every row conducts: got 8 non-zeros "
      "of 128 rows; take differential, sign_magnitude or polarised");
}

}  // namespace
}  // namespace sheaf::test
