// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/base/clock.h"

namespace sheaf::backend::cpu {

// GFLOP/s of fused multiply-adds that touch no memory, with the vectors of `kernels`: what "percent
// of the FMA peak" refers to. Takes about 5 ms; to be sampled in the same rounds as what is
// compared with it.
[[nodiscard]] double fma_peak_gflops(const KernelTable& kernels, const base::Clock& clock);

}  // namespace sheaf::backend::cpu
