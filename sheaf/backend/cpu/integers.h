// SPDX-License-Identifier: Apache-2.0
//
// Kernels of products of integers (docs/quantised.md). As all kernels: rows start at multiples of
// 64 bytes, and whole vectors of them may be read and written. Sums are exact as long as they fit
// into 32 bits, and so have the same bits on every instruction set; so have scaled results, whose
// multiplication and addition are rounded one after the other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sheaf::backend::cpu {

// sums[i][j] = sum over k of rows[i][k] * W[j][k]. Two terms of k lie together, in rows and
// weights.
struct IntegerProductArgs {
  const std::int16_t* rows;
  std::size_t row_stride;      // an even number of at least 2 * pairs
  const std::int16_t* panels;  // [n / panel_width][pairs][panel_width][2], 0 beyond k and n
  std::size_t pairs;           // half of k, rounded up
  std::int32_t* sums;
  std::size_t sum_stride;  // at least n
  std::size_t count;
  std::size_t n;  // a multiple of panel_width
};

// to[i][j] = initial[i][j] + float(sums[i][j]) * factors[j], three roundings. `to` may be
// `initial`.
struct ScaleSumsArgs {
  const std::int32_t* sums;
  std::size_t sum_stride;
  const float* factors;
  const float* initial;
  std::size_t initial_stride;  // 0: the same for all rows
  float* to;
  std::size_t to_stride;
  std::size_t rows;
  std::size_t width;
};

struct IntegerKernels {
  std::uint32_t panel_width;
  void (*product)(const IntegerProductArgs& args) noexcept;
  void (*scale_sums)(const ScaleSumsArgs& args) noexcept;
  // Integers, held as floats, of at most 16 bits; both aligned, whole vectors.
  void (*narrow)(const float* from, std::int16_t* to, std::size_t count) noexcept;
};

// The kernels by instruction set; null when the build or the processor lacks it.
[[nodiscard]] const IntegerKernels* avx512_integers();
[[nodiscard]] const IntegerKernels* avx2_integers();
[[nodiscard]] const IntegerKernels* portable_integers();
[[nodiscard]] const IntegerKernels* reference_integers();

}  // namespace sheaf::backend::cpu
