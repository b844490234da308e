// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/analog.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "sheaf/base/error.h"
#include "tests/message_of.h"
#include "tests/sim/crossbar/naive.h"
#include "tests/sim/crossbar/nodal.h"

namespace sheaf::test {
namespace {

using sim::crossbar::AnalogOptions;
using sim::crossbar::AnalogProduct;
using sim::crossbar::Conversions;
using sim::crossbar::ExactProduct;
using sim::crossbar::Format;
using sim::crossbar::WeightEncoding;

constexpr std::uint32_t kInputs = 40;
constexpr std::uint32_t kOutputs = 6;
constexpr std::size_t kVectors = 3;

Format small_format() {
  Format format;
  format.rows = 32;
  format.parallel_rows = 16;
  format.adc_bits = 6;
  return format;
}

std::vector<std::int32_t> weights() { return random_integers(kInputs * kOutputs, -127, 127, 1); }
std::vector<std::int32_t> inputs() { return random_integers(kVectors * kInputs, 0, 255, 2); }

std::vector<std::int64_t> multiply(const Format& format, const AnalogOptions& options) {
  std::vector<std::int64_t> y(kVectors * kOutputs);
  AnalogProduct(format, options, weights(), kOutputs).multiply(inputs(), y);
  return y;
}

TEST(AnalogProduct, OfIdealCellsIsTheExactProduct) {
  struct Case {
    WeightEncoding encoding;
    bool flipped = false;
  };
  for (const auto& [encoding, flipped] :
       {Case{WeightEncoding::differential}, Case{WeightEncoding::offset},
        Case{WeightEncoding::offset, true}, Case{WeightEncoding::sign_magnitude},
        Case{WeightEncoding::polarised}}) {
    Format format = small_format();
    format.encoding = encoding;
    format.flipped = flipped;
    format.adc_bits = 5;
    format.signed_inputs = true;
    format.dac_bits = 2;
    auto w = weights();
    for (std::int32_t& weight : w) {
      if (encoding == WeightEncoding::polarised) weight = -std::abs(weight);
    }
    const auto x = random_integers(kVectors * kInputs, -128, 127, 2);
    std::vector<std::int64_t> exact(kVectors * kOutputs);
    std::vector<std::int64_t> analog(kVectors * kOutputs);
    const Conversions want = ExactProduct(format, w, kOutputs).multiply(x, exact);
    const Conversions got = AnalogProduct(format, {}, w, kOutputs).multiply(x, analog);
    EXPECT_EQ(analog, exact);
    EXPECT_EQ(got, want);
    EXPECT_GT(want.saturated, 0);
  }
}

TEST(AnalogProduct, DependsOnTheSeedAndNothingElse) {
  AnalogOptions options;
  options.cell.device = target::DeviceModel::lognormal;
  options.cell.variation_sigma = 0.1;
  options.cell.read_noise_sigma = 0.05;
  const Format format = small_format();
  const std::vector<std::int64_t> y = multiply(format, options);
  EXPECT_EQ(multiply(format, options), y);

  // One vector at a time, the last first, on two threads.
  base::ThreadPool pool(2);
  const AnalogProduct product(format, options, weights(), kOutputs, &pool);
  const auto x = inputs();
  for (std::size_t v = kVectors; v-- > 0;) {
    std::vector<std::int64_t> one(kOutputs);
    product.multiply(std::span(x).subspan(v * kInputs, kInputs), one, v, &pool);
    for (std::size_t o = 0; o < kOutputs; ++o) EXPECT_EQ(one[o], y[v * kOutputs + o]);
  }

  options.seed = 2;
  EXPECT_NE(multiply(format, options), y);
}

// A read's noise is its own: the same vector under another number reads differently.
TEST(AnalogProduct, EveryReadHasNoiseOfItsOwn) {
  AnalogOptions options;
  options.cell.read_noise_sigma = 0.2;
  const AnalogProduct product(small_format(), options, weights(), kOutputs);
  const auto x = inputs();
  std::vector<std::int64_t> first(kOutputs);
  std::vector<std::int64_t> second(kOutputs);
  product.multiply(std::span(x).first(kInputs), first, 0);
  product.multiply(std::span(x).first(kInputs), second, 1);
  EXPECT_NE(first, second);
}

// A column of cells whose levels and digits differ, read ten thousand times: the variance of its
// sum is that of sum over rows of (digit sigma G)^2, and a converter's rounding adds 1/12.
void expect_noise(const AnalogOptions& options) {
  constexpr std::size_t kReads = 10'000;
  Format format;
  format.encoding = WeightEncoding::polarised;
  format.weight_bits = 3;
  format.cell_bits = 2;
  format.dac_bits = 2;
  format.input_bits = 2;
  format.adc_bits = 12;
  format.rows = 32;
  format.parallel_rows = 32;
  const std::vector<std::int32_t> column = random_integers(32, 1, 3, 3);
  const std::vector<std::int32_t> x = random_integers(32, 1, 3, 4);
  const AnalogProduct product(format, options, column, 1);
  double want = 0;
  double variance = 1.0 / 12;
  for (std::size_t r = 0; r < x.size(); ++r) {
    const double current = x[r] * product.steps()[r];
    want += current;
    variance += std::pow(options.cell.read_noise_sigma * current, 2);
  }
  double sum = 0;
  double squares = 0;
  for (std::size_t v = 0; v < kReads; ++v) {
    std::vector<std::int64_t> y(1);
    product.multiply(x, y, v);
    sum += static_cast<double>(y[0]) - want;
    squares += std::pow(static_cast<double>(y[0]) - want, 2);
  }
  const double n = kReads;
  EXPECT_NEAR(sum / n, 0, 4 * std::sqrt(variance / n));
  EXPECT_NEAR(squares / n, variance, 4 * variance * std::sqrt(2 / n));
  EXPECT_GT(variance, 10);
}

TEST(AnalogProduct, NoiseHasMeanZeroAndTheVarianceOfItsCells) {
  AnalogOptions options;
  options.cell.read_noise_sigma = 0.3;
  expect_noise(options);
}

// What a wire takes of a cell's current it takes of its noise.
TEST(AnalogProduct, NoiseBehindWiresShrinksWithTheCurrent) {
  AnalogOptions options;
  options.cell.read_noise_sigma = 0.6;
  options.crossbar.bit_wire_ohm = 10;
  options.crossbar.word_wire_ohm = 10;
  expect_noise(options);
}

TEST(AnalogProduct, RefusesNumbersThatAreNotThoseOfItsVectors) {
  const AnalogProduct product(small_format(), {}, weights(), kOutputs);
  std::vector<std::int64_t> y(kVectors * kOutputs);
  const std::vector<std::uint64_t> two(2);
  EXPECT_EQ(message_of<base::UsageError>([&] { product.multiply(inputs(), y, two); }),
            "[crossbar] numbers of vectors: got 2, expected 3");
}

// On/off ratio 17 and 1-bit cells: a cell at level 0 conducts 1/16 of a step, so that 8 driven rows
// add half a step, which rounds up, and 7 do not.
TEST(AnalogProduct, LeaksAsTheMarginSays) {
  Format format;
  format.cell_bits = 1;
  format.weight_bits = 2;
  format.input_bits = 1;
  format.encoding = WeightEncoding::polarised;
  AnalogOptions options;
  options.cell.bits = 1;
  options.cell.on_off_ratio = 17;
  const std::vector<std::int32_t> zeros(128);
  const auto leak = [&](std::size_t driven) {
    std::vector<std::int32_t> x(128);
    std::fill_n(x.begin(), driven, 1);
    std::vector<std::int64_t> y(1);
    AnalogProduct(format, options, zeros, 1).multiply(x, y);
    return y[0];
  };
  EXPECT_EQ(leak(7), 0);
  EXPECT_EQ(leak(9), 1);
  EXPECT_EQ(leak(128), 8);
  options.compensate_leak = true;
  EXPECT_EQ(leak(128), 0);
}

TEST(AnalogProduct, DriftShrinksEverySumAlike) {
  AnalogOptions options;
  options.cell.drift_nu = 0.5;
  options.cell.read_after_s = 80;  // 4 times drift_start_s: half
  const AnalogProduct drifted(small_format(), options, weights(), kOutputs);
  const AnalogProduct fresh(small_format(), {}, weights(), kOutputs);
  for (std::size_t i = 0; i < fresh.steps().size(); ++i) {
    EXPECT_NEAR(drifted.steps()[i], 0.5 * fresh.steps()[i], 1e-12);
  }
}

// Wires: a column's currents are those of Kirchhoff's law at every node, in steps.
TEST(AnalogProduct, DropsVoltagesAsANodalSolve) {
  Format format;
  format.rows = format.parallel_rows = 6;
  format.weight_bits = 3;
  AnalogOptions options;
  options.crossbar.word_wire_ohm = 40;
  options.crossbar.bit_wire_ohm = 60;
  options.crossbar.columns = 4;  // two outputs
  const auto w = random_integers(6 * 2, -3, 3, 4);
  const AnalogProduct product(format, options, w, 2);
  const AnalogProduct ideal(format, {}, w, 2);
  ASSERT_EQ(product.columns_per_output(), 2);
  const double step_s = 1 / options.cell.r_on_ohm / 3;
  std::vector<double> g;
  for (const double steps : ideal.steps()) g.push_back(steps * step_s);
  for (std::size_t row = 0; row < 6; ++row) {
    std::vector<double> v(6);
    v[row] = 1;
    const NodalSolution nodal = solve_nodes(g, v, 40, 60);
    for (std::size_t c = 0; c < 4; ++c) {
      EXPECT_NEAR(product.steps()[row * 4 + c] * step_s, nodal.column_a[c], 1e-14);
    }
  }
}

TEST(AnalogProduct, RefusesCellsThatAreNotTheFormats) {
  AnalogOptions options;
  options.cell.bits = 4;
  EXPECT_EQ(message_of<base::UsageError>([&] {
              const AnalogProduct product(Format{}, options, std::vector<std::int32_t>{1}, 1);
            }),
            "[cell.bits] not those of the format: got 4, expected 2");
}

}  // namespace
}  // namespace sheaf::test
