// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sheaf/backend/cpu/circulant.h"

namespace sheaf::backend::cpu {

void circulant_reference(const CirculantArgs& args) noexcept {
  const std::size_t k = args.block;
  for (std::size_t row = 0; row < args.rows; ++row) {
    const float* weights = args.weights;
    for (const std::uint32_t column : args.columns) {
      float* const out = args.out + row * args.out_stride + column;
      if (args.bias != nullptr) std::copy_n(args.bias + column, k, out);
      for (const ProductArgs::Range& range : args.ranges) {
        const float* x = range.a + row * range.stride;
        for (std::size_t j = 0; j < range.k; j += k, weights += k) {
          for (std::size_t a = 0; a < k; ++a) {
            for (std::size_t b = 0; b < k; ++b)
              out[a] = std::fma(weights[(a - b) & (k - 1)], x[j + b], out[a]);
          }
        }
      }
    }
  }
}

}  // namespace sheaf::backend::cpu
