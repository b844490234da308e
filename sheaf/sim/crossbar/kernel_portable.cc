// SPDX-License-Identifier: Apache-2.0
//
// The kernel without vector instructions, for every processor: eight outputs to a word. It reads
// like the equation in exact.h; that of kernel-inl.h computes the same.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "sheaf/sim/crossbar/kernel.h"

namespace sheaf::sim::crossbar {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kWords = kBlockOutputs / 8;
constexpr std::uint32_t kByteChunks = 31;  // whose counts a byte holds

using BlockSums = std::array<std::int32_t, kBlockOutputs>;  // by lane
using Sums = std::array<BlockSums, kMaxCycles>;

// The bits of each byte.
std::uint64_t count_bits(std::uint64_t x) {
  x -= x >> 1U & 0x5555555555555555ULL;
  x = (x & 0x3333333333333333ULL) + (x >> 2U & 0x3333333333333333ULL);
  return (x + (x >> 4U)) & 0x0F0F0F0F0F0F0F0FULL;
}

void add_plane(const KernelArgs& args, const Line* lines, std::int32_t factor, Sums& sums) {
  for (std::size_t t = 0; t < args.bits.size(); ++t) {
    BlockSums& to = sums[args.bits[t].cycle];
    for (std::uint32_t first = 0; first < args.chunks; first += kByteChunks) {
      std::array<std::uint64_t, kWords> counts{};
      for (std::uint32_t c = first; c < std::min(args.chunks, first + kByteChunks); ++c) {
        const std::uint64_t x = args.inputs[c * args.bits.size() + t] * 0x100000001ULL;
        for (std::size_t i = 0; i < kWords; ++i) {
          std::uint64_t word = 0;
          std::memcpy(&word, lines[c].bytes.data() + 8 * i, sizeof word);
          counts[i] += count_bits(word & x);
        }
      }
      for (std::size_t lane = 0; lane < kBlockOutputs; ++lane) {
        const auto count = static_cast<std::int32_t>(counts[lane / 8] >> (lane % 8 * 8) & 0xFFU);
        to[lane] += factor * count * (std::int32_t{1} << args.bits[t].shift);
      }
    }
  }
}

template <bool kSigned>
std::uint64_t product(const KernelArgs& args) noexcept {
  std::uint64_t saturated = 0;
  const Line* lines = args.weights;
  const std::int32_t* flips = args.flips;
  for (const Unit& unit : args.units) {
    Sums sums{};
    for (std::uint32_t plane = 0; plane < unit.planes * (kSigned ? 2 : 1); ++plane) {
      const std::int32_t factor = std::int32_t{1} << plane % unit.planes;
      add_plane(args, lines, plane < unit.planes ? factor : -factor, sums);
      lines += args.chunks;
    }
    for (std::size_t c = 0; c < args.cycles.size(); ++c) {
      const KernelCycle& cycle = args.cycles[c];
      const bool negative = cycle.negative != (unit.polarity == 1);
      const std::int64_t weight = std::int64_t{1} << (cycle.shift + cycle.base_shift + unit.shift);
      for (std::uint32_t output = 0; output < kBlockOutputs; ++output) {
        const std::int32_t sum = sums[c][lane_of(output)];
        const std::int32_t code = std::clamp(sum, args.least, args.most);
        saturated += code != sum ? 1 : 0;
        std::int64_t sign = args.signs != nullptr ? args.signs[output] : 1;
        if (flips != nullptr && flips[output] != 0) sign = -sign;
        args.sums[output] += (negative ? -sign : sign) * code * weight;
      }
    }
    if (flips != nullptr) flips += kBlockOutputs;
  }
  return saturated;
}

}  // namespace

const KernelTable* portable_kernels() {
  static const KernelTable kTable = {
      .name = "scalar", .product = product<false>, .signed_product = product<true>};
  return &kTable;
}

}  // namespace sheaf::sim::crossbar
