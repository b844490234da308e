// SPDX-License-Identifier: Apache-2.0
//
// Element-wise and row ops. Included once per instruction set, see kernels_simd.cc.
#if defined(SHEAF_BACKEND_CPU_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_ROWS_INL_H_
#undef SHEAF_BACKEND_CPU_ROWS_INL_H_
#else
#define SHEAF_BACKEND_CPU_ROWS_INL_H_
#endif

#include <cmath>
#include <cstring>
#include <limits>

#include "hwy/highway.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/tensor/aligned_buffer.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// exp(x): x = n ln 2 + r, a polynomial in r (coefficients: Cephes expf), times 2^n. x is clamped to
// where the result is a normal number; NaN stays NaN. At most 2 ulp.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp(D d, V x) {
#if HWY_TARGET <= HWY_AVX3
  // The second operand is what these return where one is NaN.
  V clamped{_mm512_max_ps(hn::Set(d, -87.3F).raw, x.raw)};
  clamped.raw = _mm512_min_ps(hn::Set(d, 88.0F).raw, clamped.raw);
#else
  const V clamped = hn::Min(hn::Max(x, hn::Set(d, -87.3F)), hn::Set(d, 88.0F));
#endif
  const V n = hn::Round(hn::Mul(clamped, hn::Set(d, 1.44269504088896341F)));
  V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375F), clamped);
  r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F), r);
  V p = hn::Set(d, 1.9875691500e-4F);
  p = hn::MulAdd(p, r, hn::Set(d, 1.3981999507e-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 8.3334519073e-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 4.1665795894e-2F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.6666665459e-1F));
  p = hn::MulAdd(p, r, hn::Set(d, 5.0000001201e-1F));
  p = hn::Add(hn::MulAdd(p, hn::Mul(r, r), r), hn::Set(d, 1.0F));
#if HWY_TARGET <= HWY_AVX3
  return V{_mm512_scalef_ps(p.raw, n.raw)};
#else
  const hn::RebindToSigned<D> di;
  const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127)));
  const V y = hn::Mul(p, hn::BitCast(d, exponent));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
#endif
}

// a / b for a b whose reciprocal is a normal number, to 1 ulp or so. AVX-512 divides one vector in
// 16 cycles; a 14-bit reciprocal and one step of Newton's take a few.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V quotient([[maybe_unused]] D d, V a, V b) {
#if HWY_TARGET <= HWY_AVX3
  const V approximate = hn::ApproximateReciprocal(b);
  const V error = hn::NegMulAdd(b, approximate, hn::Set(d, 1.0F));
  const V q = hn::Mul(a, approximate);
  return hn::MulAdd(q, error, q);
#else
  return hn::Div(a, b);
#endif
}

struct Add {
  template <class D, class V>
  HWY_INLINE V operator()(D /*d*/, V a, V b, V /*s*/) const {
    return hn::Add(a, b);
  }
};
struct Sub {
  template <class D, class V>
  HWY_INLINE V operator()(D /*d*/, V a, V b, V /*s*/) const {
    return hn::Sub(a, b);
  }
};
struct Mul {
  template <class D, class V>
  HWY_INLINE V operator()(D /*d*/, V a, V b, V /*s*/) const {
    return hn::Mul(a, b);
  }
};
struct OneMinus {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V /*b*/, V /*s*/) const {
    return hn::Sub(hn::Set(d, 1.0F), a);
  }
};
struct Sigmoid {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V /*b*/, V /*s*/) const {
    const V one = hn::Set(d, 1.0F);
    return quotient(d, one, hn::Add(one, exp(d, hn::Neg(a))));
  }
};
// An odd rational function, degree 13 over 6 (minimax; coefficients: Eigen's), with an error below
// 3e-7, absolute and relative. From 8.4755 on tanh(a) is 1, exactly: 1 - y y is the slope there,
// and gradients that a deep graph multiplies without end must meet 0. Below 4e-4 tanh(a) is a; NaN
// goes the same way.
struct Tanh {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V /*b*/, V /*s*/) const {
    const V magnitude = hn::Abs(a);
    const V x = hn::Min(magnitude, hn::Set(d, 8.4755F));
    const V z = hn::Mul(x, x);
    V p = hn::Set(d, -2.76076847742355e-16F);
    p = hn::MulAdd(p, z, hn::Set(d, 2.00018790482477e-13F));
    p = hn::MulAdd(p, z, hn::Set(d, -8.60467152213735e-11F));
    p = hn::MulAdd(p, z, hn::Set(d, 5.12229709037114e-08F));
    p = hn::MulAdd(p, z, hn::Set(d, 1.48572235717979e-05F));
    p = hn::MulAdd(p, z, hn::Set(d, 6.37261928875436e-04F));
    p = hn::MulAdd(p, z, hn::Set(d, 4.89352455891786e-03F));
    V q = hn::Set(d, 1.19825839466702e-06F);
    q = hn::MulAdd(q, z, hn::Set(d, 1.18534705686654e-04F));
    q = hn::MulAdd(q, z, hn::Set(d, 2.26843463243900e-03F));
    q = hn::MulAdd(q, z, hn::Set(d, 4.89352518554385e-03F));
    const V one = hn::Set(d, 1.0F);
    // An approximate quotient need not reach 1.
    const V curve = hn::Min(quotient(d, hn::Mul(p, x), q), one);
    const V y = hn::IfThenElse(hn::Ge(magnitude, hn::Set(d, 8.4755F)), one, curve);
    return hn::IfThenElse(hn::Ge(magnitude, hn::Set(d, 4e-4F)), hn::CopySign(y, a), a);
  }
};

