// SPDX-License-Identifier: Apache-2.0
//
// What the product tests of this folder multiply, and the sums that they expect.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/base/rng.h"
#include "sheaf/tensor/quantisation.h"

namespace sheaf::test {

// Random integers of so many bits, of both signs.
inline std::vector<std::int16_t> random_rows(std::size_t count, std::uint32_t bits,
                                             std::uint64_t seed) {
  base::Rng rng(seed);
  const std::int32_t most = tensor::most_integer(bits);
  std::vector<std::int16_t> values(count);
  for (std::int16_t& value : values) {
    const auto below = static_cast<std::uint32_t>(2 * most + 1);
    value = static_cast<std::int16_t>(static_cast<std::int32_t>(rng.below(below)) - most);
  }
  return values;
}

// rows [n x inputs] times weights [outputs x inputs]: [n x outputs].
inline std::vector<std::int32_t> naive_sums(const std::vector<std::int16_t>& weights,
                                            const std::vector<std::int16_t>& rows,
                                            std::size_t inputs) {
  std::vector<std::int32_t> sums;
  for (std::size_t row = 0; row < rows.size(); row += inputs) {
    for (std::size_t weight = 0; weight < weights.size(); weight += inputs) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < inputs; ++k) {
        sum += std::int32_t{rows[row + k]} * weights[weight + k];
      }
      sums.push_back(sum);
    }
  }
  return sums;
}

}  // namespace sheaf::test
