// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per instruction set by kernels_simd.cc: no include guard but Highway's.
#if defined(SHEAF_SIM_CROSSBAR_KERNEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SHEAF_SIM_CROSSBAR_KERNEL_INL_H_
#undef SHEAF_SIM_CROSSBAR_KERNEL_INL_H_
#else
#define SHEAF_SIM_CROSSBAR_KERNEL_INL_H_
#endif

#include <algorithm>
#include <type_traits>

#include "sheaf/sim/crossbar/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace sheaf::sim::crossbar::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::CappedTag<std::uint8_t, kBlockOutputs>;
using Words = hn::Repartition<std::uint16_t, Bytes>;
using SignedWords = hn::Repartition<std::int16_t, Bytes>;
using Doubles = hn::Repartition<std::uint32_t, Bytes>;
using SignedDoubles = hn::Repartition<std::int32_t, Bytes>;

// Bytes hold the counts of at most so many chunks.
constexpr std::uint32_t kByteChunks = 31;

// Column sums of one unit: [cycle][byte of a pair][pair], 16 bits each.
struct Sums {
  alignas(64) std::uint16_t of[kMaxCycles][2][kBlockOutputs / 2];
};

// Adds (or subtracts) the counts of one plane of the cells and kBits bits of the inputs.
template <int kBits, bool kSubtract>
HWY_INLINE void add_counts(const Line* lines, const std::uint32_t* inputs, std::uint32_t stride,
                           std::uint32_t chunks, const KernelBit* bits, std::uint32_t shift,
                           Sums& sums) {
  const Bytes bytes;
  const Words words;
  const Doubles doubles;
  const auto low = hn::Set(words, 0x00FF);
  for (std::size_t lane = 0; lane < kBlockOutputs; lane += hn::Lanes(bytes)) {
    for (std::uint32_t first = 0; first < chunks; first += kByteChunks) {
      const std::uint32_t end = std::min(chunks, first + kByteChunks);
      hn::Vec<Bytes> counts[kBits];
      for (int t = 0; t < kBits; ++t) counts[t] = hn::Zero(bytes);
      for (std::uint32_t chunk = first; chunk < end; ++chunk) {
        const auto weight = hn::Load(bytes, lines[chunk].bytes.data() + lane);
        const std::uint32_t* x = inputs + std::size_t{chunk} * stride;
        for (int t = 0; t < kBits; ++t) {
          const auto input = hn::BitCast(bytes, hn::Set(doubles, x[t]));
          counts[t] = hn::Add(counts[t], hn::PopulationCount(hn::And(weight, input)));
        }
      }
      for (int t = 0; t < kBits; ++t) {
        const auto pairs = hn::BitCast(words, counts[t]);
        const int by = static_cast<int>(shift + bits[t].shift);
        const auto even = hn::ShiftLeftSame(hn::And(pairs, low), by);
        const auto odd = hn::ShiftLeftSame(hn::ShiftRight<8>(pairs), by);
        std::uint16_t* to_even = sums.of[bits[t].cycle][0] + lane / 2;
        std::uint16_t* to_odd = sums.of[bits[t].cycle][1] + lane / 2;
        if constexpr (kSubtract) {
          hn::Store(hn::Sub(hn::Load(words, to_even), even), words, to_even);
          hn::Store(hn::Sub(hn::Load(words, to_odd), odd), words, to_odd);
        } else {
          hn::Store(hn::Add(hn::Load(words, to_even), even), words, to_even);
          hn::Store(hn::Add(hn::Load(words, to_odd), odd), words, to_odd);
        }
      }
    }
  }
}

// The same for all bits of the inputs.
template <bool kSubtract>
HWY_INLINE void add_plane(const KernelArgs& args, const Line* lines, std::uint32_t shift,
                          Sums& sums) {
  const auto stride = static_cast<std::uint32_t>(args.bits.size());
  const KernelBit* bits = args.bits.data();
  std::uint32_t t = 0;
  const auto add = [&](auto count) HWY_ATTR {
    constexpr int kBits = decltype(count)::value;
    for (; t + kBits <= stride; t += kBits) {
      add_counts<kBits, kSubtract>(lines, args.inputs + t, stride, args.chunks, bits + t, shift,
                                   sums);
    }
  };
  add(std::integral_constant<int, 8>{});
  add(std::integral_constant<int, 4>{});
  add(std::integral_constant<int, 1>{});
}

// What a converter returns, over all cycles, by byte of four and quarter of the block.
struct Totals {
  alignas(64) std::int32_t of[4][kBlockOutputs / 4];
};

