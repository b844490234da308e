// SPDX-License-Identifier: Apache-2.0
//
// The kernel, written once on Highway's vectors and compiled once per instruction set.
#include "sheaf/sim/crossbar/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sheaf/sim/crossbar/kernels_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sheaf/sim/crossbar/kernel.h"
#if HWY_TARGET != HWY_SCALAR  // whose kernel is kernel_portable.cc
#include "sheaf/sim/crossbar/kernel-inl.h"
#endif

#if HWY_TARGET != HWY_SCALAR
HWY_BEFORE_NAMESPACE();
namespace sheaf::sim::crossbar::HWY_NAMESPACE {

const KernelTable* table(std::string_view name) {
  static const KernelTable kTable = {
      .name = name, .product = product<false>, .signed_product = product<true>};
  return &kTable;
}

}  // namespace sheaf::sim::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
#include <array>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::sim::crossbar {

const KernelTable* avx512_kernels() {
#if HWY_TARGETS & HWY_AVX3_DL
  if ((hwy::SupportedTargets() & HWY_AVX3_DL) != 0) return N_AVX3_DL::table("avx512");
#endif
  return nullptr;
}

const KernelTable* avx2_kernels() {
#if HWY_TARGETS & HWY_AVX2
  if ((hwy::SupportedTargets() & HWY_AVX2) != 0) return N_AVX2::table("avx2");
#endif
  return nullptr;
}

const KernelTable& select_kernels(std::string_view isa) {
  const bool any = isa == "auto";
  const KernelTable* table = nullptr;
  if (table == nullptr && (any || isa == "avx512")) table = avx512_kernels();
  if (table == nullptr && (any || isa == "avx2")) table = avx2_kernels();
  if (table == nullptr && (any || isa == "scalar")) table = portable_kernels();
  if (table != nullptr) return *table;
  const std::array<std::string, 4> names = {"auto", "avx512", "avx2", "scalar"};
  if (isa == "avx512" || isa == "avx2") {
    throw base::UnsupportedError({.place = "isa",
                                  .what = "this processor lacks the instructions",
                                  .got = "'" + std::string(isa) + "'"});
  }
  throw base::UsageError({.place = "isa",
                          .what = "unknown instruction set",
                          .got = "'" + std::string(isa) + "'",
                          .hint = base::suggest(isa, names)});
}

const KernelTable& best_kernels(std::string_view isa) {
  if (isa == "reference") isa = "scalar";
  if (isa == "avx512" && avx512_kernels() == nullptr) isa = "avx2";
  if (isa == "avx2" && avx2_kernels() == nullptr) isa = "scalar";
  return select_kernels(isa);
}

}  // namespace sheaf::sim::crossbar
#endif  // HWY_ONCE
