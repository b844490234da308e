// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sheaf::target {

// How a layer is put onto the chip.
enum class Strategy { dense, reboc, tinyadc, cannon, smartdeal, pipelayer };

inline constexpr std::array<std::string_view, 6> kStrategyNames = {
    "dense", "reboc", "tinyadc", "cannon", "smartdeal", "pipelayer"};

// How cells, which conduct or do not, hold weights of both signs.
enum class WeightEncoding {
  differential,    // positive and negative magnitudes in columns of their own, both converted
  offset,          // w + 2^(B-1) in one column (ISAAC); 2^(B-1) times the inputs' sum comes off
  sign_magnitude,  // pairs of cells subtract currents before a converter with a sign bit
  polarised,       // magnitudes in one column; all rows of a read share a sign (FORMS)
};

inline constexpr std::array<std::string_view, 4> kWeightEncodingNames = {
    "differential", "offset", "sign_magnitude", "polarised"};

// What a column of cells holds.
enum class ColumnEncoding {
  plain,    // the cells of its weights
  flipped,  // where their sum could exceed a converter of one bit less, their complements (ISAAC)
};

inline constexpr std::array<std::string_view, 2> kColumnEncodingNames = {"plain", "flipped"};

struct Mapping {
  Strategy strategy = Strategy::dense;
  WeightEncoding encoding = WeightEncoding::offset;
  // Of `offset`: ISAAC (ISCA 2016), section 5. Others have `plain` columns.
  ColumnEncoding columns = ColumnEncoding::plain;
  std::uint32_t weight_bits = 16;
  std::uint32_t input_bits = 16;
  // Block-circulant block size of lists of layers under strategy reboc; 1: dense.
  std::uint32_t block = 1;
  // Rotated copies of a block in one crossbar, at least; divides the block size (ReBoc).
  std::uint32_t duplicates = 1;
  // Non-zero weights that one crossbar column may hold; 0: any number (TinyADC).
  std::uint32_t column_nonzeros = 0;
};

// Bits of the magnitude that cells hold: the sign has none unless the encoding adds an offset.
[[nodiscard]] inline std::uint32_t stored_bits(const Mapping& mapping) {
  return mapping.encoding == WeightEncoding::offset ? mapping.weight_bits : mapping.weight_bits - 1;
}

// Columns that a weight takes in cells of so many bits.
[[nodiscard]] inline std::uint32_t columns_per_weight(const Mapping& mapping,
                                                      std::uint32_t cell_bits) {
  const std::uint32_t slices = (stored_bits(mapping) + cell_bits - 1) / cell_bits;
  const bool two = mapping.encoding == WeightEncoding::differential ||
                   mapping.encoding == WeightEncoding::sign_magnitude;
  return two ? 2 * slices : slices;
}

// Columns that are converted of so many: pairs subtract before their converter.
[[nodiscard]] inline std::uint32_t converted_columns(const Mapping& mapping,
                                                     std::uint32_t columns) {
  return mapping.encoding == WeightEncoding::sign_magnitude ? (columns + 1) / 2 : columns;
}

}  // namespace sheaf::target
