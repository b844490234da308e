// SPDX-License-Identifier: Apache-2.0
//
// Round-robin choice among the bits of a mask.
#pragma once

#include <bit>
#include <cstdint>

namespace sheaf::sim::noc {

// Bits [first, 64).
[[nodiscard]] constexpr std::uint64_t bits_from(std::uint32_t first) noexcept {
  return first < 64 ? ~std::uint64_t{0} << first : 0;
}

[[nodiscard]] constexpr std::uint32_t lowest_bit(std::uint64_t mask) noexcept {
  return static_cast<std::uint32_t>(std::countr_zero(mask));
}

// The first bit at or after `first`, else the first bit of all. `mask` must not be 0.
[[nodiscard]] constexpr std::uint32_t round_robin(std::uint64_t mask,
                                                  std::uint32_t first) noexcept {
  const std::uint64_t after = mask & bits_from(first);
  return lowest_bit(after != 0 ? after : mask);
}

// Calls `visit` for every bit, from the lowest.
template <class Visit>
constexpr void for_each_bit(std::uint64_t mask, Visit&& visit) {
  for (; mask != 0; mask &= mask - 1) visit(lowest_bit(mask));
}

}  // namespace sheaf::sim::noc
