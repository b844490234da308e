// SPDX-License-Identifier: Apache-2.0
//
// The product of a block of rows with packed panels. Included once per instruction set, see
// kernels_simd.cc.
#if defined(SHEAF_BACKEND_CPU_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_PRODUCT_INL_H_
#undef SHEAF_BACKEND_CPU_PRODUCT_INL_H_
#else
#define SHEAF_BACKEND_CPU_PRODUCT_INL_H_
#endif

#include "hwy/highway.h"
#include "sheaf/backend/cpu/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// AVX-512 and arm64 have 32 vector registers: 12 rows x 2 vectors of sums, 2 of weights, 1
// broadcast. The others have 16: 6 rows.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr std::size_t kMaxRows = 12;
#else
inline constexpr std::size_t kMaxRows = 6;
#endif

// GCC 12 folds the load of a weight vector into each multiply-add that uses it, once per row. An
// empty asm keeps the vector in a register.
template <class V>
HWY_INLINE void keep_in_register([[maybe_unused]] V& v) {
#if HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL && HWY_TARGET <= HWY_AVX3
  asm("" : "+v"(v.raw));
#elif HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL && HWY_TARGET == HWY_AVX2
  asm("" : "+x"(v.raw));
#endif
}

// kRows rows times kPanels neighbouring panels, sums in registers. The chain of an element does not
// depend on either number.
template <std::size_t kRows, std::size_t kPanels>
void product_tile(const ProductArgs& args, std::size_t row, std::size_t panel) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  constexpr std::size_t kWidth = 2 * kLanes;
  constexpr std::size_t kVectors = 2 * kPanels;
  const std::size_t column = panel * kWidth;

  V sum[kRows][kVectors];
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v)
      sum[r][v] = hn::Load(d, args.bias + column + v * kLanes);
  }
  const float* w = args.panels + panel * args.k * kWidth;
  const std::size_t panel_stride = args.k * kWidth;
  for (const ProductArgs::Range& range : args.ranges) {
    const float* a = range.a + row * range.stride;
    for (std::size_t k = 0; k < range.k; ++k) {
      V weights[kVectors];
#pragma GCC unroll 8
      for (std::size_t v = 0; v < kVectors; ++v) {
        weights[v] = hn::Load(d, w + (v / 2) * panel_stride + (v % 2) * kLanes);
        if constexpr (kRows > 1) keep_in_register(weights[v]);
      }
#pragma GCC unroll 12
      for (std::size_t r = 0; r < kRows; ++r) {
        const V x = hn::Set(d, a[r * range.stride + k]);
#pragma GCC unroll 8
        for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(x, weights[v], sum[r][v]);
      }
      w += kWidth;
    }
  }
#pragma GCC unroll 12
  for (std::size_t r = 0; r < kRows; ++r) {
    float* out = args.out + (row + r) * args.out_stride + column;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sum[r][v], d, out + v * kLanes);
  }
}

template <std::size_t kRows>
void tile_of_rows(const ProductArgs& args, std::size_t rows, std::size_t row, std::size_t panel) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return product_tile<kRows, 1>(args, row, panel);
    tile_of_rows<kRows - 1>(args, rows, row, panel);
  }
}

// Few rows: neighbouring panels together, so that there are enough independent chains to fill the
// pipeline.
template <std::size_t kRows, std::size_t kPanels>
std::size_t wide_tiles(const ProductArgs& args, std::size_t panel, std::size_t panels) {
  for (; panel + kPanels <= panels; panel += kPanels) product_tile<kRows, kPanels>(args, 0, panel);
  return panel;
}

inline void product(const ProductArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const std::size_t panels = args.n / (2 * hn::Lanes(d));
  std::size_t panel = 0;
  if (args.rows == 1) {
    panel = wide_tiles<1, 4>(args, panel, panels);
    panel = wide_tiles<1, 2>(args, panel, panels);
  } else if (args.rows == 2) {
    panel = wide_tiles<2, 2>(args, panel, panels);
  } else if (args.rows == 3) {
    panel = wide_tiles<3, 2>(args, panel, panels);
  } else if (args.rows == 4 && kMaxRows > 6) {
    panel = wide_tiles<4, 2>(args, panel, panels);
  }
  // Rows are split evenly: 32 rows are tiles of 11, 11 and 10, not of 12, 12 and 8.
  const std::size_t tiles = (args.rows + kMaxRows - 1) / kMaxRows;
  for (; panel < panels; ++panel) {
    std::size_t row = 0;
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t rows = (args.rows - row + tiles - t - 1) / (tiles - t);
      tile_of_rows<kMaxRows>(args, rows, row, panel);
      row += rows;
    }
  }
}

// Enough chains to cover the latency of two pipes, none of which touches memory.
inline double fma_loop(std::size_t iterations, float* sink) noexcept {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kChains = 12;
  const V x = hn::Set(d, *sink);
  const V y = hn::Set(d, 0.5F);
  V sum[kChains];
#pragma GCC unroll 12
  for (std::size_t c = 0; c < kChains; ++c) sum[c] = hn::Set(d, static_cast<float>(c));
  for (std::size_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (std::size_t c = 0; c < kChains; ++c) sum[c] = hn::MulAdd(sum[c], y, x);
  }
  V total = sum[0];
#pragma GCC unroll 12
  for (std::size_t c = 1; c < kChains; ++c) total = hn::Add(total, sum[c]);
  *sink = hn::GetLane(hn::SumOfLanes(d, total)) * 1e-9F;
  return 2.0 * static_cast<double>(iterations * kChains * hn::Lanes(d));
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_PRODUCT_INL_H_
