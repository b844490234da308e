// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/packed.h"

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::crossbar {
namespace {

std::vector<Unit> units_of(const Format& format) {
  std::vector<Unit> units;
  for (std::uint32_t slice = 0; slice < slices(format); ++slice) {
    const std::uint32_t shift = slice * format.cell_bits;
    for (std::uint32_t polarity = 0; polarity < polarities(format); ++polarity) {
      units.push_back({.planes = std::min(format.cell_bits, stored_bits(format) - shift),
                       .shift = shift,
                       .polarity = polarity});
    }
  }
  return units;
}

// The sign of a group's rows in each output: -1 where a weight is negative.
void find_signs(std::span<const std::int32_t> weights, std::uint32_t outputs, RowGroup group,
                std::uint32_t block, std::span<std::int32_t> signs) {
  for (std::uint32_t o = 0; o < kBlockOutputs; ++o) {
    const std::uint32_t output = block * kBlockOutputs + o;
    bool positive = false;
    bool negative = false;
    for (std::uint32_t row = group.first; output < outputs && row < group.first + group.count;
         ++row) {
      const std::int32_t weight = weights[std::size_t{row} * outputs + output];
      positive = positive || weight > 0;
      negative = negative || weight < 0;
    }
    if (positive && negative) {
      throw base::UsageError({.place = "encoding",
                              .what = "polarised columns have one sign among the rows of a read",
                              .got = "both signs in rows " + std::to_string(group.first) + " to " +
                                     std::to_string(group.first + group.count - 1) + " of output " +
                                     std::to_string(output),
                              .hint = "polarise the weights, or take encoding differential"});
    }
    signs[o] = negative ? -1 : 1;
  }
}

class Packer {
 public:
  Packer(const Format& format, std::span<const std::int32_t> weights, std::uint32_t outputs)
      : format_(format), weights_(weights), outputs_(outputs) {}

  // Fills the lines of a unit of a group and a block; `line` is the first. `flips`: by output, or
  // empty.
  void fill(Unit& unit, RowGroup group, std::uint32_t block, Line* line,
            std::span<std::int32_t> flips) const {
    const bool both = format_.encoding == WeightEncoding::sign_magnitude;
    for (std::uint32_t half = 0; half < (both ? 2U : 1U); ++half) {
      const std::uint32_t most = std::min(kBlockOutputs, outputs_ - block * kBlockOutputs);
      for (std::uint32_t o = 0; o < most; ++o) {
        const std::uint32_t polarity = both ? half : unit.polarity;
        const std::uint32_t output = block * kBlockOutputs + o;
        std::uint32_t sum = column_sum(unit, polarity, group, output);
        const bool flip = stored_flipped(format_, unit.planes, group.count, sum);
        if (flip) {
          flips[o] = -1;
          sum = group.count * ((1U << unit.planes) - 1) - sum;
        }
        unit.largest = std::max(unit.largest, sum);
        fill_column(unit, {polarity, flip}, group, output, line);
      }
      line += std::size_t{unit.planes} * chunks_of(group);
    }
  }

 private:
  struct Side {
    std::uint32_t polarity = 0;
    bool flipped = false;
  };

  [[nodiscard]] std::uint32_t cell_of(const Unit& unit, std::uint32_t polarity, std::uint32_t row,
                                      std::uint32_t output) const {
    const std::int32_t weight = weights_[std::size_t{row} * outputs_ + output];
    return stored(format_, weight, polarity) >> unit.shift & ((1U << unit.planes) - 1);
  }

  [[nodiscard]] std::uint32_t column_sum(const Unit& unit, std::uint32_t polarity, RowGroup group,
                                         std::uint32_t output) const {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < group.count; ++i) {
      sum += cell_of(unit, polarity, group.first + i, output);
    }
    return sum;
  }

  void fill_column(const Unit& unit, Side side, RowGroup group, std::uint32_t output,
                   Line* line) const {
    const std::uint32_t lane = lane_of(output % kBlockOutputs);
    const std::uint32_t chunks = chunks_of(group);
    const std::uint32_t upside_down = side.flipped ? (1U << unit.planes) - 1 : 0;
    for (std::uint32_t i = 0; i < group.count; ++i) {
      const std::uint32_t cell =
          cell_of(unit, side.polarity, group.first + i, output) ^ upside_down;
      for (std::uint32_t plane = 0; plane < unit.planes; ++plane) {
        const std::uint32_t bit = cell >> plane & 1U;
        line[plane * chunks + i / kChunkRows].bytes[lane] |=
            static_cast<std::uint8_t>(bit << i % kChunkRows);
      }
    }
  }

  const Format& format_;
  std::span<const std::int32_t> weights_;
  std::uint32_t outputs_;
};

// Bit c of byte r becomes bit r of byte c (Warren, "Hacker's Delight", section 7-3).
std::uint64_t transpose_bits(std::uint64_t x) {
  std::uint64_t t = (x ^ (x >> 7U)) & 0x00AA00AA00AA00AAULL;
  x ^= t ^ (t << 7U);
  t = (x ^ (x >> 14U)) & 0x0000CCCC0000CCCCULL;
  x ^= t ^ (t << 14U);
  t = (x ^ (x >> 28U)) & 0x00000000F0F0F0F0ULL;
  return x ^ t ^ (t << 28U);
}

}  // namespace

