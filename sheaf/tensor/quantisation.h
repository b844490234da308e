// SPDX-License-Identifier: Apache-2.0
//
// Symmetric quantisation: x is about scale * q, with q a signed integer of so many bits, from
// -(2^(bits-1) - 1) to 2^(bits-1) - 1. Rounding is to the nearest integer, halves to the even one
// (docs/quantised.md). Integers lie in tensors as floats, which hold them exactly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sheaf/tensor/encoding.h"
#include "sheaf/tensor/tensor.h"

namespace sheaf::tensor {

// Widths of the two factors of an integer product, sign included.
struct Bits {
  std::uint32_t input = 0;   // 0: not quantised
  std::uint32_t weight = 0;  // 0: not quantised

  friend auto operator<=>(const Bits&, const Bits&) = default;
};

inline constexpr std::uint32_t kLeastBits = 2;
inline constexpr std::uint32_t kMostBits = 16;

[[nodiscard]] constexpr bool are_bits(std::uint32_t bits) {
  return bits >= kLeastBits && bits <= kMostBits;
}

// 2^(bits-1) - 1, the largest magnitude.
[[nodiscard]] constexpr std::int32_t most_integer(std::uint32_t bits) {
  return static_cast<std::int32_t>((std::uint32_t{1} << (bits - 1)) - 1);
}

// "8x6": inputs of 8 bits, weights of 6. Reads "8", too: both. Throws UsageError that names
// `place` for anything but two numbers from kLeastBits to kMostBits.
[[nodiscard]] Bits parse_bits(std::string_view text, const std::string& place);
[[nodiscard]] std::string to_string(Bits bits);

// The integer nearest to x / scale (halves: the even one), at most `most` in magnitude. What is not
// a number becomes 0.
[[nodiscard]] std::int32_t quantise(float x, float scale, std::int32_t most);

// The scale with which the largest magnitude is `bound`: bound / most_integer(bits); 1 for a bound
// of 0, and where the quotient is no normal number.
[[nodiscard]] float scale_of(float bound, std::uint32_t bits);

// A matrix of integers with a scale per row.
struct QuantisedRows {
  Tensor integers;  // as the encoding stores them
  Tensor scales;    // [1 x rows of the matrix]
};

// `stored` is a matrix as `encoding` stores it. The scale of a row is that of its largest
// magnitude; rows of one block row of a block-circulant matrix hold the same numbers, and so have
// the same scale: the integers are block-circulant, too.
[[nodiscard]] QuantisedRows quantise_rows(const Tensor& stored, Encoding encoding,
                                          std::uint32_t bits);

// The largest magnitude that the sum of a row's products can have with inputs of `input_bits`: the
// sum of the magnitudes of the row's integers, times most_integer(input_bits); of all rows the
// largest. `integers` as stored in any encoding: all rows of a block row hold the same numbers.
[[nodiscard]] std::int64_t largest_sum(const Tensor& integers, std::uint32_t input_bits);

// What an accumulator of 32 bits holds.
inline constexpr std::int64_t kMostSum = (std::int64_t{1} << 31U) - 1;

}  // namespace sheaf::tensor
