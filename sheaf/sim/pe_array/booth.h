// SPDX-License-Identifier: Apache-2.0
//
// Products as bit-serial multipliers make them: an input digit by digit (radix-4 Booth), each digit
// a shift and at most one sum of the weight. Exact; what the array computes, and a digit that is 0
// takes nothing.
#pragma once

#include <cstdint>
#include <span>

namespace sheaf::sim::pe_array {

// Digits of a number of so many bits in two's complement: ceil(bits / 2).
[[nodiscard]] constexpr std::uint32_t booth_digits(std::uint32_t bits) { return (bits + 1) / 2; }

// Digit t, from -2 to 2: the number is the sum of 4^t times digit t.
[[nodiscard]] constexpr std::int32_t booth_digit(std::int32_t number, std::uint32_t t) {
  const auto bit = [&](std::uint32_t b) { return number >> (b < 31 ? b : 31U) & 1; };
  return -2 * bit(2 * t + 1) + bit(2 * t) + (t == 0 ? 0 : bit(2 * t - 1));
}

struct BoothCounts {
  std::uint64_t digits = 0;   // of inputs
  std::uint64_t nonzero = 0;  // of them, those for which multipliers work
};

// `weights` [outputs x inputs] by `x` [inputs], numbers of `input_bits` -> `sums` [outputs].
BoothCounts multiply(std::span<const std::int16_t> weights, std::span<const std::int32_t> x,
                     std::uint32_t input_bits, std::span<std::int64_t> sums);

}  // namespace sheaf::sim::pe_array
