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

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "sheaf/backend/cpu/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// AVX-512 has 32 vector registers: 14 rows x 2 vectors of sums, 2 of weights, 1 broadcast. So has
// arm64, where 12 rows are enough. The others have 16: 6 rows.
// Sanitizers: four everywhere, as fourteen would take a compiler that checks each access minutes.
#if defined(SHEAF_SANITIZED)
inline constexpr std::size_t kMaxRows = 4;
#elif HWY_TARGET <= HWY_AVX3
inline constexpr std::size_t kMaxRows = 14;
#elif HWY_ARCH_ARM_A64
inline constexpr std::size_t kMaxRows = 12;
#else
inline constexpr std::size_t kMaxRows = 6;
#endif

// Floats of a cache line.
inline constexpr std::size_t kLineFloats = 16;

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

// One step of k: a vector of weights, every row's sums.
template <std::size_t kRows, std::size_t kVectors, class V>
HWY_INLINE void multiply_add(const float* a, std::size_t stride, const float* w,
                             std::size_t panel_stride, V (&sum)[kRows][kVectors]) {
  const hn::ScalableTag<float> d;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  V weights[kVectors];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) {
    weights[v] = hn::Load(d, w + (v / 2) * panel_stride + (v % 2) * kLanes);
    if constexpr (kRows > 1) keep_in_register(weights[v]);
  }
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
    const V x = hn::Set(d, a[r * stride]);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(x, weights[v], sum[r][v]);
  }
}

// kRows rows times kPanels neighbouring panels, sums in registers. The chain of an element does not
// depend on either number. Meanwhile kLines cache lines from `ahead` on are fetched for every two
// steps of k: weights that come from beyond the L2 cache would otherwise stop the tile that meets
// them first.
template <std::size_t kRows, std::size_t kPanels, std::size_t kLines>
void product_tile(const ProductArgs& args, std::size_t row, std::size_t panel, const float* ahead) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  constexpr std::size_t kWidth = 2 * kLanes;
  constexpr std::size_t kVectors = 2 * kPanels;
  const std::size_t column = panel * kWidth;

  V sum[kRows][kVectors];
  const float* const initial = args.initial + row * args.initial_stride + column;
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v)
      sum[r][v] = hn::Load(d, initial + r * args.initial_stride + v * kLanes);
  }
  const float* w = args.panels + panel * args.k * kWidth;
  const std::size_t panel_stride = args.k * kWidth;
  for (const ProductArgs::Range& range : args.ranges) {
    const float* a = range.a + row * range.stride;
    std::size_t k = 0;
    for (; k + 2 <= range.k; k += 2) {
#pragma GCC unroll 8
      for (std::size_t line = 0; line < kLines; ++line) hwy::Prefetch(ahead + line * kLineFloats);
      ahead += kLines * kLineFloats;
      multiply_add<kRows, kVectors>(a + k, range.stride, w, panel_stride, sum);
      multiply_add<kRows, kVectors>(a + k + 1, range.stride, w + kWidth, panel_stride, sum);
      w += 2 * kWidth;
    }
    if (k == range.k) continue;
    multiply_add<kRows, kVectors>(a + k, range.stride, w, panel_stride, sum);
    w += kWidth;
  }
#pragma GCC unroll 14
  for (std::size_t r = 0; r < kRows; ++r) {
    float* out = args.out + (row + r) * args.out_stride + column;
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sum[r][v], d, out + v * kLanes);
  }
}

template <std::size_t kRows, std::size_t kLines>
void tile_of_rows(const ProductArgs& args, std::size_t rows, std::size_t row, std::size_t panel,
                  const float* ahead) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return product_tile<kRows, 1, kLines>(args, row, panel, ahead);
    tile_of_rows<kRows - 1, kLines>(args, rows, row, panel, ahead);
  }
}

// Few rows: neighbouring panels together, so that there are enough independent chains to fill the
// pipeline.
template <std::size_t kRows, std::size_t kPanels>
std::size_t wide_tiles(const ProductArgs& args, std::size_t panel, std::size_t panels) {
  for (; panel + kPanels <= panels; panel += kPanels) {
    product_tile<kRows, kPanels, 0>(args, 0, panel, nullptr);
  }
  return panel;
}

// All rows of one panel, while the next one is fetched, by all tiles in equal shares. Rows are
// split evenly: 32 rows are tiles of 11, 11 and 10, not of 14, 14 and 4.
template <std::size_t kLines>
void tiles_of_panel(const ProductArgs& args, std::size_t panel, std::size_t tiles) {
  const hn::ScalableTag<float> d;
  const std::size_t panel_floats = args.k * 2 * hn::Lanes(d);
  const std::size_t share = (args.k / 2) * kLines * kLineFloats;
  const float* const next = args.panels + (panel + 1) * panel_floats;
  std::size_t row = 0;
  for (std::size_t t = 0; t < tiles; ++t) {
    const std::size_t rows = (args.rows - row + tiles - t - 1) / (tiles - t);
    if (t * share < panel_floats) {
      tile_of_rows<kMaxRows, kLines>(args, rows, row, panel, next + t * share);
    } else {
      tile_of_rows<kMaxRows, 0>(args, rows, row, panel, nullptr);
    }
    row += rows;
  }
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
  const std::size_t tiles = (args.rows + kMaxRows - 1) / kMaxRows;
  // Two steps of k use kLinesOfTwo lines of a panel.
  constexpr std::size_t kLinesOfTwo = 2 * 2 * hn::MaxLanes(d) / kLineFloats;
  for (; panel < panels; ++panel) {
    if (tiles >= kLinesOfTwo) {
      tiles_of_panel<1>(args, panel, tiles);
    } else {
      tiles_of_panel<(kLinesOfTwo + 1) / 2>(args, panel, tiles);
    }
  }
}

// Enough chains to cover the latency of two pipes, none of which touches memory. A chain converges
// to twice *sink, and their mean is halved again, so that no later call meets denormal numbers.
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
  *sink = hn::GetLane(hn::SumOfLanes(d, total)) / static_cast<float>(2 * kChains * hn::Lanes(d));
  return 2.0 * static_cast<double>(iterations * kChains * hn::Lanes(d));
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_PRODUCT_INL_H_
