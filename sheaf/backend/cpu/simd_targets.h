// SPDX-License-Identifier: Apache-2.0
//
// The instruction sets that files on Highway's vectors are compiled for. To be included before
// hwy/foreach_target.h: between base and AVX2 nothing is worth its compile time; above AVX-512
// (Skylake's) nothing differs in float32.
#pragma once

#include <hwy/detect_targets.h>

#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
