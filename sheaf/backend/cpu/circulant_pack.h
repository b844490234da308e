// SPDX-License-Identifier: Apache-2.0
//
// Block-circulant weights in the order in which a kernel reads them. The output blocks of all parts
// of a product are numbered through, and so are the input blocks of its k-ranges; L output blocks,
// one per vector lane, lie side by side:
//
//   [output blocks / L, rounded up][k / 2 pairs][input blocks][2][L], zero where no block is.
//
// The spectrum of a block w is W_f = sum over d of w_d exp(+2 pi i f d / k). Pair 0 is (W_0,
// W_k/2), which are real, divided by k; pair f is the real and imaginary part of W_f, divided by k
// / 2: the factors of the transform back, which are powers of two.
#pragma once

#include <cstdint>

#include "sheaf/backend/cpu/pack.h"

namespace sheaf::backend::cpu {

// The weights of all parts of an encoded product, for `lanes` output blocks side by side. For 0
// lanes: the values themselves, [output blocks][input blocks][k]. Throws UsageError when a
// parameter is not stored as the product was compiled for.
[[nodiscard]] PackedProduct pack_circulant(const memory_plan::Product& product,
                                           const graph::Binding& binding,
                                           const graph::ParameterStore& parameters,
                                           std::uint32_t lanes);

}  // namespace sheaf::backend::cpu
