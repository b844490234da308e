// SPDX-License-Identifier: Apache-2.0
//
// Sums of outer products, on the tiles of product-inl.h. Included once per instruction set, see
// kernels_simd.cc.
#if defined(SHEAF_BACKEND_CPU_OUTER_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_OUTER_PRODUCT_INL_H_
#undef SHEAF_BACKEND_CPU_OUTER_PRODUCT_INL_H_
#else
#define SHEAF_BACKEND_CPU_OUTER_PRODUCT_INL_H_
#endif

#include "hwy/highway.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/backend/cpu/product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// kRows rows of `out` times one panel, sums in registers.
template <std::size_t kRows>
void outer_tile(const OuterProductArgs& args, std::size_t row, std::size_t panel) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  constexpr std::size_t kWidth = 2 * kLanes;

  V sum[kRows][2];
  float* const out = args.out + row * args.out_stride + panel * kWidth;
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
    sum[r][0] = hn::Load(d, out + r * args.out_stride);
    sum[r][1] = hn::Load(d, out + r * args.out_stride + kLanes);
  }
  const float* b = args.panels + panel * args.k * kWidth;
  const float* a = args.a + row;
  std::size_t k = 0;
  for (; k + 2 <= args.k; k += 2) {
    multiply_add<kRows, 2>(a, 1, b, 0, sum);
    multiply_add<kRows, 2>(a + args.a_stride, 1, b + kWidth, 0, sum);
    a += 2 * args.a_stride;
    b += 2 * kWidth;
  }
  if (k < args.k) multiply_add<kRows, 2>(a, 1, b, 0, sum);
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
    hn::Store(sum[r][0], d, out + r * args.out_stride);
    hn::Store(sum[r][1], d, out + r * args.out_stride + kLanes);
  }
}

template <std::size_t kRows>
void outer_tile_of_rows(const OuterProductArgs& args, std::size_t rows, std::size_t row,
                        std::size_t panel) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return outer_tile<kRows>(args, row, panel);
    outer_tile_of_rows<kRows - 1>(args, rows, row, panel);
  }
}

inline void outer_product(const OuterProductArgs& args) noexcept {
  const std::size_t panels = args.n / (2 * hn::Lanes(hn::ScalableTag<float>()));
  const std::size_t tiles = (args.m + kMaxRows - 1) / kMaxRows;
  for (std::size_t panel = 0; panel < panels; ++panel) {
    std::size_t row = 0;
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t rows = (args.m - row + tiles - t - 1) / (tiles - t);
      outer_tile_of_rows<kMaxRows>(args, rows, row, panel);
      row += rows;
    }
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_OUTER_PRODUCT_INL_H_
