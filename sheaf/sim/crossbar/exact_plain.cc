// SPDX-License-Identifier: Apache-2.0
//
// The product without vectors, for formats whose sums do not fit them: cells of many bits under
// converters of many digits.
#include <algorithm>

#include "sheaf/sim/crossbar/exact.h"

namespace sheaf::sim::crossbar {
namespace {

// The cells of a unit in one group, by plane and eight rows.
struct Column {
  const Line* lines = nullptr;
  std::uint32_t planes = 0;
  std::uint32_t chunks = 0;
  std::uint32_t lane = 0;

  [[nodiscard]] std::int64_t cell(std::uint32_t row) const {
    std::int64_t value = 0;
    for (std::uint32_t plane = 0; plane < planes; ++plane) {
      const std::uint32_t byte = lines[plane * chunks + row / kChunkRows].bytes[lane];
      value |= std::int64_t{byte >> row % kChunkRows & 1U} << plane;
    }
    return value;
  }
};

std::int64_t digit(std::int32_t input, const Cycle& cycle) {
  return static_cast<std::uint32_t>(input) >> cycle.first_bit & ((1U << cycle.bits) - 1);
}

}  // namespace

std::uint64_t ExactProduct::multiply_plainly(std::span<const std::int32_t> inputs,
                                             std::span<std::int64_t> out) const {
  const bool pairs = format_.encoding == WeightEncoding::sign_magnitude;
  std::uint64_t saturated = 0;
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t y = 0; y < out.size(); ++y) {
    const auto x = inputs.subspan(y / outputs_ * inputs_, inputs_);
    const std::size_t output = y % outputs_;
    const std::size_t block = output / kBlockOutputs;
    for (std::size_t g = 0; g < packed_.groups.size(); ++g) {
      const RowGroup& group = packed_.groups[g];
      Column column{.lines = &packed_.lines[block * packed_.block_lines + packed_.group_lines[g]],
                    .chunks = chunks_of(group),
                    .lane = lane_of(output % kBlockOutputs)};
      const std::size_t sign = (block * packed_.groups.size() + g) * kBlockOutputs;
      const std::int64_t factor =
          packed_.signs.empty() ? 1 : packed_.signs[sign + output % kBlockOutputs];
      for (std::size_t u = 0; u < packed_.units.size(); ++u) {
        const Unit& unit = packed_.units[u];
        const bool flipped = packed_.flipped(output, g, u);
        column.planes = unit.planes;
        Column other = column;
        other.lines += std::size_t{unit.planes} * column.chunks;
        for (const Cycle& cycle : cycles_) {
          std::int64_t sum = 0;
          for (std::uint32_t r = 0; r < group.count; ++r) {
            const std::int64_t cell = column.cell(r) - (pairs ? other.cell(r) : 0);
            sum += cell * digit(x[group.first + r], cycle);
          }
          const std::int64_t code = convert(format_, sum);
          if (code != sum) ++saturated;
          const bool negative = (cycle.negative != (unit.polarity == 1)) != flipped;
          out[y] += (negative ? -factor : factor) * code *
                    (std::int64_t{1} << (unit.shift + cycle.first_bit));
        }
        column.lines += std::size_t{unit.planes} * column.chunks * (pairs ? 2 : 1);
      }
    }
  }
  return saturated;
}

}  // namespace sheaf::sim::crossbar
