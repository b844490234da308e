// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/bounds.h"

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/sim/adc/resolution.h"

namespace sheaf::sim::adc {
namespace {

using crossbar::Cycle;
using crossbar::Format;
using crossbar::RowGroup;
using crossbar::WeightEncoding;

// Bits that a converter needs for a sum, of either sign when it has one.
std::uint32_t bits_for(const Format& format, std::int64_t sum) {
  const auto magnitude = static_cast<std::uint64_t>(sum < 0 ? -sum : sum);
  if (format.encoding != WeightEncoding::sign_magnitude) return bits_of_sum(magnitude);
  return sum < 0 ? bits_of_sum(magnitude - 1) + 1 : bits_of_sum(magnitude) + 1;
}

// The cells of a slice, [inputs x outputs]; with `sign_magnitude` those of both signs.
std::vector<std::int32_t> cells_of(const Format& format, std::span<const std::int32_t> weights,
                                   std::uint32_t slice, std::uint32_t polarity) {
  const bool pairs = format.encoding == WeightEncoding::sign_magnitude;
  const std::uint32_t shift = slice * format.cell_bits;
  const std::uint32_t mask = (1U << format.cell_bits) - 1;
  std::vector<std::int32_t> cells(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    cells[i] = static_cast<std::int32_t>(stored(format, weights[i], polarity) >> shift & mask);
    if (pairs) cells[i] -= static_cast<std::int32_t>(stored(format, weights[i], 1) >> shift & mask);
  }
  return cells;
}

struct Matrix {
  const Format& format;
  std::span<const std::int32_t> cells;
  std::uint32_t outputs;
};

// The weight-aware bound: all rows of one sign driven in full.
void bound_by_weights(const Matrix& matrix, std::span<const RowGroup> groups, SliceBits& bits) {
  const std::int64_t digit =
      (std::int64_t{1} << std::min(matrix.format.dac_bits, matrix.format.input_bits)) - 1;
  std::vector<std::int64_t> positive(matrix.outputs);
  std::vector<std::int64_t> negative(matrix.outputs);
  for (const RowGroup& group : groups) {
    std::fill(positive.begin(), positive.end(), 0);
    std::fill(negative.begin(), negative.end(), 0);
    for (std::uint32_t r = group.first; r < group.first + group.count; ++r) {
      const auto row = matrix.cells.subspan(std::size_t{r} * matrix.outputs, matrix.outputs);
      for (std::size_t o = 0; o < row.size(); ++o) {
        (row[o] < 0 ? negative : positive)[o] += row[o] * digit;
      }
    }
    for (std::size_t o = 0; o < positive.size(); ++o) {
      bits.weights = std::max({bits.weights, bits_for(matrix.format, positive[o]),
                               bits_for(matrix.format, negative[o])});
    }
  }
}

// The sums that one input vector makes.
void observe(const Matrix& matrix, std::span<const RowGroup> groups,
             std::span<const std::int32_t> x, SliceBits& bits) {
  std::vector<std::int64_t> sums(matrix.outputs);
  for (const RowGroup& group : groups) {
    for (const Cycle& cycle : cycles_of(matrix.format)) {
      std::fill(sums.begin(), sums.end(), 0);
      for (std::uint32_t r = group.first; r < group.first + group.count; ++r) {
        const std::int64_t digit =
            static_cast<std::uint32_t>(x[r]) >> cycle.first_bit & ((1U << cycle.bits) - 1);
        if (digit == 0) continue;
        const auto row = matrix.cells.subspan(std::size_t{r} * matrix.outputs, matrix.outputs);
        for (std::size_t o = 0; o < row.size(); ++o) sums[o] += row[o] * digit;
      }
      for (const std::int64_t sum : sums) {
        const std::uint32_t needed = bits_for(matrix.format, sum);
        bits.observed = std::max(bits.observed, needed);
        ++bits.sums[needed];
      }
    }
  }
}

std::uint32_t most_nonzeros_of(const Format& format, std::span<const std::int32_t> weights,
                               std::uint32_t outputs, std::span<const RowGroup> groups) {
  std::uint32_t most = 0;
  for (const RowGroup& group : groups) {
    for (std::uint32_t o = 0; o < outputs; ++o) {
      std::array<std::uint32_t, 2> counts{};  // by polarity
      for (std::uint32_t r = group.first; r < group.first + group.count; ++r) {
        const std::int32_t weight = weights[std::size_t{r} * outputs + o];
        for (std::uint32_t p = 0; p < 2; ++p) counts[p] += stored(format, weight, p) != 0 ? 1 : 0;
      }
      most = std::max({most, counts[0], counts[1]});
    }
  }
  return most;
}

}  // namespace

Bounds find_bounds(const Format& format, std::span<const std::int32_t> weights,
                   std::uint32_t outputs, std::span<const std::int32_t> samples) {
  check_format(format);
  const std::size_t inputs = weights.size() / outputs;
  const auto groups = row_groups(format, static_cast<std::uint32_t>(inputs));
  const ColumnBits column{format.cell_bits, std::min(format.dac_bits, format.input_bits)};
  Bounds bounds;
  bounds.nonzeros = most_nonzeros_of(format, weights, outputs, groups);
  bounds.count =
      needed_bits({.encoding = format.encoding}, column, bounds.nonzeros, bounds.nonzeros);
  for (std::uint32_t slice = 0; slice < slices(format); ++slice) {
    SliceBits bits;
    for (std::uint32_t polarity = 0; polarity < polarities(format); ++polarity) {
      const auto cells = cells_of(format, weights, slice, polarity);
      const Matrix matrix{format, cells, outputs};
      bound_by_weights(matrix, groups, bits);
      for (std::size_t v = 0; v + inputs <= samples.size(); v += inputs) {
        observe(matrix, groups, samples.subspan(v, inputs), bits);
      }
    }
    bounds.weights = std::max(bounds.weights, bits.weights);
    bounds.observed = std::max(bounds.observed, bits.observed);
    bounds.slices.push_back(bits);
  }
  return bounds;
}

double saturation(const SliceBits& slice, std::uint32_t bits) {
  std::uint64_t all = 0;
  std::uint64_t lost = 0;
  for (std::uint32_t needed = 0; needed < slice.sums.size(); ++needed) {
    all += slice.sums[needed];
    if (needed > bits) lost += slice.sums[needed];
  }
  return all == 0 ? 0 : static_cast<double>(lost) / static_cast<double>(all);
}

void require_nonzeros_count(WeightEncoding encoding, std::uint32_t nonzeros, std::uint32_t rows) {
  if (encoding != WeightEncoding::offset || nonzeros >= rows) return;
  throw base::UsageError(
      {.place = "encoding",
       .what = "a limit on non-zeros saves no bits with offset encoding, which stores a weight of "
               "0 as half of the range, so that every row conducts",
       .got = std::to_string(nonzeros) + " non-zeros of " + std::to_string(rows) + " rows",
       .hint = "take differential, sign_magnitude or polarised"});
}

}  // namespace sheaf::sim::adc
