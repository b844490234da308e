// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/exact.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <string>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/sim/crossbar/kernel.h"
#include "tests/message_of.h"
#include "tests/sim/crossbar/naive.h"

namespace sheaf::test {
namespace {

using sim::crossbar::Conversions;
using sim::crossbar::ExactProduct;
using sim::crossbar::Format;
using sim::crossbar::WeightEncoding;

struct Numbers {
  std::vector<std::int32_t> weights;
  std::vector<std::int32_t> inputs;
};

// Of a matrix [rows x outputs] and some vectors, in the format's ranges.
Numbers random_numbers(const Format& format, std::size_t rows, std::size_t outputs,
                       std::size_t vectors, std::uint64_t seed) {
  const std::int32_t half = 1 << (format.weight_bits - 1);
  const bool offset = format.encoding == WeightEncoding::offset;
  const std::int32_t all = 1 << format.input_bits;
  Numbers numbers{random_integers(rows * outputs, offset ? -half : 1 - half, half - 1, seed),
                  random_integers(vectors * rows, format.signed_inputs ? -all / 2 : 0,
                                  format.signed_inputs ? all / 2 - 1 : all - 1, seed + 1)};
  if (format.encoding == WeightEncoding::polarised) {
    for (std::size_t i = 0; i < numbers.weights.size(); ++i) {
      const std::size_t row = i / outputs;
      const std::size_t in_crossbar = row % format.rows;
      const bool negative =
          (row / format.rows + in_crossbar / format.parallel_rows + i % outputs) % 2;
      numbers.weights[i] = (negative ? -1 : 1) * std::abs(numbers.weights[i]);
    }
  }
  return numbers;
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names = {"auto", "scalar"};
  if (sim::crossbar::avx2_kernels() != nullptr) names.push_back("avx2");
  if (sim::crossbar::avx512_kernels() != nullptr) names.push_back("avx512");
  return names;
}

void expect_naive(const Format& format, std::size_t rows, std::size_t outputs, std::uint64_t seed) {
  const Numbers numbers = random_numbers(format, rows, outputs, 3, seed);
  const NaiveProduct naive = naive_product(format, numbers.weights, outputs, numbers.inputs);
  const ExactProduct product(format, numbers.weights, static_cast<std::uint32_t>(outputs));
  for (const std::string& isa : instruction_sets()) {
    std::vector<std::int64_t> y(naive.y.size());
    const Conversions counts = product.multiply(numbers.inputs, y, {.isa = isa});
    EXPECT_EQ(y, naive.y) << isa << " seed " << seed;
    EXPECT_EQ(counts.saturated, naive.saturated) << isa << " seed " << seed;
    EXPECT_EQ(counts.conversions, naive.conversions) << isa << " seed " << seed;
  }
}

constexpr WeightEncoding kEncodings[] = {WeightEncoding::differential, WeightEncoding::offset,
                                         WeightEncoding::sign_magnitude, WeightEncoding::polarised};

TEST(ExactProduct, IsTheNaiveLoopForEveryEncodingAndConverter) {
  std::uint64_t seed = 1;
  for (const WeightEncoding encoding : kEncodings) {
    for (const std::uint32_t adc_bits : {2U, 5U, 7U, 10U}) {
      Format format;
      format.encoding = encoding;
      format.rows = 24;
      format.parallel_rows = 16;
      format.adc_bits = adc_bits;
      expect_naive(format, 29, 3, seed++);
    }
  }
}

TEST(ExactProduct, IsTheNaiveLoopForRandomFormats) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    base::Rng rng(seed);
    Format format;
    format.encoding = kEncodings[rng.below(4)];
    format.weight_bits = 2 + rng.below(15);
    format.input_bits = 1 + rng.below(16);
    format.signed_inputs = rng.below(2) == 1;
    format.cell_bits = 1 + rng.below(8);
    format.dac_bits = 1 + rng.below(8);
    format.rows = 1 + rng.below(20);
    format.parallel_rows = 1 + rng.below(format.rows);
    format.adc_bits = 1 + rng.below(20);
    expect_naive(format, 1 + rng.below(30), 1 + rng.below(4), seed);
  }
}

