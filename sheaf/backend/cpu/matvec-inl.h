// SPDX-License-Identifier: Apache-2.0
//
// The product of a matrix that a node owns with a vector. Included once per instruction set, see
// kernels_simd.cc.
#if defined(SHEAF_BACKEND_CPU_MATVEC_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_BACKEND_CPU_MATVEC_INL_H_
#undef SHEAF_BACKEND_CPU_MATVEC_INL_H_
#else
#define SHEAF_BACKEND_CPU_MATVEC_INL_H_
#endif

#include "hwy/highway.h"
#include "sheaf/backend/cpu/kernels.h"
#include "sheaf/tensor/aligned_buffer.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// kVectors vectors of the result from element `j` on, sums in registers.
template <std::size_t kVectors>
void matvec_tile(const MatVecArgs& args, std::size_t j) {
  const hn::ScalableTag<float> d;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  hn::Vec<decltype(d)> sum[kVectors];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) sum[v] = hn::Zero(d);
  const float* column = args.matrix + j;
  for (std::size_t c = 0; c < args.rows; ++c, column += args.stride) {
    const auto x = hn::Set(d, args.vector[c]);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v)
      sum[v] = hn::MulAdd(x, hn::Load(d, column + v * kLanes), sum[v]);
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sum[v], d, args.to + j + v * kLanes);
}

// Eight vectors at a time are enough independent chains to fill the pipeline.
inline void matvec(const MatVecArgs& args) noexcept {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t width = tensor::padded(args.width);
  std::size_t j = 0;
  for (; j + 8 * lanes <= width; j += 8 * lanes) matvec_tile<8>(args, j);
  for (; j + 4 * lanes <= width; j += 4 * lanes) matvec_tile<4>(args, j);
  for (; j < width; j += lanes) matvec_tile<1>(args, j);
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SHEAF_BACKEND_CPU_MATVEC_INL_H_
