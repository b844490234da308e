// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/resolution.h"

#include <algorithm>
#include <bit>

namespace sheaf::sim::adc {
namespace {

// Largest product of a cell and a digit.
std::uint64_t largest_term(ColumnBits column) {
  return ((std::uint64_t{1} << column.cell_bits) - 1) * ((std::uint64_t{1} << column.dac_bits) - 1);
}

}  // namespace

std::uint64_t largest_sum(std::uint64_t nonzeros, ColumnBits column) {
  return nonzeros * largest_term(column);
}

std::uint32_t bits_of_sum(std::uint64_t sum) {
  return std::max(1U, static_cast<std::uint32_t>(std::bit_width(sum)));
}

std::uint32_t lossless_bits(std::uint64_t nonzeros, ColumnBits column) {
  return bits_of_sum(largest_sum(nonzeros, column));
}

std::uint32_t lossless_signed_bits(std::uint64_t nonzeros, ColumnBits column) {
  return lossless_bits(nonzeros, column) + 1;
}

std::uint32_t isaac_bits(std::uint64_t rows, ColumnBits column) {
  const auto log2 =
      static_cast<std::uint32_t>(std::bit_width(std::max<std::uint64_t>(rows, 1) - 1));
  const bool both = column.dac_bits > 1 && column.cell_bits > 1;
  return log2 + column.dac_bits + column.cell_bits - (both ? 0 : 1);
}

std::uint32_t flipped_bits(std::uint64_t rows, ColumnBits column) {
  return std::max(2U, lossless_bits(rows, column)) - 1;
}

std::uint32_t needed_bits(const target::Mapping& mapping, ColumnBits column, std::uint64_t rows,
                          std::uint64_t nonzeros) {
  if (mapping.encoding == target::WeightEncoding::offset) {
    return mapping.columns == target::ColumnEncoding::flipped ? flipped_bits(rows, column)
                                                              : lossless_bits(rows, column);
  }
  const std::uint64_t cells = nonzeros == 0 ? rows : std::min(nonzeros, rows);
  return mapping.encoding == target::WeightEncoding::sign_magnitude
             ? lossless_signed_bits(cells, column)
             : lossless_bits(cells, column);
}

std::uint64_t most_nonzeros(std::uint32_t bits, ColumnBits column) {
  return ((std::uint64_t{1} << bits) - 1) / largest_term(column);
}

}  // namespace sheaf::sim::adc
