// SPDX-License-Identifier: Apache-2.0
//
// Fourier transforms of blocks of k real numbers, k a power of two from 2 to 64, one block per
// vector lane. Included once per instruction set, see kernels_simd.cc.
//
// The spectrum X_f = sum over d of x_d exp(+2 pi i f d / k) of a real block has conj(X_f) =
// X_(k-f): k / 2 + 1 coefficients say all, of which two are real. They are kept as k numbers,
//
//   X_0, X_k/2, Re X_1, Im X_1, Re X_2, Im X_2, ...
//
// Radix 2, decimation in time, on such spectra of the even and the odd numbers. The sign of the
// exponent, opposite to the usual one, saves the negations; convolution does not depend on it.
#if defined(SHEAF_BACKEND_CPU_REAL_FFT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_REAL_FFT_INL_H_
#undef SHEAF_BACKEND_CPU_REAL_FFT_INL_H_
#else
#define SHEAF_BACKEND_CPU_REAL_FFT_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// cos(2 pi j / 64).
inline constexpr float kCosines[17] = {
    1.0F,         0.995184727F, 0.98078528F,  0.956940336F,  0.923879533F, 0.881921264F,
    0.831469612F, 0.773010453F, 0.707106781F, 0.634393284F,  0.555570233F, 0.471396737F,
    0.382683432F, 0.290284677F, 0.195090322F, 0.0980171403F, 0.0F};

template <std::size_t kSize, class D>
HWY_INLINE hn::Vec<D> cosine(D d, std::size_t f) {
  return hn::Set(d, kCosines[f * (64 / kSize)]);
}
template <std::size_t kSize, class D>
HWY_INLINE hn::Vec<D> sine(D d, std::size_t f) {
  return hn::Set(d, kCosines[16 - f * (64 / kSize)]);
}

// The spectrum of x[0], x[kStride], x[2 kStride], ...
template <std::size_t kSize, std::size_t kStride, class D, class V>
HWY_INLINE void real_fft(D d, const V* x, V* spectrum) {
  if constexpr (kSize == 1) {
    spectrum[0] = x[0];
  } else {
    constexpr std::size_t kHalf = kSize / 2;
    V even[kHalf];
    V odd[kHalf];
    real_fft<kHalf, 2 * kStride>(d, x, even);
    real_fft<kHalf, 2 * kStride>(d, x + kStride, odd);
    spectrum[0] = hn::Add(even[0], odd[0]);
    spectrum[1] = hn::Sub(even[0], odd[0]);
    if constexpr (kSize >= 4) {
      spectrum[kHalf] = even[1];
      spectrum[kHalf + 1] = odd[1];
    }
#pragma GCC unroll 16
    for (std::size_t f = 1; f < kSize / 4; ++f) {
      const std::size_t g = kHalf - f;
      const V cos = cosine<kSize>(d, f);
      const V sin = sine<kSize>(d, f);
      const V re = hn::MulSub(cos, odd[2 * f], hn::Mul(sin, odd[2 * f + 1]));
      const V im = hn::MulAdd(cos, odd[2 * f + 1], hn::Mul(sin, odd[2 * f]));
      spectrum[2 * f] = hn::Add(even[2 * f], re);
      spectrum[2 * f + 1] = hn::Add(even[2 * f + 1], im);
      spectrum[2 * g] = hn::Sub(even[2 * f], re);
      spectrum[2 * g + 1] = hn::Sub(im, even[2 * f + 1]);
    }
  }
}

// The opposite, of a spectrum of which X_0 and X_k/2 are divided by k and the others by k / 2.
template <std::size_t kSize, std::size_t kStride, class D, class V>
HWY_INLINE void real_ifft(D d, const V* spectrum, V* x) {
  if constexpr (kSize == 1) {
    x[0] = spectrum[0];
  } else {
    constexpr std::size_t kHalf = kSize / 2;
    V even[kHalf];
    V odd[kHalf];
    even[0] = hn::Add(spectrum[0], spectrum[1]);
    odd[0] = hn::Sub(spectrum[0], spectrum[1]);
    if constexpr (kSize >= 4) {
      even[1] = spectrum[kHalf];
      odd[1] = spectrum[kHalf + 1];
    }
#pragma GCC unroll 16
    for (std::size_t f = 1; f < kSize / 4; ++f) {
      const std::size_t g = kHalf - f;
      const V cos = cosine<kSize>(d, f);
      const V sin = sine<kSize>(d, f);
      const V re = hn::Sub(spectrum[2 * f], spectrum[2 * g]);
      const V im = hn::Add(spectrum[2 * f + 1], spectrum[2 * g + 1]);
      even[2 * f] = hn::Add(spectrum[2 * f], spectrum[2 * g]);
      even[2 * f + 1] = hn::Sub(spectrum[2 * f + 1], spectrum[2 * g + 1]);
      odd[2 * f] = hn::MulAdd(cos, re, hn::Mul(sin, im));
      odd[2 * f + 1] = hn::MulSub(cos, im, hn::Mul(sin, re));
    }
    real_ifft<kHalf, 2 * kStride>(d, even, x);
    real_ifft<kHalf, 2 * kStride>(d, odd, x + kStride);
  }
}

