// SPDX-License-Identifier: Apache-2.0
//
// One product, read by read: what lies in every cell, what every conversion returns and what it
// counts. For people who want to see it; exact.h makes the same numbers fast.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/sim/crossbar/format.h"

namespace sheaf::sim::crossbar {

struct ProductFlow {
  // What one conversion per read reads: a slice of an output, of one polarity.
  struct Column {
    std::uint32_t output = 0;
    std::uint32_t shift = 0;     // of its lowest bit in the weight
    std::uint32_t planes = 0;    // bits of its cells
    std::uint32_t polarity = 0;  // 1: counts negative
  };
  struct Reading {
    std::int64_t sum = 0;   // of cells times digits
    std::int64_t code = 0;  // that the converter returns; another than `sum`: saturated
    std::int64_t adds = 0;  // to the output: the code, shifted, with its sign
  };

  Format format;
  std::uint32_t inputs = 0;
  std::uint32_t outputs = 0;
  std::vector<std::int32_t> x;        // [inputs]
  std::vector<std::int32_t> weights;  // [inputs x outputs]
  std::vector<Cycle> cycles;
  std::vector<RowGroup> groups;
  std::vector<Column> columns;        // output by output, from the highest slice to the lowest
  std::vector<bool> flipped;          // [groups x columns]: stored upside down
  std::vector<std::int32_t> cells;    // [inputs x columns]; `sign_magnitude`: of a pair, the first
                                      // less the second
  std::vector<std::uint32_t> digits;  // [cycles x inputs]
  std::vector<Reading> readings;      // [groups x cycles x columns]
  std::vector<std::int64_t> digital;  // [outputs]: what is not read from columns
  std::vector<std::int64_t> y;        // [outputs]: all readings and what is digital
  std::vector<std::int64_t> product;  // [outputs]: W x, which y is when nothing saturates

  [[nodiscard]] const Reading& reading(std::size_t group, std::size_t cycle,
                                       std::size_t column) const {
    return readings[(group * cycles.size() + cycle) * columns.size() + column];
  }
  [[nodiscard]] std::size_t saturated() const;  // readings
};

// `weights` [inputs x outputs], row-major, and as many inputs as it has rows. Throws as
// ExactProduct does.
[[nodiscard]] ProductFlow trace_product(const Format& format, std::span<const std::int32_t> weights,
                                        std::uint32_t outputs, std::span<const std::int32_t> x);

}  // namespace sheaf::sim::crossbar
