// SPDX-License-Identifier: Apache-2.0
//
// Pooling, and what joins a matrix with one row. Included once per instruction set, see
// spatial_simd.cc.
#if defined(SHEAF_BACKEND_CPU_POOL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_POOL_INL_H_
#undef SHEAF_BACKEND_CPU_POOL_INL_H_
#else
#define SHEAF_BACKEND_CPU_POOL_INL_H_
#endif

#include <cstring>
#include <limits>

#include "hwy/highway.h"
#include "sheaf/backend/cpu/pool_window.h"
#include "sheaf/backend/cpu/spatial.h"
#include "sheaf/tensor/aligned_buffer.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The largest of a window's pixels, and which of its taps it is, the first of equals. NaN is larger
// than all.
template <class V>
struct Largest {
  V value;
  V tap;
};

template <class D, class V = hn::Vec<D>>
HWY_INLINE Largest<V> largest(D d, const SpatialArgs::Operand& picture, const PoolWindow& taps,
                              std::size_t c) {
  Largest<V> best{hn::Set(d, -std::numeric_limits<float>::infinity()), hn::Set(d, -1.0F)};
  float tap = 0;
  for (std::uint32_t y = taps.top; y < taps.bottom; ++y) {
    const float* from = picture.first + (std::size_t{y} * taps.width + taps.left) * picture.stride;
    for (std::uint32_t x = taps.left; x < taps.right; ++x, from += picture.stride, ++tap) {
      const V value = hn::Load(d, from + c);
      const auto none = hn::Lt(best.tap, hn::Zero(d));
      const auto better = hn::Or(hn::Or(none, hn::Gt(value, best.value)),
                                 hn::AndNot(hn::IsNaN(best.value), hn::IsNaN(value)));
      best.value = hn::IfThenElse(better, value, best.value);
      best.tap = hn::IfThenElse(better, hn::Set(d, tap), best.tap);
    }
  }
  return best;
}

inline void max_pool(const SpatialArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  for (std::uint32_t pixel = 0; pixel < args.shape.rows; ++pixel) {
    const PoolWindow taps(args.window, pixel);
    for (std::size_t c = 0; c < args.shape.cols; c += hn::Lanes(d)) {
      hn::Store(largest(d, args.a, taps, c).value, d, args.to + pixel * args.to_stride + c);
    }
  }
}

inline void clear_rows(const SpatialArgs& args) {
  const std::size_t floats = tensor::padded(args.shape.cols);
  for (std::uint32_t row = 0; row < args.shape.rows; ++row) {
    std::memset(args.to + row * args.to_stride, 0, floats * sizeof(float));
  }
}

inline void max_pool_grad(const SpatialArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  clear_rows(args);
  for (std::uint32_t pixel = 0; pixel < args.b.shape.rows; ++pixel) {
    const PoolWindow taps(args.window, pixel);
    for (std::size_t c = 0; c < args.shape.cols; c += hn::Lanes(d)) {
      const auto which = largest(d, args.a, taps, c).tap;
      const auto delta = hn::Load(d, args.b.first + pixel * args.b.stride + c);
      float tap = 0;
      for (std::uint32_t y = taps.top; y < taps.bottom; ++y) {
        float* to = args.to + (std::size_t{y} * taps.width + taps.left) * args.to_stride + c;
        for (std::uint32_t x = taps.left; x < taps.right; ++x, to += args.to_stride, ++tap) {
          const auto here = hn::IfThenElseZero(hn::Eq(which, hn::Set(d, tap)), delta);
          hn::Store(hn::Add(hn::Load(d, to), here), d, to);
        }
      }
    }
  }
}

inline void average_pool(const SpatialArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const auto share = hn::Set(d, 1.0F / static_cast<float>(args.window.taps()));
  for (std::uint32_t pixel = 0; pixel < args.shape.rows; ++pixel) {
    const PoolWindow taps(args.window, pixel);
    for (std::size_t c = 0; c < args.shape.cols; c += hn::Lanes(d)) {
      auto sum = hn::Zero(d);
      for (std::uint32_t y = taps.top; y < taps.bottom; ++y) {
        const float* from =
            args.a.first + (std::size_t{y} * taps.width + taps.left) * args.a.stride + c;
        for (std::uint32_t x = taps.left; x < taps.right; ++x, from += args.a.stride) {
          sum = hn::Add(sum, hn::Load(d, from));
        }
      }
      hn::Store(hn::Mul(sum, share), d, args.to + pixel * args.to_stride + c);
    }
  }
}

inline void average_pool_grad(const SpatialArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const auto share = hn::Set(d, 1.0F / static_cast<float>(args.window.taps()));
  clear_rows(args);
  for (std::uint32_t pixel = 0; pixel < args.a.shape.rows; ++pixel) {
    const PoolWindow taps(args.window, pixel);
    for (std::size_t c = 0; c < args.shape.cols; c += hn::Lanes(d)) {
      const auto delta = hn::Mul(hn::Load(d, args.a.first + pixel * args.a.stride + c), share);
      for (std::uint32_t y = taps.top; y < taps.bottom; ++y) {
        float* to = args.to + (std::size_t{y} * taps.width + taps.left) * args.to_stride + c;
        for (std::uint32_t x = taps.left; x < taps.right; ++x, to += args.to_stride) {
          hn::Store(hn::Add(hn::Load(d, to), delta), d, to);
        }
      }
    }
  }
}

// Row after row: one chain per column.
inline void sum_rows(const SpatialArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  for (std::size_t c = 0; c < args.shape.cols; c += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    const float* from = args.a.first + c;
    for (std::uint32_t row = 0; row < args.a.shape.rows; ++row, from += args.a.stride) {
      sum = hn::Add(sum, hn::Load(d, from));
    }
    hn::Store(sum, d, args.to + c);
  }
}

template <class Op>
void with_row(const SpatialArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const Op op;
  for (std::uint32_t row = 0; row < args.shape.rows; ++row) {
    for (std::size_t c = 0; c < args.shape.cols; c += hn::Lanes(d)) {
      const auto a = hn::Load(d, args.a.first + row * args.a.stride + c);
      const auto b = hn::Load(d, args.b.first + c);
      hn::Store(op(d, a, b, b), d, args.to + row * args.to_stride + c);
    }
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_POOL_INL_H_
