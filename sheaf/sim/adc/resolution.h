// SPDX-License-Identifier: Apache-2.0
//
// How many bits a converter needs. A column of l cells of w bits, read with digits of v bits, sums
// up to S = l (2^w - 1) (2^v - 1).
#pragma once

#include <cstdint>

#include "sheaf/target/mapping.h"

namespace sheaf::sim::adc {

struct ColumnBits {
  std::uint32_t cell_bits = 2;  // w, 1..8
  std::uint32_t dac_bits = 1;   // v, 1..8
};

// S. `nonzeros` is l: the cells of a column that are not at level 0, in one read.
[[nodiscard]] std::uint64_t largest_sum(std::uint64_t nonzeros, ColumnBits column);

// Bits that tell the sums 0..sum apart: ceil(log2(sum + 1)), and 1 for 0.
[[nodiscard]] std::uint32_t bits_of_sum(std::uint64_t sum);

// b(l) = ceil(log2(S + 1)): no input of any column with l non-zeros saturates. It is
// isaac_bits for every power of two.
[[nodiscard]] std::uint32_t lossless_bits(std::uint64_t nonzeros, ColumnBits column);

// The same where currents of pairs are subtracted before they are converted: sums from -S to S, in
// two's complement.
[[nodiscard]] std::uint32_t lossless_signed_bits(std::uint64_t nonzeros, ColumnBits column);

// What ISAAC (ISCA 2016) asks for: log2 R + v + w if v > 1 and w > 1, else log2 R + v + w - 1,
// where log2 is rounded up for R that are no power of two.
[[nodiscard]] std::uint32_t isaac_bits(std::uint64_t rows, ColumnBits column);

// ISAAC's encoding stores a column whose largest sum has its top bit set upside down, so that it
// never has: one bit less, but never under 1. It needs a column of ones per crossbar and a flag per
// column, and turns zeros into cells that conduct in full: useless where a limit on non-zeros is
// what saves bits.
[[nodiscard]] std::uint32_t flipped_bits(std::uint64_t rows, ColumnBits column);

// Bits with which no input of a column saturates, as a chip of this `mapping` (encoding, columns)
// stores weights: `rows` of a read, of which `nonzeros` may hold a weight that is not 0; 0: all.
// With `offset` a weight of 0 conducts, so that all rows count whatever `nonzeros` says.
[[nodiscard]] std::uint32_t needed_bits(const target::Mapping& mapping, ColumnBits column,
                                        std::uint64_t rows, std::uint64_t nonzeros);

// How many weights a converter may see: the largest l with b(l) <= bits,
// floor((2^bits - 1) / ((2^w - 1) (2^v - 1))). `bits` 1..32; 0: not even one.
[[nodiscard]] std::uint64_t most_nonzeros(std::uint32_t bits, ColumnBits column);

}  // namespace sheaf::sim::adc
