// SPDX-License-Identifier: Apache-2.0
//
// How numbers become bits in a crossbar. A row holds an input's weights; a weight is cut into
// slices of `cell_bits`, one column each; an input is cut into digits of `dac_bits`, one read each.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/target/adc.h"
#include "sheaf/target/cell.h"
#include "sheaf/target/crossbar.h"
#include "sheaf/target/dac.h"
#include "sheaf/target/mapping.h"

namespace sheaf::sim::crossbar {

// Where a weight's sign goes. B is the number of its bits; but for `offset`, its magnitude has B-1.
using target::kWeightEncodingNames;
using target::WeightEncoding;

struct Format {
  WeightEncoding encoding = WeightEncoding::differential;
  std::uint32_t weight_bits = 8;  // 2..16, two's complement; -2^(B-1) with `offset` only
  std::uint32_t input_bits = 8;   // 1..16
  bool signed_inputs = false;     // two's complement: the top bit, in a read of its own, counts -
  std::uint32_t cell_bits = 2;    // 1..8
  std::uint32_t dac_bits = 1;     // 1..8
  std::uint32_t rows = 128;       // of a crossbar, 1..65536
  std::uint32_t parallel_rows = 128;  // rows that one read drives, 1..rows
  std::uint32_t adc_bits = 8;         // 1..32
  // ISAAC's (ISCA 2016, section 5), with `offset` only: a column that could exceed its converter is
  // stored upside down, each cell as the highest level less its own, where that makes its largest
  // sum smaller. What was taken from all digits of the read is added up digitally.
  bool flipped = false;
};

// That of hardware.
[[nodiscard]] Format make_format(const target::Cell& cell, const target::Crossbar& crossbar,
                                 const target::Dac& dac, const target::Adc& adc);

// Throws UsageError unless `value`, which users know as `name`, is in least..most.
void require_between(const char* name, std::uint32_t value, std::uint32_t least,
                     std::uint32_t most);

// Throws UsageError when a field is out of its range.
void check_format(const Format& format);

// One read of a group of rows: the digit of the inputs that it applies.
struct Cycle {
  std::uint32_t first_bit = 0;
  std::uint32_t bits = 1;
  bool negative = false;  // the digit is the sign bit of two's complement
};

// All reads that an input takes, lowest digit first.
[[nodiscard]] std::vector<Cycle> cycles_of(const Format& format);

// Rows first .. first + count - 1, which one read drives.
struct RowGroup {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

// The groups of a matrix with so many rows: it is cut into crossbars, and those into reads.
[[nodiscard]] std::vector<RowGroup> row_groups(const Format& format, std::uint32_t inputs);

// How many of each the two above return.
[[nodiscard]] std::uint32_t cycle_count(const Format& format);
[[nodiscard]] std::uint64_t row_group_count(const Format& format, std::uint64_t inputs);

// Bits of a weight that cells hold: B with `offset`, else B - 1.
[[nodiscard]] std::uint32_t stored_bits(const Format& format);

// Columns that are converted per weight and slice: 2 with `differential`, else 1.
[[nodiscard]] std::uint32_t polarities(const Format& format);

// ceil(stored bits / cell bits).
[[nodiscard]] std::uint32_t slices(const Format& format);

// What the cells of a weight hold, all slices side by side: the magnitude (or w + 2^(B-1)) where it
// goes to the given polarity (0: positive), else 0. With `sign_magnitude`, both polarities exist
// though one conversion reads them.
[[nodiscard]] std::uint32_t stored(const Format& format, std::int32_t weight,
                                   std::uint32_t polarity);

// Whether a column of `rows` cells of `planes` bits that add up to `sum` is stored upside down.
[[nodiscard]] bool stored_flipped(const Format& format, std::uint32_t planes, std::uint32_t rows,
                                  std::uint32_t sum);

// What a converter returns for a column's sum.
[[nodiscard]] std::int64_t convert(const Format& format, std::int64_t sum);

}  // namespace sheaf::sim::crossbar
