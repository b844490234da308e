// SPDX-License-Identifier: Apache-2.0
//
// Products of integers. Included once per instruction set, see integers_simd.cc.
#if defined(SHEAF_BACKEND_CPU_INTEGERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_INTEGERS_INL_H_
#undef SHEAF_BACKEND_CPU_INTEGERS_INL_H_
#else
#define SHEAF_BACKEND_CPU_INTEGERS_INL_H_
#endif

#include <cstring>

#include "hwy/highway.h"
#include "sheaf/backend/cpu/integers.h"
#include "sheaf/tensor/aligned_buffer.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows of sums in registers, two vectors each: 24 of 32 registers, or 12 of 16.
#if defined(SHEAF_SANITIZED)
inline constexpr std::size_t kIntegerRows = 2;
#elif HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr std::size_t kIntegerRows = 12;
#else
inline constexpr std::size_t kIntegerRows = 6;
#endif

// Every lane's pair of 16-bit numbers, multiplied and added to the lane's sum.
template <class V>
HWY_INLINE V add_pairs(V a, V b, V sum) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::int32_t> d;
  const hn::ScalableTag<std::int16_t> d16;
  V none = hn::Zero(d);  // on x86 every pair goes to the lane it is in
  return hn::ReorderWidenMulAccumulate(d, hn::BitCast(d16, a), hn::BitCast(d16, b), sum, none);
#else
  const auto low = [](V v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
  const V second = hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b));
  return hn::Add(hn::Add(sum, hn::Mul(low(a), low(b))), second);
#endif
}

// kRows rows times one panel, two vectors wide.
template <std::size_t kRows>
void integer_tile(const IntegerProductArgs& args, std::size_t row, std::size_t panel) {
  const hn::ScalableTag<std::int32_t> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  V left[kRows];
  V right[kRows];
  for (std::size_t r = 0; r < kRows; ++r) left[r] = right[r] = hn::Zero(d);
  const std::int16_t* const rows = args.rows + row * args.row_stride;
  const auto* weights =
      reinterpret_cast<const std::int32_t*>(args.panels) + panel * args.pairs * 2 * kLanes;
  for (std::size_t k = 0; k < args.pairs; ++k, weights += 2 * kLanes) {
    const V first = hn::Load(d, weights);
    const V second = hn::Load(d, weights + kLanes);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < kRows; ++r) {
      std::int32_t pair = 0;
      std::memcpy(&pair, rows + r * args.row_stride + 2 * k, sizeof pair);
      const V x = hn::Set(d, pair);
      left[r] = add_pairs(x, first, left[r]);
      right[r] = add_pairs(x, second, right[r]);
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    std::int32_t* const to = args.sums + (row + r) * args.sum_stride + panel * 2 * kLanes;
    hn::Store(left[r], d, to);
    hn::Store(right[r], d, to + kLanes);
  }
}

template <std::size_t kRows>
void integer_tile_of(const IntegerProductArgs& args, std::size_t rows, std::size_t row,
                     std::size_t panel) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return integer_tile<kRows>(args, row, panel);
    integer_tile_of<kRows - 1>(args, rows, row, panel);
  }
}

// A panel meets all rows while it is in the L1 cache; rows are split evenly.
inline void integer_product(const IntegerProductArgs& args) noexcept {
  const hn::ScalableTag<std::int32_t> d;
  const std::size_t width = 2 * hn::Lanes(d);
  const std::size_t tiles = (args.count + kIntegerRows - 1) / kIntegerRows;
  for (std::size_t panel = 0; panel < args.n / width; ++panel) {
    std::size_t row = 0;
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t rows = (args.count - row + tiles - t - 1) / (tiles - t);
      integer_tile_of<kIntegerRows>(args, rows, row, panel);
      row += rows;
    }
  }
}

inline void scale_sums(const ScaleSumsArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const hn::ScalableTag<std::int32_t> di;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const std::int32_t* sums = args.sums + i * args.sum_stride;
    const float* initial = args.initial + i * args.initial_stride;
    float* to = args.to + i * args.to_stride;
    for (std::size_t j = 0; j < args.width; j += lanes) {
      const auto sum = hn::ConvertTo(d, hn::Load(di, sums + j));
      const auto term = hn::Mul(sum, hn::Load(d, args.factors + j));
      hn::Store(hn::Add(hn::Load(d, initial + j), term), d, to + j);
    }
  }
}

inline void narrow(const float* from, std::int16_t* to, std::size_t count) noexcept {
  const hn::ScalableTag<float> d;
  const hn::ScalableTag<std::int32_t> di;
  const hn::Rebind<std::int16_t, decltype(d)> d16;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < count; i += lanes) {
    hn::Store(hn::DemoteTo(d16, hn::ConvertTo(di, hn::Load(d, from + i))), d16, to + i);
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_INTEGERS_INL_H_
