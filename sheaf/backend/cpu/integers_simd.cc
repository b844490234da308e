// SPDX-License-Identifier: Apache-2.0
//
// The kernels of products of integers, written once on Highway's vectors and compiled once per
// instruction set, as kernels_simd.cc is.
#include "sheaf/backend/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sheaf/backend/cpu/integers_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sheaf/backend/cpu/integers-inl.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {

const IntegerKernels* integers() {
  static const IntegerKernels kKernels = {
      .panel_width = static_cast<std::uint32_t>(2 * hn::Lanes(hn::ScalableTag<std::int32_t>())),
      .product = integer_product,
      .scale_sums = scale_sums,
      .narrow = narrow};
  return &kKernels;
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sheaf::backend::cpu {

const IntegerKernels* avx512_integers() {
#if HWY_TARGETS & HWY_AVX3
  if ((hwy::SupportedTargets() & HWY_AVX3) != 0) return N_AVX3::integers();
#endif
  return nullptr;
}

const IntegerKernels* avx2_integers() {
#if HWY_TARGETS & HWY_AVX2
  if ((hwy::SupportedTargets() & HWY_AVX2) != 0) return N_AVX2::integers();
#endif
  return nullptr;
}

const IntegerKernels* portable_integers() { return HWY_STATIC_DISPATCH(integers)(); }

}  // namespace sheaf::backend::cpu
#endif  // HWY_ONCE
