// SPDX-License-Identifier: Apache-2.0
//
// Exact products through crossbars whose converters saturate (8 bits where 9 lose nothing), on one
// core: 8-bit inputs and weights, 128 rows, 2-bit cells. Instruction sets take turns; thread CPU
// time, medians over the rounds. Results and saturated conversions have to be the same for all.
//
// Then the same product through analog cells, and the solver of the wires.
//
//   sheaf_crossbar [--json]
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/base/rng.h"
#include "sheaf/base/stats.h"
#include "sheaf/sim/crossbar/analog.h"
#include "sheaf/sim/crossbar/exact.h"
#include "sheaf/sim/crossbar/kernel.h"
#include "sheaf/sim/crossbar/wires.h"

namespace sheaf::bench {
namespace {

using sim::crossbar::Conversions;
using sim::crossbar::ExactProduct;
using sim::crossbar::Format;
using sim::crossbar::WeightEncoding;

constexpr int kRounds = 11;

struct Shape {
  std::uint32_t inputs;
  std::uint32_t outputs;
  std::uint32_t vectors;
};

std::vector<std::int32_t> integers(std::size_t count, std::int32_t least, std::uint32_t width,
                                   std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<std::int32_t> values(count);
  for (std::int32_t& value : values) value = least + static_cast<std::int32_t>(rng.below(width));
  return values;
}

// Returns whether all instruction sets agree.
bool measure(Shape shape, WeightEncoding encoding, std::uint32_t adc_bits, bool json) {
  Format format;
  format.encoding = encoding;
  format.adc_bits = adc_bits;
  // Large numbers, all of an output of one sign, so that columns of either sign saturate.
  auto weights = integers(std::size_t{shape.inputs} * shape.outputs, 112, 16, 1);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i % shape.outputs % 2 == 1) weights[i] = -weights[i];
  }
  const auto inputs = integers(std::size_t{shape.inputs} * shape.vectors, 224, 32, 2);
  const ExactProduct product(format, weights, shape.outputs);
  std::vector<std::string> names = {"scalar"};
  if (sim::crossbar::avx2_kernels() != nullptr) names.emplace_back("avx2");
  if (sim::crossbar::avx512_kernels() != nullptr) names.emplace_back("avx512");
  std::vector<std::vector<std::int64_t>> y(names.size());
  std::vector<Conversions> counts(names.size());
  std::vector<std::vector<double>> rates(names.size());
  const base::ThreadCpuClock clock;
  const double macs = double{1} * shape.inputs * shape.outputs * shape.vectors;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      y[i].resize(std::size_t{shape.outputs} * shape.vectors);
      const std::uint64_t start = clock.now_ns();
      counts[i] = product.multiply(inputs, y[i], {.isa = names[i]});
      rates[i].push_back(macs / static_cast<double>(clock.now_ns() - start));
    }
  }
  const std::string name(sim::crossbar::kWeightEncodingNames[static_cast<std::size_t>(encoding)]);
  bool agree = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    agree = agree && y[i] == y[0] && counts[i] == counts[0];
    const double saturated = 100.0 * static_cast<double>(counts[i].saturated) /
                             static_cast<double>(counts[i].conversions);
    std::printf(json ? "{\"inputs\":%u,\"outputs\":%u,\"vectors\":%u,\"encoding\":\"%s\","
                       "\"adc_bits\":%u,\"isa\":\"%s\",\"gmac_per_s\":%.3f,\"p10\":%.3f,"
                       "\"saturated_percent\":%.4f}\n"
                     : "%6u x %-6u %4u vectors  %-14s %2u bits  %-7s %7.3f G MAC/s  (p10 %.3f)  "
                       "%.4f %% saturated\n",
                shape.inputs, shape.outputs, shape.vectors, name.c_str(), adc_bits,
                names[i].c_str(), base::median(rates[i]), base::quantile(rates[i], 0.1), saturated);
  }
  return agree;
}

