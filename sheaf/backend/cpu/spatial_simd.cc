// SPDX-License-Identifier: Apache-2.0
//
// The kernels of ops on pictures, written once on Highway's vectors and compiled once per
// instruction set, as kernels_simd.cc is.
#include "sheaf/backend/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sheaf/backend/cpu/spatial_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sheaf/backend/cpu/conv2d.h"
#include "sheaf/backend/cpu/conv_gradient-inl.h"
#include "sheaf/backend/cpu/depthwise-inl.h"
#include "sheaf/backend/cpu/pool-inl.h"
#include "sheaf/backend/cpu/row_copies.h"
#include "sheaf/backend/cpu/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {

const SpatialKernels* spatial() {
  static const SpatialKernels kKernels = [] {
    SpatialKernels kernels{{}, conv2d_weights, depthwise_weights};
    const auto set = [&kernels](ops::OpKind kind, SpatialKernel kernel) {
      kernels.ops[static_cast<std::size_t>(kind)] = kernel;
    };
    using ops::OpKind;
    set(OpKind::conv2d, conv2d);
    set(OpKind::conv2d_grad_input, conv2d_grad_input);
    set(OpKind::depthwise_conv2d, depthwise_conv2d);
    set(OpKind::depthwise_conv2d_grad_input, depthwise_conv2d_grad_input);
    set(OpKind::max_pool, max_pool);
    set(OpKind::max_pool_grad, max_pool_grad);
    set(OpKind::average_pool, average_pool);
    set(OpKind::average_pool_grad, average_pool_grad);
    set(OpKind::reshape, reshape);
    set(OpKind::sum_rows, sum_rows);
    set(OpKind::repeat_row, repeat_row);
    set(OpKind::add_row, with_row<Add>);
    set(OpKind::mul_row, with_row<Mul>);
    return kernels;
  }();
  return &kKernels;
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sheaf::backend::cpu {

const SpatialKernels* avx512_spatial() {
#if HWY_TARGETS & HWY_AVX3
  if ((hwy::SupportedTargets() & HWY_AVX3) != 0) return N_AVX3::spatial();
#endif
  return nullptr;
}

const SpatialKernels* avx2_spatial() {
#if HWY_TARGETS & HWY_AVX2
  if ((hwy::SupportedTargets() & HWY_AVX2) != 0) return N_AVX2::spatial();
#endif
  return nullptr;
}

const SpatialKernels* portable_spatial() { return HWY_STATIC_DISPATCH(spatial)(); }

}  // namespace sheaf::backend::cpu
#endif  // HWY_ONCE
