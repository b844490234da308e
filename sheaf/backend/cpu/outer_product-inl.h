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

// kRows rows of `out`, those of one tile of a, times one panel, sums in registers.
template <std::size_t kRows>
void outer_tile(const OuterProductArgs& args, const float* a, float* out, std::size_t panel) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  constexpr std::size_t kWidth = 2 * kLanes;

  V sum[kRows][2];
  out += panel * kWidth;
  // The sums are no longer in the L1 cache, and hardly in L2: those of the next tile are asked for
  // while this one is at work.
  for (std::size_t r = kRows; r < 2 * kRows; ++r) {
    hwy::Prefetch(out + r * args.out_stride);
    hwy::Prefetch(out + r * args.out_stride + kLanes);
  }
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
    sum[r][0] = hn::Zero(d);
    sum[r][1] = hn::Zero(d);
  }
  if (!args.begins) {
#pragma GCC unroll 14
    for (std::size_t r = 0; r < kRows; ++r) {
      sum[r][0] = hn::Load(d, out + r * args.out_stride);
      sum[r][1] = hn::Load(d, out + r * args.out_stride + kLanes);
    }
  }
  const float* b = args.panels + panel * args.k * kWidth;
  std::size_t k = 0;
  for (; k + 2 <= args.k; k += 2) {
    multiply_add<kRows, 2>(a, 1, b, 0, sum);
    multiply_add<kRows, 2>(a + kOuterTileStride, 1, b + kWidth, 0, sum);
    a += 2 * kOuterTileStride;
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
void outer_tile_of_rows(const OuterProductArgs& args, std::size_t rows, const float* a, float* out,
                        std::size_t panel) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return outer_tile<kRows>(args, a, out, panel);
    outer_tile_of_rows<kRows - 1>(args, rows, a, out, panel);
  }
}

// A panel of b stays in the L1 cache while the tiles of a go by.
inline void outer_product(const OuterProductArgs& args) noexcept {
  const std::size_t panels = args.n / (2 * hn::Lanes(hn::ScalableTag<float>()));
  const std::size_t tiles = (args.m + kMaxRows - 1) / kMaxRows;
  for (std::size_t panel = 0; panel < panels; ++panel) {
    for (std::size_t tile = 0; tile < tiles; ++tile) {
      const std::size_t row = outer_tile_begin(args.m, tiles, tile);
      const std::size_t rows = outer_tile_begin(args.m, tiles, tile + 1) - row;
      outer_tile_of_rows<kMaxRows>(args, rows, args.a + tile * args.k * kOuterTileStride,
                                   args.out + row * args.out_stride, panel);
    }
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_OUTER_PRODUCT_INL_H_