// Variation, read noise and saturation: every cell and every read has a random number.
void measure_analog(bool json) {
  const Shape shape{512, 128, 4};
  const auto weights = integers(std::size_t{shape.inputs} * shape.outputs, -127, 255, 1);
  const auto inputs = integers(std::size_t{shape.inputs} * shape.vectors, 0, 256, 2);
  const base::ThreadCpuClock clock;
  for (const double read_noise : {0.0, 0.02}) {
    sim::crossbar::AnalogOptions options;
    options.cell.device = target::DeviceModel::lognormal;
    options.cell.variation_sigma = 0.1;
    options.cell.read_noise_sigma = read_noise;
    const sim::crossbar::AnalogProduct product(Format{}, options, weights, shape.outputs);
    std::vector<std::int64_t> y(std::size_t{shape.outputs} * shape.vectors);
    std::vector<double> rates;
    for (int round = 0; round < kRounds; ++round) {
      const std::uint64_t start = clock.now_ns();
      product.multiply(inputs, y);
      rates.push_back(1e3 * shape.inputs * shape.outputs * shape.vectors /
                      static_cast<double>(clock.now_ns() - start));
    }
    std::printf(json ? "{\"analog\":true,\"read_noise\":%g,\"mmac_per_s\":%.2f}\n"
                     : "analog cells, read noise %-5g %8.2f M MAC/s\n",
                read_noise, base::median(rates));
  }
}

// One read of a crossbar, and the matrix that all its reads multiply with.
void measure_wires(std::uint32_t size, double ohm, bool json) {
  base::Rng rng(1);
  std::vector<double> g(std::size_t{size} * size);
  for (double& s : g) s = static_cast<double>(rng.below(4)) / 3 / 2000;
  std::vector<double> v(size, 0.2);
  const sim::crossbar::WireGrid grid{size, size, g, ohm, ohm};
  const base::ThreadCpuClock clock;
  std::vector<double> one_ms;
  std::vector<double> matrix_ms;
  std::uint32_t iterations = 0;
  double lost = 0;
  for (int round = 0; round < 5; ++round) {
    std::uint64_t start = clock.now_ns();
    const auto solution = solve_wires(grid, v);
    one_ms.push_back(1e-6 * static_cast<double>(clock.now_ns() - start));
    iterations = solution.iterations;
    double ideal = 0;
    for (const double s : g) ideal += 0.2 * s;
    double real = 0;
    for (const double a : solution.column_a) real += a;
    lost = 100 * (1 - real / ideal);
    if (round > 1) continue;
    start = clock.now_ns();
    static_cast<void>(effective_conductance(grid));
    matrix_ms.push_back(1e-6 * static_cast<double>(clock.now_ns() - start));
  }
  if (json) {
    std::printf(
        "{\"wires\":%u,\"ohm\":%g,\"iterations\":%u,\"lost_percent\":%.2f,"
        "\"read_ms\":%.3f,\"matrix_ms\":%.1f}\n",
        size, ohm, iterations, lost, base::median(one_ms), base::median(matrix_ms));
  } else {
    std::printf(
        "wires of %u x %-4u %5g ohm  %3u iterations  %5.2f %% lost  %8.3f ms a read  "
        "%8.1f ms the matrix\n",
        size, size, ohm, iterations, lost, base::median(one_ms), base::median(matrix_ms));
  }
}

}  // namespace
}  // namespace sheaf::bench

int main(int argc, char** argv) {
  using sheaf::sim::crossbar::WeightEncoding;
  const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  bool agree = true;
  const auto measure = [&](sheaf::bench::Shape shape, WeightEncoding encoding, unsigned bits) {
    agree = sheaf::bench::measure(shape, encoding, bits, json) && agree;
  };
  measure({1024, 512, 64}, WeightEncoding::differential, 8);
  measure({1024, 512, 64}, WeightEncoding::offset, 8);
  measure({1024, 512, 64}, WeightEncoding::sign_magnitude, 8);
  measure({1024, 512, 64}, WeightEncoding::differential, 6);
  measure({1024, 512, 1}, WeightEncoding::differential, 8);
  measure({576, 64, 1024}, WeightEncoding::differential, 8);
  measure({4608, 512, 16}, WeightEncoding::differential, 8);
  sheaf::bench::measure_analog(json);
  for (const double ohm : {0.1, 1.0, 10.0}) {
    sheaf::bench::measure_wires(64, ohm, json);
    sheaf::bench::measure_wires(128, ohm, json);
  }
  if (!agree) std::fprintf(stderr, "sheaf_crossbar: the instruction sets disagree\n");
  return agree ? 0 : 1;
}
