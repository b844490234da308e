// SPDX-License-Identifier: Apache-2.0
//
// The kernels of the CPU backend as plain functions, one table per instruction set. All rows start
// at multiples of 64 bytes and are padded to tensor::kRowAlignment floats, so that kernels may read
// and write whole vectors; what lies in the padding is never used.
//
// Promise 1 (batch invariance): a result depends only on its own row, in the same order of
// operations whatever the number of rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/memory_plan/compiled_cell.h"
#include "sheaf/ops/op.h"

namespace sheaf::backend::cpu {

// out[i][j] = fma(... fma(a[i][0], w[0][j], initial[i][j]) ..., a[i][k-1], w[k-1][j]): one chain
// per element, k in the order of the ranges.
struct ProductArgs {
  struct Range {
    const float* a;      // first row
    std::size_t stride;  // floats between rows
    std::size_t k;
  };
  std::span<const Range> ranges;
  std::size_t k;               // sum over the ranges
  const float* panels;         // [n / panel_width][k][panel_width]
  const float* initial;        // [n] per row: a bias, or what a product before has come to
  std::size_t initial_stride;  // 0: the same for all rows
  float* out;
  std::size_t out_stride;
  std::size_t rows;
  std::size_t n;  // a multiple of memory_plan::kPanelAlignment
};

// out[i][j] = fma(... fma(a[0][i], b[0][j], out[i][j]) ..., a[k-1][i], b[k-1][j]): one chain per
// element, which goes on from what is there. What a weight gradient is, k being nodes.
struct OuterProductArgs {
  // In tiles of outer_tile_rows or fewer columns, [tiles][k][kOuterTileStride]: tile t has the
  // columns from outer_tile_begin(m, tiles, t) on.
  const float* a;
  const float* panels;  // of b, [n / panel_width][k][panel_width]
  float* out;           // [m][n]
  std::size_t out_stride;
  std::size_t m;
  std::size_t n;  // a multiple of panel_width
  std::size_t k;
  bool begins = false;  // the chains begin with 0, whatever `out` holds
};

inline constexpr std::size_t kOuterTileStride = 16;

// m columns in tiles of nearly equal size.
[[nodiscard]] constexpr std::size_t outer_tile_begin(std::size_t m, std::size_t tiles,
                                                     std::size_t tile) {
  return m * tile / tiles;
}

// to[i][j] = op(a[i][j], b[i][j]).
struct RowsArgs {
  const float* a;
  std::size_t a_stride;
  const float* b;
  std::size_t b_stride;
  float* to;
  std::size_t to_stride;
  std::size_t rows;
  std::size_t width;
  // Of `quantise`: its scale, `scalar` being the largest magnitude.
  const float* table;  // of a dropout mask: its key; of a Viterbi step: transitions [from x to]
  std::size_t table_stride;  // ... and their row stride, a multiple of kRowAlignment
  float scalar;
  std::size_t a_width = 0;                  // columns of `a`
  const std::uint32_t* payloads = nullptr;  // by row, of ops that read them
};

// to[j] = fma(... fma(v[0], m[0][j], 0) ..., v[rows - 1], m[rows - 1][j]): one chain per element.
struct MatVecArgs {
  const float* matrix;  // `rows` rows, each one column of the matrix
  std::size_t stride;   // floats between them
  const float* vector;  // [rows]
  float* to;            // [width]
  std::size_t rows;
  std::size_t width;
};

// Of block-circulant weights: circulant.h.
struct CirculantArgs;
// Of pictures: spatial.h.
struct SpatialKernels;
// Of integers: integers.h.
struct IntegerKernels;

using CirculantKernel = void (*)(const CirculantArgs&) noexcept;
using OuterProductKernel = void (*)(const OuterProductArgs&) noexcept;
using MatVecKernel = void (*)(const MatVecArgs&) noexcept;
using ProductKernel = void (*)(const ProductArgs&) noexcept;
using RowsKernel = void (*)(const RowsArgs&) noexcept;

// By OpKind; null for ops that are no region's.
using RowsKernels = std::array<RowsKernel, ops::kOpKinds>;

struct KernelTable {
  std::string_view name;
  std::uint32_t panel_width;
  ProductKernel product;
  std::uint32_t circulant_lanes;  // how circulant_pack.h is to pack for `circulant`
  CirculantKernel circulant;
  MatVecKernel matvec;
  OuterProductKernel outer_product;
  std::size_t outer_tile_rows;  // at most kOuterTileStride
  RowsKernels rows;
  const SpatialKernels* spatial;
  const IntegerKernels* integers;
  // Runs independent chains of fused multiply-adds that touch no memory, `iterations` times, and
  // returns the flops done.
  double (*fma_loop)(std::size_t iterations, float* sink) noexcept;

  [[nodiscard]] RowsKernel rows_kernel(ops::OpKind kind) const {
    return rows[static_cast<std::size_t>(kind)];
  }
};

// Every table that this build has and this processor can run, best first, the reference kernels
// last.
[[nodiscard]] std::span<const KernelTable* const> kernel_list();

// Names for choose_kernels(): auto, avx512, avx2, scalar, reference.
[[nodiscard]] std::span<const std::string> isa_names();

// `auto`: the first of kernel_list(). `scalar`: the portable vector code, without any extension of
// the base instruction set (on arm64 that is NEON). Throws UsageError for an unknown name,
// UnsupportedError when build or processor lack it.
[[nodiscard]] const KernelTable& choose_kernels(std::string_view isa);

// The tables by themselves; null when the build or the processor lacks them.
[[nodiscard]] const KernelTable* avx512_kernels();
[[nodiscard]] const KernelTable* avx2_kernels();
[[nodiscard]] const KernelTable* portable_kernels();
[[nodiscard]] const KernelTable* reference_kernels();

}  // namespace sheaf::backend::cpu