// NaN stays NaN.
struct Relu {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V /*b*/, V /*s*/) const {
    return hn::IfThenElse(hn::Lt(a, hn::Zero(d)), hn::Zero(d), a);
  }
};
struct ReluGrad {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b, V /*s*/) const {
    return hn::IfThenElseZero(hn::Gt(a, hn::Zero(d)), b);
  }
};
struct ReciprocalSqrt {
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V /*b*/, V /*s*/) const {
    return hn::Div(hn::Set(d, 1.0F), hn::Sqrt(a));
  }
};

// Whole vectors, into the padding of the rows.
template <class Op, int kOperands>
void elementwise(const RowsArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const Op op;
  const V scalar = hn::Set(d, args.scalar);
  std::size_t rows = args.rows;
  std::size_t width = tensor::padded(args.width);
  // Rows without gaps are one long row.
  if (args.to_stride == width && (kOperands < 1 || args.a_stride == width) &&
      (kOperands < 2 || args.b_stride == width)) {
    width *= rows;
    rows = 1;
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const float* a = args.a + i * args.a_stride;
    const float* b = args.b + i * args.b_stride;
    float* to = args.to + i * args.to_stride;
    for (std::size_t j = 0; j < width; j += lanes) {
      V va = scalar;
      V vb = scalar;
      if constexpr (kOperands > 0) va = hn::Load(d, a + j);
      if constexpr (kOperands > 1) vb = hn::Load(d, b + j);
      hn::Store(op(d, va, vb, scalar), d, to + j);
    }
  }
}

// Exactly `width` floats: a part of a concat may begin anywhere in a row.
inline void copy_rows(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    std::memcpy(args.to + i * args.to_stride, args.a + i * args.a_stride,
                args.width * sizeof(float));
  }
}

inline void fill_rows(const RowsArgs& args) noexcept {
  for (std::size_t i = 0; i < args.rows; ++i) {
    float* to = args.to + i * args.to_stride;
    for (std::size_t j = 0; j < args.width; ++j) to[j] = args.scalar;
  }
}

inline void log_softmax(const RowsArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const V lowest = hn::Set(d, -std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* a = args.a + i * args.a_stride;
    float* to = args.to + i * args.to_stride;
    const auto load = [&](std::size_t j) {
      return hn::IfThenElse(hn::FirstN(d, args.width - j), hn::Load(d, a + j), lowest);
    };
    V most = lowest;
    for (std::size_t j = 0; j < args.width; j += lanes) most = hn::Max(most, load(j));
    most = hn::MaxOfLanes(d, most);
    V sum = hn::Zero(d);
    for (std::size_t j = 0; j < args.width; j += lanes) {
      const V e = exp(d, hn::Sub(load(j), most));
      sum = hn::Add(sum, hn::IfThenElseZero(hn::FirstN(d, args.width - j), e));
    }
    // (a - most) - log(sum): adding `most` to the logarithm first would lose the logarithm's digits
    // where `most` is large.
    const V log_sum = hn::Set(d, std::log(hn::GetLane(hn::SumOfLanes(d, sum))));
    for (std::size_t j = 0; j < args.width; j += lanes) {
      hn::Store(hn::Sub(hn::Sub(hn::Load(d, a + j), most), log_sum), d, to + j);
    }
  }
}

// The integers nearest to a / scale, NaN being 0. Dividing, not multiplying by a reciprocal, gives
// the same bits everywhere.
inline void quantise(const RowsArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto scale = hn::Set(d, args.table[0]);
  const auto most = hn::Set(d, args.scalar);
  const auto least = hn::Neg(most);
  for (std::size_t i = 0; i < args.rows; ++i) {
    const float* a = args.a + i * args.a_stride;
    float* to = args.to + i * args.to_stride;
    for (std::size_t j = 0; j < args.width; j += lanes) {
      const auto quotient = hn::Div(hn::Load(d, a + j), scale);
      const auto clamped = hn::Min(hn::Max(quotient, least), most);
      const auto is_number = hn::Eq(quotient, quotient);
      hn::Store(hn::IfThenElseZero(is_number, hn::Round(clamped)), d, to + j);
    }
  }
}

inline void viterbi_step(const RowsArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t tags = args.width / 2;
  for (std::size_t row = 0; row < args.rows; ++row) {
    const float* previous = args.a + row * args.a_stride;
    const float* emissions = args.b + row * args.b_stride;
    float* to = args.to + row * args.to_stride;
    // Masked stores: the back pointers begin where the scores end, in the middle of a vector.
    for (std::size_t j = 0; j < tags; j += lanes) {
      V best = hn::Add(hn::Set(d, previous[0]), hn::Load(d, args.table + j));
      V from = hn::Zero(d);
      for (std::size_t i = 1; i < tags; ++i) {
        const V score =
            hn::Add(hn::Set(d, previous[i]), hn::Load(d, args.table + i * args.table_stride + j));
        const auto better = hn::Gt(score, best);
        best = hn::IfThenElse(better, score, best);
        from = hn::IfThenElse(better, hn::Set(d, static_cast<float>(i)), from);
      }
      const auto inside = hn::FirstN(d, tags - j);
      hn::BlendedStore(hn::Add(best, hn::Load(d, emissions + j)), inside, d, to + j);
      hn::BlendedStore(from, inside, d, to + tags + j);
    }
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_ROWS_INL_H_
