// SPDX-License-Identifier: Apache-2.0
//
// Exact products through crossbars whose converters saturate (8 bits where 9 lose nothing), on one
// core: 8-bit inputs and weights, 128 rows, 2-bit cells. Instruction sets take turns; thread CPU
// time, medians over the rounds. Results and saturated conversions have to be the same for all.
//
//   sheaf_crossbar [--json]
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/base/rng.h"
#include "sheaf/base/stats.h"
#include "sheaf/sim/crossbar/exact.h"
#include "sheaf/sim/crossbar/kernel.h"

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
  if (!agree) std::fprintf(stderr, "sheaf_crossbar: the instruction sets disagree\n");
  return agree ? 0 : 1;
}
