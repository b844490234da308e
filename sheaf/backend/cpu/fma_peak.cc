// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/fma_peak.h"

#include <algorithm>

namespace sheaf::backend::cpu {

double fma_peak_gflops(const KernelTable& kernels, const base::Clock& clock) {
  constexpr std::uint64_t kWanted = 1'000'000;  // ns per sample
  constexpr int kSamples = 5;
  std::size_t iterations = 1000;
  float sink = 1;
  double best = 0;
  for (int samples = 0; samples < kSamples;) {
    const std::uint64_t start = clock.now_ns();
    const double flops = kernels.fma_loop(iterations, &sink);
    const std::uint64_t elapsed = clock.now_ns() - start;
    if (elapsed < kWanted) {
      iterations *= 2;
      continue;
    }
    best = std::max(best, flops / static_cast<double>(elapsed));
    ++samples;
  }
  return best;
}

FmaPeakInRun::FmaPeakInRun(const KernelTable& kernels, const base::Clock& clock)
    : kernels_(kernels), clock_(clock) {
  // The shortest of three runs: a thread that was taken off its processor looks slow.
  for (std::uint64_t least = 0; least < kSampleNs;) {
    iterations_ *= 2;
    least = ~std::uint64_t{0};
    for (int run = 0; run < 3; ++run) {
      const std::uint64_t start = clock_.now_ns();
      kernels_.fma_loop(iterations_, &sink_);
      least = std::min(least, clock_.now_ns() - start);
    }
  }
}

void FmaPeakInRun::sample() {
  const std::uint64_t start = clock_.now_ns();
  flops_ += kernels_.fma_loop(iterations_, &sink_);
  ns_ += clock_.now_ns() - start;
}

}  // namespace sheaf::backend::cpu
