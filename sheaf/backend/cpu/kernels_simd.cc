// SPDX-License-Identifier: Apache-2.0
//
// The kernels written once on Highway's vectors and compiled once per instruction set: AVX-512,
// AVX2 and the base instruction set of the build (on x86-64 without any extension; on arm64 NEON).
#include "sheaf/backend/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sheaf/backend/cpu/kernels_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sheaf/backend/cpu/circulant-inl.h"
#include "sheaf/backend/cpu/gradient_rows-inl.h"
#include "sheaf/backend/cpu/integers.h"
#include "sheaf/backend/cpu/matvec-inl.h"
#include "sheaf/backend/cpu/outer_product-inl.h"
#include "sheaf/backend/cpu/product-inl.h"
#include "sheaf/backend/cpu/rows-inl.h"
#include "sheaf/backend/cpu/spatial.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {

// One line per op.
inline RowsKernels make_rows() {
  RowsKernels rows{};
  const auto set = [&rows](ops::OpKind kind, RowsKernel kernel) {
    rows[static_cast<std::size_t>(kind)] = kernel;
  };
  using ops::OpKind;
  set(OpKind::constant, fill_rows);
  set(OpKind::copy, copy_rows);
  set(OpKind::add, elementwise<Add, 2>);
  set(OpKind::sub, elementwise<Sub, 2>);
  set(OpKind::mul, elementwise<Mul, 2>);
  set(OpKind::one_minus, elementwise<OneMinus, 1>);
  set(OpKind::sigmoid, elementwise<Sigmoid, 1>);
  set(OpKind::tanh, elementwise<Tanh, 1>);
  set(OpKind::relu, elementwise<Relu, 1>);
  set(OpKind::relu_grad, elementwise<ReluGrad, 2>);
  set(OpKind::reciprocal_sqrt, elementwise<ReciprocalSqrt, 1>);
  set(OpKind::log_softmax, log_softmax);
  set(OpKind::viterbi_step, viterbi_step);
  set(OpKind::scale, elementwise<Scale, 1>);
  set(OpKind::row_sum, row_sum);
  set(OpKind::broadcast, broadcast);
  set(OpKind::pick, pick);
  set(OpKind::one_hot, one_hot);
  set(OpKind::dropout_mask, dropout_mask);
  set(OpKind::sigmoid_grad, elementwise<SigmoidGrad, 2>);
  set(OpKind::tanh_grad, elementwise<TanhGrad, 2>);
  set(OpKind::log_softmax_grad, log_softmax_grad);
  set(OpKind::quantise, quantise);
  return rows;
}

const KernelTable* table(std::string_view name, const SpatialKernels* spatial,
                         const IntegerKernels* integers) {
  static const KernelTable kTable = {
      .name = name,
      .panel_width = static_cast<std::uint32_t>(2 * hn::Lanes(hn::ScalableTag<float>())),
      .product = product,
      .circulant_lanes = static_cast<std::uint32_t>(hn::Lanes(hn::ScalableTag<float>())),
      .circulant = circulant,
      .matvec = matvec,
      .outer_product = outer_product,
      .outer_tile_rows = kMaxRows,
      .rows = make_rows(),
      .spatial = spatial,
      .integers = integers,
      .fma_loop = fma_loop,
  };
  return &kTable;
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sheaf::backend::cpu {

const KernelTable* avx512_kernels() {
#if HWY_TARGETS & HWY_AVX3
  if ((hwy::SupportedTargets() & HWY_AVX3) != 0)
    return N_AVX3::table("avx512", avx512_spatial(), avx512_integers());
#endif
  return nullptr;
}

const KernelTable* avx2_kernels() {
#if HWY_TARGETS & HWY_AVX2
  if ((hwy::SupportedTargets() & HWY_AVX2) != 0)
    return N_AVX2::table("avx2", avx2_spatial(), avx2_integers());
#endif
  return nullptr;
}

const KernelTable* portable_kernels() {
  return HWY_STATIC_DISPATCH(table)("scalar", portable_spatial(), portable_integers());
}

}  // namespace sheaf::backend::cpu
#endif  // HWY_ONCE
