// SPDX-License-Identifier: Apache-2.0
//
// Row ops that losses, dropout and gradients need. Included once per instruction set, see
// kernels_simd.cc.
#if defined(SHEAF_BACKEND_CPU_GRADIENT_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_GRADIENT_ROWS_INL_H_
#undef SHEAF_BACKEND_CPU_GRADIENT_ROWS_INL_H_
#else
#define SHEAF_BACKEND_CPU_GRADIENT_ROWS_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "hwy/highway.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/backend/cpu/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

struct Scale {
  template <class D, class V>
  HWY_INLINE V operator()(D /*d*/, V a, V /*b*/, V s) const {
    return hn::Mul(a, s);
  }
};
struct SigmoidGrad {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V y, V dy, V /*s*/) const {
    return hn::Mul(dy, hn::Mul(y, hn::Sub(hn::Set(d, 1.0F), y)));
  }
};
struct TanhGrad {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V y, V dy, V /*s*/) const {
    return hn::Mul(dy, hn::NegMulAdd(y, y, hn::Set(d, 1.0F)));
  }
};

// The sum of `width` floats: lane by lane, then over the lanes.
inline float sum_of(const float* a, std::size_t width) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto sum = hn::Zero(d);
  for (std::size_t j = 0; j < width; j += lanes) {
    sum = hn::Add(sum, hn::IfThenElseZero(hn::FirstN(d, width - j), hn::Load(d, a + j)));
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

inline void row_sum(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    args.to[i * args.to_stride] = sum_of(args.a + i * args.a_stride, args.a_width);
  }
}

inline void broadcast(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    std::fill_n(args.to + i * args.to_stride, args.width, args.a[i * args.a_stride]);
  }
}

inline void pick(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    args.to[i * args.to_stride] = args.a[i * args.a_stride + args.payloads[i]];
  }
}

inline void one_hot(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    float* to = args.to + i * args.to_stride;
    const float value = args.a[i * args.a_stride];
    std::memset(to, 0, args.width * sizeof(float));
    to[args.payloads[i]] = value;
  }
}

inline void log_softmax_grad(const RowsArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* y = args.a + i * args.a_stride;
    const float* dy = args.b + i * args.b_stride;
    float* to = args.to + i * args.to_stride;
    const auto sum = hn::Set(d, sum_of(dy, args.width));
    for (std::size_t j = 0; j < args.width; j += lanes) {
      const auto softmax = exp(d, hn::Load(d, y + j));
      hn::Store(hn::NegMulAdd(softmax, sum, hn::Load(d, dy + j)), d, to + j);
    }
  }
}

// Wellons' and TheIronBorn's two-round mixing of 32 bits, of low bias.
template <class V>
HWY_INLINE V mix(V x) {
  const hn::DFromV<V> d;
  x = hn::Xor(x, hn::ShiftRight<16>(x));
  x = hn::Mul(x, hn::Set(d, 0x21f0aaadU));
  x = hn::Xor(x, hn::ShiftRight<15>(x));
  x = hn::Mul(x, hn::Set(d, 0x735a2d97U));
  return hn::Xor(x, hn::ShiftRight<15>(x));
}

// The number of a column is a function of key, payload and column, whatever ran before.
inline void dropout_mask(const RowsArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  std::uint32_t key[2];
  std::memcpy(key, args.table, sizeof key);
  const auto kept = hn::Set(d, 1 / (1 - args.scalar));
  for (std::size_t i = 0; i < args.rows; ++i) {
    float* to = args.to + i * args.to_stride;
    const auto row = mix(hn::Xor(hn::Set(du, args.payloads[i]), hn::Set(du, key[0])));
    for (std::size_t j = 0; j < args.width; j += lanes) {
      const auto column = hn::Iota(du, static_cast<std::uint32_t>(j));
      const auto bits = mix(hn::Add(mix(hn::Xor(column, row)), hn::Set(du, key[1])));
      const auto uniform =
          hn::Mul(hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<8>(bits))), hn::Set(d, 0x1p-24F));
      hn::Store(hn::IfThenElseZero(hn::Ge(uniform, hn::Set(d, args.scalar)), kept), d, to + j);
    }
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_GRADIENT_ROWS_INL_H_