TEST(ExactProduct, FlippedColumnsAreTheNaiveLoop) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    base::Rng rng(seed);
    Format format;
    format.encoding = WeightEncoding::offset;
    format.flipped = true;
    format.weight_bits = 2 + rng.below(15);
    format.input_bits = 1 + rng.below(16);
    format.signed_inputs = rng.below(2) == 1;
    format.cell_bits = 1 + rng.below(8);
    format.dac_bits = 1 + rng.below(seed % 2 == 0 ? 1 : 8);
    format.rows = 1 + rng.below(40);
    format.parallel_rows = 1 + rng.below(format.rows);
    format.adc_bits = 1 + rng.below(8);
    expect_naive(format, 1 + rng.below(60), 1 + rng.below(70), seed);
  }
}

// ISAAC's reason for them: 128 cells of 2 bits add up to 384, but 8 bits lose nothing.
TEST(ExactProduct, FlippedColumnsSaveOneBit) {
  Format format;
  format.encoding = WeightEncoding::offset;
  const std::vector<std::int32_t> weights(128, 127);
  const std::vector<std::int32_t> inputs(128, 255);
  std::vector<std::int64_t> y(1);
  EXPECT_GT(ExactProduct(format, weights, 1).multiply(inputs, y).saturated, 0);
  EXPECT_NE(y[0], 128 * 127 * 255);
  format.flipped = true;
  EXPECT_EQ(ExactProduct(format, weights, 1).multiply(inputs, y).saturated, 0);
  EXPECT_EQ(y[0], 128 * 127 * 255);
}

TEST(ExactProduct, FlippedColumnsNeedAnOffset) {
  Format format;
  format.flipped = true;
  EXPECT_EQ(
      message_of<base::UsageError>([&] { ExactProduct(format, std::vector<std::int32_t>(4), 2); }),
      "[flipped] columns of this encoding are not stored upside down: got differential, "
      "expected offset");
}

TEST(ExactProduct, IsTheIntegerProductWhenNothingSaturates) {
  for (const WeightEncoding encoding : kEncodings) {
    Format format;
    format.encoding = encoding;
    format.adc_bits = 10;
    const Numbers numbers = random_numbers(format, 300, 70, 4, 7);
    const ExactProduct product(format, numbers.weights, 70);
    std::vector<std::int64_t> y(4 * 70);
    const Conversions counts = product.multiply(numbers.inputs, y);
    EXPECT_EQ(y, integer_product(numbers.weights, 70, numbers.inputs));
    EXPECT_EQ(counts.saturated, 0);
  }
}

// Copy s of a vector, rotated by s, under inputs that rotate: column s reads y[t + s] at step t.
TEST(ExactProduct, RotatingInputsMakeACirculantProduct) {
  const std::vector<std::int32_t> w = {1, 2, 3, 4};
  const std::vector<std::int32_t> x = {5, 6, 7, 8};
  Format format;
  format.weight_bits = 4;
  format.input_bits = 4;
  for (const std::size_t copies : {1U, 2U, 4U}) {
    std::vector<std::int32_t> cells(4 * copies);
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = w[(i / copies + i % copies) % 4];
    if (copies == 2) {
      EXPECT_EQ(cells, (std::vector<std::int32_t>{1, 2, 2, 3, 3, 4, 4, 1}));
    }
    const ExactProduct product(format, cells, static_cast<std::uint32_t>(copies));
    std::vector<std::int64_t> y(4);
    for (std::size_t t = 0; t < 4; t += copies) {
      std::vector<std::int32_t> rotated(4);
      for (std::size_t d = 0; d < 4; ++d) rotated[d] = x[(t + 4 - d) % 4];
      product.multiply(rotated, std::span(y).subspan(t, copies));
    }
    EXPECT_EQ(y, (std::vector<std::int64_t>{66, 68, 66, 60})) << copies;
  }
}

// 256 ones in a byte of counts would be none.
TEST(ExactProduct, CountsThousandsOfRows) {
  Format format;
  format.rows = format.parallel_rows = 2048;
  format.adc_bits = 13;
  const std::vector<std::int32_t> weights(2048, 127);
  const std::vector<std::int32_t> inputs(2048, 255);
  const ExactProduct product(format, weights, 1);
  EXPECT_TRUE(product.vectorised());
  for (const std::string& isa : instruction_sets()) {
    std::vector<std::int64_t> y(1);
    product.multiply(inputs, y, {.isa = isa});
    EXPECT_EQ(y[0], 2048LL * 127 * 255) << isa;
  }
}

