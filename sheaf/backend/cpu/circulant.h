// SPDX-License-Identifier: Apache-2.0
//
// The product of a block of rows with a block-circulant matrix (docs/encodings.md):
//
//   y_i = b_i + sum over j of w_ij (*) x_j,   (*) circular convolution, blocks of k numbers,
//
// as a product of spectra: every block of x is transformed once, whatever reads it; spectra are
// multiplied and summed over all blocks of all k-ranges; every block of y is transformed back once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sheaf/backend/cpu/kernels.h"

namespace sheaf::backend::cpu {

struct CirculantArgs {
  std::span<const ProductArgs::Range> ranges;  // each a whole number of blocks wide
  std::size_t block;                           // k
  const float* weights;                        // packed, see circulant_pack.h
  std::span<const std::uint32_t> columns;      // first column of every output block, ascending
  const float* bias;                           // [n]; null: adds to what `out` holds
  float* out;
  std::size_t out_stride;
  std::size_t rows;
  float* scratch;  // circulant_scratch() floats
};

// Rows that a kernel transforms at a time.
inline constexpr std::size_t kSpectrumRows = 64;
// Most rows, and lanes, of what it transforms back at a time.
inline constexpr std::size_t kSpectrumTileRows = 12;
inline constexpr std::size_t kMostLanes = 16;

// Floats from a coefficient of a row's spectrum to the next: `blocks` of them and a vector of
// slack, which also keeps the rows of a tile from falling into the same sets of the L1 cache.
[[nodiscard]] constexpr std::size_t spectrum_stride(std::size_t blocks) {
  return (blocks + kMostLanes - 1) / kMostLanes * kMostLanes + kMostLanes;
}

// Floats of scratch memory for `rows` rows of `blocks` input blocks of k.
[[nodiscard]] constexpr std::size_t circulant_scratch(std::size_t rows, std::size_t blocks,
                                                      std::size_t k) {
  const std::size_t spectra = std::min(rows, kSpectrumRows) * k * spectrum_stride(blocks);
  return spectra + (kSpectrumTileRows * k + 2 * (k + 1)) * kMostLanes;
}

// The definition, in the time domain, on weights that are packed for 0 lanes.
void circulant_reference(const CirculantArgs& args) noexcept;

}  // namespace sheaf::backend::cpu