// kVectors vectors are one array whose index has log2(kVectors * lanes) bits. Every step moves the
// lowest bit to the top. With one lane there is nothing to move.
template <std::size_t kVectors, std::size_t kSteps, class D, class V>
HWY_INLINE void rotate_index([[maybe_unused]] D d, [[maybe_unused]] V* v) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kSteps > 0) {
    constexpr std::size_t kHalf = kVectors / 2;
    V to[kVectors];
#pragma GCC unroll 32
    for (std::size_t i = 0; i < kHalf; ++i) {
      to[i] = hn::ConcatEven(d, v[2 * i + 1], v[2 * i]);
      to[kHalf + i] = hn::ConcatOdd(d, v[2 * i + 1], v[2 * i]);
    }
    rotate_index<kVectors, kSteps - 1>(d, to);
#pragma GCC unroll 64
    for (std::size_t i = 0; i < kVectors; ++i) v[i] = to[i];
  }
#endif
}

constexpr std::size_t log2_of(std::size_t n) { return n < 2 ? 0 : 1 + log2_of(n / 2); }

// A transform of `lanes` blocks that follow each other; coefficient c of them to `to + c * stride`.
using ForwardTransform = void (*)(const float* from, float* to, std::size_t stride);

template <std::size_t kSize>
void transform_blocks(const float* from, float* to, std::size_t stride) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  V x[kSize];
  V spectrum[kSize];
  if constexpr (kSize <= kLanes) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kSize; ++i) x[i] = hn::LoadU(d, from + i * kLanes);
    rotate_index<kSize, log2_of(kSize)>(d, x);
  } else {
    for (std::size_t c = 0; c < kSize; c += kLanes) {
#pragma GCC unroll 16
      for (std::size_t i = 0; i < kLanes; ++i) x[c + i] = hn::LoadU(d, from + i * kSize + c);
      rotate_index<kLanes, log2_of(kLanes)>(d, x + c);
    }
  }
  real_fft<kSize, 1>(d, x, spectrum);
#pragma GCC unroll 64
  for (std::size_t i = 0; i < kSize; ++i) hn::StoreU(spectrum[i], d, to + i * stride);
}

// to[i] = base[i] + the i-th number of `lanes` blocks, from their spectra [k][lanes].
using BackTransform = void (*)(const float* spectra, const float* base, float* to);

template <std::size_t kSize>
void transform_back(const float* spectra, const float* base, float* to) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  V spectrum[kSize];
  V x[kSize];
#pragma GCC unroll 64
  for (std::size_t i = 0; i < kSize; ++i) spectrum[i] = hn::Load(d, spectra + i * kLanes);
  real_ifft<kSize, 1>(d, spectrum, x);
  const auto put = [&](V value, std::size_t at) {
    hn::StoreU(hn::Add(hn::LoadU(d, base + at), value), d, to + at);
  };
  if constexpr (kSize <= kLanes) {
    rotate_index<kSize, log2_of(kLanes)>(d, x);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kSize; ++i) put(x[i], i * kLanes);
  } else {
    for (std::size_t c = 0; c < kSize; c += kLanes) {
      rotate_index<kLanes, log2_of(kLanes)>(d, x + c);
#pragma GCC unroll 16
      for (std::size_t i = 0; i < kLanes; ++i) put(x[c + i], i * kSize + c);
    }
  }
}

// k a power of two from 2 to 64.
inline ForwardTransform forward_transform(std::size_t k) {
  switch (k) {
    case 2:
      return transform_blocks<2>;
    case 4:
      return transform_blocks<4>;
    case 8:
      return transform_blocks<8>;
    case 16:
      return transform_blocks<16>;
    case 32:
      return transform_blocks<32>;
    default:
      return transform_blocks<64>;
  }
}

inline BackTransform back_transform(std::size_t k) {
  switch (k) {
    case 2:
      return transform_back<2>;
    case 4:
      return transform_back<4>;
    case 8:
      return transform_back<8>;
    case 16:
      return transform_back<16>;
    case 32:
      return transform_back<32>;
    default:
      return transform_back<64>;
  }
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_REAL_FFT_INL_H_
