// SPDX-License-Identifier: Apache-2.0
//
// A crossbar's product as loops over numbers, without bit planes: what the library is checked with.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/sim/crossbar/exact.h"

namespace sheaf::test {

struct NaiveProduct {
  std::vector<std::int64_t> y;  // [vectors x outputs]
  std::uint64_t conversions = 0;
  std::uint64_t saturated = 0;
};

[[nodiscard]] NaiveProduct naive_product(const sim::crossbar::Format& format,
                                         const std::vector<std::int32_t>& weights,
                                         std::size_t outputs,
                                         const std::vector<std::int32_t>& inputs);

// Uniform in [least, most].
[[nodiscard]] std::vector<std::int32_t> random_integers(std::size_t count, std::int32_t least,
                                                        std::int32_t most, std::uint64_t seed);

// x W, with 64-bit integers.
[[nodiscard]] std::vector<std::int64_t> integer_product(const std::vector<std::int32_t>& weights,
                                                        std::size_t outputs,
                                                        const std::vector<std::int32_t>& inputs);

}  // namespace sheaf::test