// Converts a unit's sums and adds them up over the cycles; returns how many were saturated.
template <bool kSigned>
HWY_INLINE std::uint64_t convert_sums(const KernelArgs& args, const Sums& sums, const Unit& unit,
                                      const std::int32_t* flips, Totals& totals) {
  using Sum = std::conditional_t<kSigned, SignedWords, Words>;
  const Sum sum_tag;
  const Words words;
  const SignedDoubles doubles;
  using T = hn::TFromD<Sum>;
  const auto most = hn::Set(sum_tag, static_cast<T>(args.most));
  const auto least = hn::Set(sum_tag, static_cast<T>(args.least));
  std::uint64_t saturated = 0;
  for (std::size_t parity = 0; parity < 2; ++parity) {
    for (std::size_t pair = 0; pair < kBlockOutputs / 2; pair += hn::Lanes(words)) {
      auto total_low = hn::Zero(doubles);
      auto total_high = hn::Zero(doubles);
      auto gathered = hn::Zero(sum_tag);
      for (std::size_t c = 0; c < args.cycles.size(); ++c) {
        const KernelCycle& cycle = args.cycles[c];
        const auto sum = hn::BitCast(sum_tag, hn::Load(words, sums.of[c][parity] + pair));
        auto code = sum;
        if (unit.saturates) {
          code = hn::Min(sum, most);
          if constexpr (kSigned) code = hn::Max(code, least);
          saturated += hn::CountTrue(sum_tag, hn::Ne(code, sum));
        }
        gathered = hn::Add(gathered, hn::ShiftLeftSame(code, static_cast<int>(cycle.shift)));
        if (!cycle.flush) continue;
        const auto both = hn::BitCast(doubles, gathered);
        auto low = hn::ShiftLeft<16>(both);
        auto high = both;
        if constexpr (kSigned) {
          low = hn::ShiftRight<16>(low);
          high = hn::ShiftRight<16>(high);
        } else {
          const Doubles plain;
          low = hn::BitCast(doubles, hn::ShiftRight<16>(hn::BitCast(plain, low)));
          high = hn::BitCast(doubles, hn::ShiftRight<16>(hn::BitCast(plain, high)));
        }
        const int by = static_cast<int>(cycle.base_shift);
        low = hn::ShiftLeftSame(low, by);
        high = hn::ShiftLeftSame(high, by);
        total_low = cycle.negative ? hn::Sub(total_low, low) : hn::Add(total_low, low);
        total_high = cycle.negative ? hn::Sub(total_high, high) : hn::Add(total_high, high);
        gathered = hn::Zero(sum_tag);
      }
      const auto put = [&](auto total, std::size_t quarter) HWY_ATTR {
        std::int32_t* to = totals.of[quarter] + pair / 2;
        total = hn::ShiftLeftSame(total, static_cast<int>(args.wide ? 0 : unit.shift));
        if (flips != nullptr) {
          const auto flip = hn::LoadU(doubles, flips + quarter * (kBlockOutputs / 4) + pair / 2);
          total = hn::Sub(hn::Xor(total, flip), flip);  // negative where it is -1
        }
        const auto old = hn::Load(doubles, to);
        hn::Store(unit.polarity == 1 ? hn::Sub(old, total) : hn::Add(old, total), doubles, to);
      };
      put(total_low, parity);
      put(total_high, 2 + parity);
    }
  }
  return saturated;
}

HWY_INLINE void add_totals(const KernelArgs& args, std::uint32_t shift, Totals& totals) {
  for (std::size_t r = 0; r < 4; ++r) {
    for (std::size_t q = 0; q < kBlockOutputs / 4; ++q) {
      const std::size_t output = r * (kBlockOutputs / 4) + q;
      const std::int64_t total = std::int64_t{totals.of[r][q]} * (std::int64_t{1} << shift);
      args.sums[output] += args.signs != nullptr ? total * args.signs[output] : total;
      totals.of[r][q] = 0;
    }
  }
}

template <bool kSigned>
std::uint64_t product(const KernelArgs& args) noexcept {
  Sums sums;
  Totals totals{};
  std::uint64_t saturated = 0;
  const Line* lines = args.weights;
  const std::int32_t* flips = args.flips;
  for (const Unit& unit : args.units) {
    for (std::size_t c = 0; c < args.cycles.size(); ++c) {
      std::fill_n(&sums.of[c][0][0], kBlockOutputs, std::uint16_t{0});
    }
    for (std::uint32_t plane = 0; plane < unit.planes; ++plane, lines += args.chunks) {
      add_plane<false>(args, lines, plane, sums);
    }
    if constexpr (kSigned) {
      for (std::uint32_t plane = 0; plane < unit.planes; ++plane, lines += args.chunks) {
        add_plane<true>(args, lines, plane, sums);
      }
    }
    saturated += convert_sums<kSigned>(args, sums, unit, flips, totals);
    if (flips != nullptr) flips += kBlockOutputs;
    if (args.wide) add_totals(args, unit.shift, totals);
  }
  if (!args.wide) add_totals(args, 0, totals);
  return saturated;
}

}  // namespace sheaf::sim::crossbar::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