TEST(ExactProduct, DoesNotDependOnThreadsOrBatch) {
  Format format;
  format.rows = format.parallel_rows = 32;
  format.adc_bits = 5;
  const std::size_t vectors = 70;
  const Numbers numbers = random_numbers(format, 40, 66, vectors, 3);
  const ExactProduct product(format, numbers.weights, 66);
  std::vector<std::int64_t> alone(vectors * 66);
  Conversions sum;
  for (std::size_t v = 0; v < vectors; ++v) {
    const Conversions one = product.multiply(std::span(numbers.inputs).subspan(v * 40, 40),
                                             std::span(alone).subspan(v * 66, 66));
    sum.reads += one.reads;
    sum.conversions += one.conversions;
    sum.saturated += one.saturated;
  }
  base::ThreadPool pool(3);
  std::vector<std::int64_t> together(vectors * 66);
  EXPECT_EQ(product.multiply(numbers.inputs, together, {.pool = &pool}), sum);
  EXPECT_EQ(together, alone);
  EXPECT_GT(sum.saturated, 0);
}

// 8 bits of input, 4 slices of 2 polarities, 3 groups of rows (24 + 24 + 16), 5 outputs.
TEST(ExactProduct, CountsReadsAndConversions) {
  Format format;
  format.rows = 48;
  format.parallel_rows = 24;
  const std::vector<std::int32_t> weights(64 * 5, 1);
  const ExactProduct product(format, weights, 5);
  EXPECT_EQ(product.conversions(2),
            (Conversions{.reads = 2 * 3 * 8, .conversions = 2 * 3 * 8 * 8 * 5, .saturated = 0}));
}

TEST(ExactProduct, RefusesWhatIsOutOfRange) {
  const auto message = [](const Format& format, const std::vector<std::int32_t>& weights,
                          const std::vector<std::int32_t>& inputs) -> std::string {
    return message_of<base::UsageError>([&] {
      const ExactProduct product(format, weights, 1);
      std::vector<std::int64_t> y(1);
      product.multiply(inputs, y);
    });
  };
  Format format;
  EXPECT_EQ(message(format, {-128}, {0}),
            "[weights] out of the format's range: got -128, expected -127 to 127");
  EXPECT_EQ(message(format, {1}, {256}),
            "[inputs] out of the format's range: got 256, expected 0 to 255");
  EXPECT_EQ(message(format, {1, 2}, {1}), "[inputs] wrong number of values: got 1, expected 0");
  EXPECT_EQ(message(format, {}, {}), "[outputs] wrong number of values: got 0, expected 1");
  format.cell_bits = 9;
  EXPECT_EQ(message(format, {1}, {1}), "[cell_bits] out of range: got 9, expected 1 to 8");
  format.cell_bits = 2;
  format.encoding = WeightEncoding::polarised;
  EXPECT_EQ(
      message(format, {1, -1}, {1, 1}),
      "[encoding] polarised columns have one sign among the rows of a read: got both signs in "
      "rows 0 to 1 of output 0; polarise the weights, or take encoding differential");
}

TEST(ExactProduct, RefusesUnknownInstructionSets) {
  const std::vector<std::int32_t> one = {1};
  const ExactProduct product(Format{}, one, 1);
  std::vector<std::int64_t> y(1);
  EXPECT_EQ(message_of<base::UsageError>([&] { product.multiply(one, y, {.isa = "avx51"}); }),
            "[isa] unknown instruction set: got 'avx51'; did you mean 'avx512'?");
}

// AVX-512 without BITALG: Skylake and Cascade Lake.
TEST(Kernels, TheNextLowerSetStandsInForOneThatTheProcessorLacks) {
  using sim::crossbar::best_kernels;
  EXPECT_EQ(&best_kernels("auto"), &sim::crossbar::select_kernels("auto"));
  EXPECT_EQ(best_kernels("reference").name, "scalar");
  hwy::DisableTargets(HWY_AVX3_DL);
  const std::string without_bitalg(best_kernels("avx512").name);
  const std::string refusal =
      message_of<base::UnsupportedError>([] { (void)sim::crossbar::select_kernels("avx512"); });
  hwy::DisableTargets(HWY_AVX3_DL | HWY_AVX2);
  const std::string without_both(best_kernels("avx512").name);
  hwy::DisableTargets(0);
  EXPECT_EQ(without_bitalg, sim::crossbar::avx2_kernels() != nullptr ? "avx2" : "scalar");
  EXPECT_EQ(without_both, "scalar");
  EXPECT_EQ(refusal, "[isa] this processor lacks the instructions: got 'avx512'");
}

}  // namespace
}  // namespace sheaf::test
