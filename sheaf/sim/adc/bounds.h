// SPDX-License-Identifier: Apache-2.0
//
// Three answers to how many bits a matrix needs, from what is known of it:
//
//   count     only how many non-zeros a column of a read has          lossless for all inputs
//   weights   the cells: (2^v - 1) times the largest sum of a column  lossless, never worse
//   observed  the sums that given inputs make                         may saturate for others
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/sim/crossbar/format.h"

namespace sheaf::sim::adc {

inline constexpr std::uint32_t kMostBits = 32;

// Of one slice: bits 0 to cell_bits - 1 of what cells store are slice 0.
struct SliceBits {
  std::uint32_t weights = 1;
  std::uint32_t observed = 0;  // 0: no inputs were given
  // Sums, by the bits that each needs; saturation() is a share of them.
  std::array<std::uint64_t, kMostBits + 1> sums{};
};

struct Bounds {
  std::uint32_t nonzeros = 0;  // most cells of a column of a read that are not at level 0
  std::uint32_t count = 1;     // bits for so many
  std::uint32_t weights = 1;   // most of any slice
  std::uint32_t observed = 0;  // most of any slice; 0: no inputs were given
  std::vector<SliceBits> slices;
};

// `weights` [inputs x outputs] as of crossbar/exact.h, `samples` [vectors x inputs], perhaps none;
// both within the format's range, whose adc_bits are not looked at. `sign_magnitude` converts
// differences: all bounds have a bit for the sign. `offset` stores a non-zero for every weight but
// the least, so that its count is that of all rows.
[[nodiscard]] Bounds find_bounds(const crossbar::Format& format,
                                 std::span<const std::int32_t> weights, std::uint32_t outputs,
                                 std::span<const std::int32_t> samples = {});

// Share of a slice's observed sums that a converter of so many bits saturates.
[[nodiscard]] double saturation(const SliceBits& slice, std::uint32_t bits);

// Throws UsageError where a limit on the non-zeros of a column is to save bits of the converter but
// the encoding stores zeros as cells that conduct. `rows` are those of a read.
void require_nonzeros_count(crossbar::WeightEncoding encoding, std::uint32_t nonzeros,
                            std::uint32_t rows);

}  // namespace sheaf::sim::adc