PackedWeights pack(const Format& format, std::span<const std::int32_t> weights,
                   std::uint32_t outputs) {
  PackedWeights packed;
  packed.units = units_of(format);
  packed.groups = row_groups(format, static_cast<std::uint32_t>(weights.size() / outputs));
  packed.blocks = (outputs + kBlockOutputs - 1) / kBlockOutputs;
  const std::uint32_t halves = format.encoding == WeightEncoding::sign_magnitude ? 2 : 1;
  for (const RowGroup& group : packed.groups) {
    packed.group_lines.push_back(packed.block_lines);
    packed.block_lines +=
        std::size_t{stored_bits(format)} * polarities(format) * halves * chunks_of(group);
  }
  packed.lines.resize(packed.block_lines * packed.blocks);
  const bool polarised = format.encoding == WeightEncoding::polarised;
  if (polarised) packed.signs.resize(packed.groups.size() * packed.blocks * kBlockOutputs);
  if (format.flipped) packed.flips.resize(packed.flip_at(packed.blocks, 0, 0));
  const Packer packer(format, weights, outputs);
  for (std::uint32_t block = 0; block < packed.blocks; ++block) {
    for (std::size_t g = 0; g < packed.groups.size(); ++g) {
      Line* line = &packed.lines[block * packed.block_lines + packed.group_lines[g]];
      for (std::size_t u = 0; u < packed.units.size(); ++u) {
        Unit& unit = packed.units[u];
        std::span<std::int32_t> flips;
        if (format.flipped) {
          flips = std::span(packed.flips).subspan(packed.flip_at(block, g, u), kBlockOutputs);
        }
        packer.fill(unit, packed.groups[g], block, line, flips);
        line += std::size_t{unit.planes} * halves * chunks_of(packed.groups[g]);
      }
      if (!polarised) continue;
      find_signs(weights, outputs, packed.groups[g], block,
                 std::span(packed.signs)
                     .subspan((block * packed.groups.size() + g) * kBlockOutputs, kBlockOutputs));
    }
  }
  if (std::count(packed.flips.begin(), packed.flips.end(), -1) == 0) packed.flips.clear();
  return packed;
}

std::size_t packed_words(const Format& format, std::span<const RowGroup> groups) {
  std::size_t chunks = 0;
  for (const RowGroup& group : groups) chunks += chunks_of(group);
  return chunks * format.input_bits;
}

void pack_inputs(const Format& format, std::span<const RowGroup> groups,
                 std::span<const std::int32_t> inputs, std::span<std::uint32_t> packed) {
  std::uint32_t* to = packed.data();
  for (const RowGroup& group : groups) {
    for (std::uint32_t first = 0; first < group.count; first += kChunkRows) {
      const std::uint32_t rows = std::min(kChunkRows, group.count - first);
      for (std::uint32_t low = 0; low < format.input_bits; low += 8) {
        std::uint64_t bytes = 0;  // byte r: eight bits of row r
        for (std::uint32_t r = 0; r < rows; ++r) {
          const auto value = static_cast<std::uint32_t>(inputs[group.first + first + r]);
          bytes |= std::uint64_t{value >> low & 0xFFU} << (8 * r);
        }
        bytes = transpose_bits(bytes);
        for (std::uint32_t bit = low; bit < std::min(low + 8, format.input_bits); ++bit) {
          *to++ = static_cast<std::uint32_t>(bytes >> (8 * (bit - low)) & 0xFFU) * 0x01010101U;
        }
      }
    }
  }
}

}  // namespace sheaf::sim::crossbar
