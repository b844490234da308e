// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/flow.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/sim/crossbar/exact.h"
#include "tests/message_of.h"
#include "tests/sim/crossbar/naive.h"

namespace sheaf::test {
namespace {

using sim::crossbar::Conversions;
using sim::crossbar::ExactProduct;
using sim::crossbar::Format;
using sim::crossbar::ProductFlow;
using sim::crossbar::trace_product;
using sim::crossbar::WeightEncoding;

// Weights [[3, -2], [1, 7]] by row, 4 bits of 1-bit cells, inputs 2 and 5 of 3 bits.
Format small_format() {
  Format format;
  format.weight_bits = 4;
  format.input_bits = 3;
  format.cell_bits = 1;
  format.rows = format.parallel_rows = 2;
  format.adc_bits = 2;
  return format;
}

TEST(ProductFlow, OfAnOffsetCanBeFollowedByHand) {
  Format format = small_format();
  format.encoding = WeightEncoding::offset;
  const std::vector<std::int32_t> weights = {3, -2, 1, 7};
  const std::vector<std::int32_t> x = {2, 5};
  const ProductFlow flow = trace_product(format, weights, 2, x);
  // 3 + 8 = 1011, -2 + 8 = 0110; 1 + 8 = 1001, 7 + 8 = 1111.
  EXPECT_EQ(flow.cells,
            (std::vector<std::int32_t>{1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1}));
  EXPECT_EQ(flow.digits, (std::vector<std::uint32_t>{0, 1, 1, 0, 0, 1}));
  EXPECT_EQ(flow.reading(0, 0, 0).sum, 1);
  EXPECT_EQ(flow.reading(0, 2, 0).adds, 1 * 8 * 4);
  EXPECT_EQ(flow.digital, (std::vector<std::int64_t>{-8 * 7, -8 * 7}));
  EXPECT_EQ(flow.y, (std::vector<std::int64_t>{2 * 3 + 5 * 1, 2 * -2 + 5 * 7}));
}

TEST(ProductFlow, IsTheExactProductForRandomFormats) {
  constexpr WeightEncoding kEncodings[] = {WeightEncoding::differential, WeightEncoding::offset,
                                           WeightEncoding::sign_magnitude,
                                           WeightEncoding::polarised};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    base::Rng rng(seed);
    Format format;
    format.encoding = kEncodings[rng.below(4)];
    format.flipped = format.encoding == WeightEncoding::offset && rng.below(2) == 1;
    format.weight_bits = 2 + rng.below(15);
    format.input_bits = 1 + rng.below(16);
    format.signed_inputs = rng.below(2) == 1;
    format.cell_bits = 1 + rng.below(8);
    format.dac_bits = 1 + rng.below(4);
    format.rows = 1 + rng.below(12);
    format.parallel_rows = 1 + rng.below(format.rows);
    format.adc_bits = 1 + rng.below(10);
    const std::uint32_t outputs = 1 + rng.below(3);
    const std::size_t inputs = 1 + rng.below(20);
    const std::int32_t half = 1 << (format.weight_bits - 1);
    const bool one_sign = format.encoding == WeightEncoding::polarised;
    const auto weights = random_integers(inputs * outputs, 1 - half, one_sign ? 0 : half - 1, seed);
    const std::int32_t all = 1 << format.input_bits;
    const auto x = random_integers(inputs, format.signed_inputs ? -all / 2 : 0,
                                   format.signed_inputs ? all / 2 - 1 : all - 1, seed + 1);
    const ProductFlow flow = trace_product(format, weights, outputs, x);
    std::vector<std::int64_t> y(outputs);
    const Conversions counts = ExactProduct(format, weights, outputs).multiply(x, y);
    EXPECT_EQ(flow.y, y) << seed;
    EXPECT_EQ(flow.product, integer_product(weights, outputs, x)) << seed;
    EXPECT_EQ(flow.readings.size(), counts.conversions) << seed;
    EXPECT_EQ(flow.saturated(), counts.saturated) << seed;
  }
}

TEST(ProductFlow, RefusesAnInputThatIsOutOfRange) {
  const std::vector<std::int32_t> weights = {1, 2};
  const std::vector<std::int32_t> x = {1, 8};
  EXPECT_EQ(
      message_of<base::UsageError>([&] { (void)trace_product(small_format(), weights, 1, x); }),
      "[inputs] out of the format's range: got 8, expected 0 to 7");
}

}  // namespace
}  // namespace sheaf::test
