// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sheaf/backend/cpu/kernels.h"

namespace sheaf::bench {

// The kernels of `base` with oneDNN's matmul in place of its product: Sheaf's schedule, memory
// plan, gathers and element-wise regions around oneDNN's products. Every shape's primitive is made
// once, weights are packed once into the format that it asks for, and of the two ways to multiply
// several ranges of k (one matmul each, adding to the result, or one over a copy that puts them
// side by side) the one that is faster for the shape is kept. Results are right to rounding, but
// not the same bits whatever the number of rows.
//
// For one thread; both tables must outlive their use, and what was packed stays until the end of
// the program.
[[nodiscard]] const backend::cpu::KernelTable& dnnl_kernels(const backend::cpu::KernelTable& base);

// Version, and the name of the implementation that a product of 64 rows, k = n = 256, takes.
[[nodiscard]] std::string describe_dnnl();

}  // namespace sheaf::bench
