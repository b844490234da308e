// SPDX-License-Identifier: Apache-2.0
//
// A matrix as bit planes: for a block of 64 outputs, a group of rows and one bit of the cells, a
// line of 64 bytes holds eight rows' bits of every output.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/sim/crossbar/format.h"

namespace sheaf::sim::crossbar {

inline constexpr std::uint32_t kBlockOutputs = 64;
inline constexpr std::uint32_t kChunkRows = 8;

struct alignas(64) Line {
  std::array<std::uint8_t, kBlockOutputs> bytes{};
};

// Output o of a block lies in byte lane_of(o): of four neighbouring bytes, the kernel widens the
// r-th ones together.
[[nodiscard]] constexpr std::uint32_t lane_of(std::uint32_t output) {
  return 4 * (output % 16) + output / 16;
}

// The columns that one conversion per output reads: a slice, of one polarity.
struct Unit {
  std::uint32_t planes = 0;    // bits of its cells; with `sign_magnitude` as many again, subtracted
  std::uint32_t shift = 0;     // of its lowest bit in the weight
  std::uint32_t polarity = 0;  // 1: counts negative
  std::uint32_t largest = 0;   // sum of a group's cells over any column, as they are stored
  bool saturates = true;       // whether any input can exceed the converter; set by who runs it
};

struct PackedWeights {
  std::vector<Unit> units;
  std::vector<RowGroup> groups;
  std::vector<std::size_t> group_lines;  // where each group begins in a block
  std::size_t block_lines = 0;
  std::uint32_t blocks = 0;
  std::vector<Line> lines;          // by block, group, unit, plane, eight rows
  std::vector<std::int32_t> signs;  // by block, group, output, of `polarised`; else empty
  // By block, group, unit, output: -1 where the column is stored upside down, else 0. Empty where
  // none is.
  std::vector<std::int32_t> flips;

  // Whether an output's column of that unit and group is.
  [[nodiscard]] bool flipped(std::size_t output, std::size_t group, std::size_t unit) const {
    return !flips.empty() &&
           flips[flip_at(output / kBlockOutputs, group, unit) + output % kBlockOutputs] != 0;
  }
  [[nodiscard]] std::size_t flip_at(std::size_t block, std::size_t group, std::size_t unit) const {
    return ((block * groups.size() + group) * units.size() + unit) * kBlockOutputs;
  }
};

// `weights` [inputs x outputs], row-major, within the format's range. Throws UsageError when
// `polarised` meets two signs among the rows of one read.
[[nodiscard]] PackedWeights pack(const Format& format, std::span<const std::int32_t> weights,
                                 std::uint32_t outputs);

// The bits of one input vector, group by group: for each eight rows and each bit of the inputs, a
// byte with the bit of each row, four times side by side. `packed` has packed_words() words.
void pack_inputs(const Format& format, std::span<const RowGroup> groups,
                 std::span<const std::int32_t> inputs, std::span<std::uint32_t> packed);
[[nodiscard]] std::size_t packed_words(const Format& format, std::span<const RowGroup> groups);

[[nodiscard]] constexpr std::uint32_t chunks_of(const RowGroup& group) {
  return (group.count + kChunkRows - 1) / kChunkRows;
}

}  // namespace sheaf::sim::crossbar
