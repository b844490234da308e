// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/pe_array/booth.h"

#include <algorithm>

namespace sheaf::sim::pe_array {

BoothCounts multiply(std::span<const std::int16_t> weights, std::span<const std::int32_t> x,
                     std::uint32_t input_bits, std::span<std::int64_t> sums) {
  BoothCounts counts;
  std::fill(sums.begin(), sums.end(), 0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::uint32_t t = 0; t < booth_digits(input_bits); ++t) {
      const std::int64_t digit = booth_digit(x[i], t);
      ++counts.digits;
      if (digit == 0) continue;
      ++counts.nonzero;
      const std::int64_t scaled = digit * (std::int64_t{1} << (2 * t));
      for (std::size_t o = 0; o < sums.size(); ++o) {
        sums[o] += scaled * weights[o * x.size() + i];
      }
    }
  }
  return counts;
}

}  // namespace sheaf::sim::pe_array
