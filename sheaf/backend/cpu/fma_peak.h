// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/clock.h"

namespace sheaf::backend::cpu {

// GFLOP/s of fused multiply-adds that touch no memory, with the vectors of `kernels`, on a core
// that does nothing else: the best of five samples of a millisecond.
[[nodiscard]] double fma_peak_gflops(const KernelTable& kernels, const base::Clock& clock);

// The same at the clock that a run has: a core that loads, stores and multiplies at once draws more
// power, and is clocked lower for it, than one that only multiplies. Sampled between the parts of
// the run, each time for a tenth of a millisecond, before the clock recovers. This is what "percent
// of the FMA peak" refers to.
class FmaPeakInRun {
 public:
  // Finds out how many iterations take kSampleNs.
  FmaPeakInRun(const KernelTable& kernels, const base::Clock& clock);

  void sample();

  // Over all samples; 0 before the first.
  [[nodiscard]] double gflops() const { return ns_ == 0 ? 0 : flops_ / static_cast<double>(ns_); }

  static constexpr std::uint64_t kSampleNs = 100'000;

 private:
  const KernelTable& kernels_;
  const base::Clock& clock_;
  std::size_t iterations_ = 500;
  float sink_ = 1;
  double flops_ = 0;
  std::uint64_t ns_ = 0;
};

}  // namespace sheaf::backend::cpu
