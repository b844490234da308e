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

// Where the bit slices of a weight, and its signs, are.
enum class WeightSlices {
  beside,  // in columns side by side (ISAAC)
  apart,   // in crossbars of their own, so that an output takes one column of each (PipeLayer)
};

inline constexpr std::array<std::string_view, 2> kWeightSlicesNames = {"beside", "apart"};

// What crossbars that are left hold.
enum class Copies {
  chip,  // copies of the layers that are slowest (ISAAC)
  tile,  // copies of the layer whose tile they stand in
  none,
};

inline constexpr std::array<std::string_view, 3> kCopiesNames = {"chip", "tile", "none"};

// What of the inputs under a window is fetched anew when it moves on by one position.
enum class InputFetch {
  window,  // all of them
  column,  // the columns that come in at its side: registers of the crossbars keep the others
  pixel,   // the pixels that no window has covered: line buffers keep the rows above, too
};

inline constexpr std::array<std::string_view, 3> kInputFetchNames = {"window", "column", "pixel"};

// How the layers of a network follow each other.
enum class LayerOrder {
  strategy,      // as the strategy has it
  inter_layer,   // a layer begins when its first window is there
  whole_layer,   // a layer begins when those before are done, while they take the next input
  one_at_a_time  // a layer begins when those before are done, and nothing else runs
};

inline constexpr std::array<std::string_view, 4> kLayerOrderNames = {
    "strategy", "inter_layer", "whole_layer", "one_at_a_time"};

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
  WeightSlices slices = WeightSlices::beside;
  Copies copies = Copies::chip;
  // A tile may hold parts of several layers; if not, every layer begins in a tile of its own.
  bool shared_tiles = true;
  InputFetch fetch = InputFetch::window;
  LayerOrder order = LayerOrder::strategy;
  // Mean share of ones among the bits of inputs, > 0, <= 1: what of rows and cells draws energy. 1:
  // all of them, as in the peak figures of a chip; of random bits it is 0.5.
  double input_density = 1;
  // Bits of a sum that a PE writes into the memory of its tile, and that are read when the others
  // are there; 0: sums are added on their way.
  std::uint32_t sum_bits = 0;
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
