// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cpu/read_bandwidth.h"

#include <unistd.h>

#include <algorithm>

#include "sheaf/backend/cpu/simd_targets.h"
#include "sheaf/tensor/aligned_buffer.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sheaf/backend/cpu/read_bandwidth.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sheaf::backend::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Eight chains, so that loads and not the latency of an addition set the pace.
float sum(const float* values, std::size_t floats) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::size_t kChains = 8;
  const std::size_t lanes = hn::Lanes(d);
  V sums[kChains];
#pragma GCC unroll 8
  for (std::size_t c = 0; c < kChains; ++c) sums[c] = hn::Zero(d);
  std::size_t i = 0;
  for (; i + kChains * lanes <= floats; i += kChains * lanes) {
#pragma GCC unroll 8
    for (std::size_t c = 0; c < kChains; ++c) {
      sums[c] = hn::Add(sums[c], hn::Load(d, values + i + c * lanes));
    }
  }
#pragma GCC unroll 8
  for (std::size_t c = 1; c < kChains; ++c) sums[0] = hn::Add(sums[0], sums[c]);
  float total = hn::GetLane(hn::SumOfLanes(d, sums[0]));
  for (; i < floats; ++i) total += values[i];
  return total;
}

}  // namespace sheaf::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sheaf::backend::cpu {
namespace {

HWY_EXPORT(sum);

std::size_t size_of(int name, std::size_t otherwise) {
  const long bytes = sysconf(name);
  return bytes > 0 ? static_cast<std::size_t>(bytes) : otherwise;
}

double measure(std::size_t bytes, const base::Clock& clock) {
  constexpr std::uint64_t kWanted = 2'000'000;  // ns per sample
  constexpr int kSamples = 5;
  const std::size_t floats = bytes / sizeof(float);
  tensor::AlignedBuffer buffer(floats);
  std::fill_n(buffer.data(), floats, 1.0F);
  float sink = 0;
  std::size_t times = 1;
  double best = 0;
  for (int samples = 0; samples < kSamples;) {
    const std::uint64_t start = clock.now_ns();
    for (std::size_t t = 0; t < times; ++t) sink += sum_of(buffer.data(), floats);
    const std::uint64_t elapsed = clock.now_ns() - start;
    if (elapsed < kWanted && times < (std::size_t{1} << 24U)) {
      times *= 2;
      continue;
    }
    const double read = static_cast<double>(times * floats * sizeof(float));
    best = std::max(best, read / static_cast<double>(std::max<std::uint64_t>(elapsed, 1)));
    ++samples;
  }
  buffer.data()[0] = sink;  // so that no sum is optimised away
  return best;
}

}  // namespace

float sum_of(const float* values, std::size_t floats) {
  return HWY_DYNAMIC_DISPATCH(sum)(values, floats);
}

std::array<MemoryLevel, 4> measure_read_bandwidth(const base::Clock& clock) {
  constexpr std::size_t kDram = std::size_t{256} << 20U;
  // What one complex of cores has: a guest sees the sum of a whole socket.
  constexpr std::size_t kMostL3 = std::size_t{32} << 20U;
  constexpr std::size_t kMostShared = std::size_t{8} << 20U;  // other cores use the L3 cache, too
  std::array<MemoryLevel, 4> levels = {
      {{"L1", size_of(_SC_LEVEL1_DCACHE_SIZE, std::size_t{32} << 10U)},
       {"L2", size_of(_SC_LEVEL2_CACHE_SIZE, std::size_t{1} << 20U)},
       {"L3", std::min(size_of(_SC_LEVEL3_CACHE_SIZE, std::size_t{16} << 20U), kMostL3)},
       {"DRAM", ~std::size_t{0}}}};
  levels[0].gigabytes_per_s = measure(levels[0].bytes / 2, clock);
  levels[1].gigabytes_per_s = measure(levels[1].bytes / 2, clock);
  levels[2].gigabytes_per_s = measure(std::min(levels[2].bytes / 2, kMostShared), clock);
  levels[3].gigabytes_per_s = measure(kDram, clock);
  return levels;
}

}  // namespace sheaf::backend::cpu
#endif  // HWY_ONCE
