// SPDX-License-Identifier: Apache-2.0
//
// Denormal numbers cost some processors more than a hundred cycles each. They come up where a gate
// is shut (1e-38 times a state), and nothing that a network says depends on them.
#pragma once

#include <cstdint>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace sheaf::backend::cpu {

// While it lives, the thread reads and writes denormal numbers as zero: with kernels of every
// instruction set alike, so that it changes no promise. Elsewhere than on x86-64 and arm64 it does
// nothing.
class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() noexcept : before_(_mm_getcsr()) {
    constexpr std::uint32_t kFlushToZero = 1U << 15U;
    constexpr std::uint32_t kDenormalsAreZero = 1U << 6U;
    _mm_setcsr(static_cast<std::uint32_t>(before_) | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushDenormals() { _mm_setcsr(static_cast<std::uint32_t>(before_)); }
#elif defined(__aarch64__)
  FlushDenormals() noexcept {
    constexpr std::uint64_t kFlushToZero = std::uint64_t{1} << 24U;
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" ::"r"(before_ | kFlushToZero));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" ::"r"(before_)); }
#else
  FlushDenormals() noexcept {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  [[maybe_unused]] std::uint64_t before_ = 0;
};

}  // namespace sheaf::backend::cpu
