// SPDX-License-Identifier: Apache-2.0
//
// The instruction sets that the crossbar's kernel is compiled for. To be included before
// hwy/foreach_target.h. AVX-512 has to count bits of bytes (BITALG, with VPOPCNTDQ since Ice Lake
// and Zen 4); processors with an older AVX-512 take AVX2.
#pragma once

#define HWY_WANT_AVX3_DL
#include <hwy/detect_targets.h>

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
