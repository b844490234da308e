// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/format.h"

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::sim::crossbar {

void require_between(const char* name, std::uint32_t value, std::uint32_t least,
                     std::uint32_t most) {
  if (value >= least && value <= most) return;
  throw base::UsageError({.place = name,
                          .what = "out of range",
                          .got = std::to_string(value),
                          .expected = std::to_string(least) + " to " + std::to_string(most)});
}

Format make_format(const target::Cell& cell, const target::Crossbar& crossbar,
                   const target::Dac& dac, const target::Adc& adc) {
  return {.cell_bits = cell.bits,
          .dac_bits = dac.bits,
          .rows = crossbar.rows,
          .parallel_rows = target::driven_rows(crossbar),
          .adc_bits = adc.bits};
}

void check_format(const Format& format) {
  require_between("weight_bits", format.weight_bits, 2, 16);
  require_between("input_bits", format.input_bits, 1, 16);
  require_between("cell_bits", format.cell_bits, 1, 8);
  require_between("dac_bits", format.dac_bits, 1, 8);
  require_between("rows", format.rows, 1, 65536);
  require_between("parallel_rows", format.parallel_rows, 1, format.rows);
  require_between("adc_bits", format.adc_bits, 1, 32);
  if (format.flipped && format.encoding != WeightEncoding::offset) {
    throw base::UsageError(
        {.place = "flipped",
         .what = "columns of this encoding are not stored upside down",
         .got = std::string(kWeightEncodingNames.at(static_cast<std::size_t>(format.encoding))),
         .expected = "offset"});
  }
}

std::vector<Cycle> cycles_of(const Format& format) {
  const std::uint32_t magnitude = format.input_bits - (format.signed_inputs ? 1 : 0);
  std::vector<Cycle> cycles;
  for (std::uint32_t bit = 0; bit < magnitude; bit += format.dac_bits) {
    cycles.push_back({.first_bit = bit, .bits = std::min(format.dac_bits, magnitude - bit)});
  }
  if (format.signed_inputs) cycles.push_back({.first_bit = magnitude, .bits = 1, .negative = true});
  return cycles;
}

std::vector<RowGroup> row_groups(const Format& format, std::uint32_t inputs) {
  std::vector<RowGroup> groups;
  for (std::uint32_t first = 0; first < inputs;) {
    const std::uint32_t in_crossbar = format.rows - first % format.rows;
    const std::uint32_t count = std::min({format.parallel_rows, in_crossbar, inputs - first});
    groups.push_back({.first = first, .count = count});
    first += count;
  }
  return groups;
}

std::uint32_t cycle_count(const Format& format) {
  const std::uint32_t magnitude = format.input_bits - (format.signed_inputs ? 1 : 0);
  return (magnitude + format.dac_bits - 1) / format.dac_bits + (format.signed_inputs ? 1 : 0);
}

std::uint64_t row_group_count(const Format& format, std::uint64_t inputs) {
  const auto of = [&](std::uint64_t rows) {
    return (rows + format.parallel_rows - 1) / format.parallel_rows;
  };
  return inputs / format.rows * of(format.rows) + of(inputs % format.rows);
}

std::uint32_t stored_bits(const Format& format) {
  return format.encoding == WeightEncoding::offset ? format.weight_bits : format.weight_bits - 1;
}

std::uint32_t polarities(const Format& format) {
  return format.encoding == WeightEncoding::differential ? 2 : 1;
}

std::uint32_t slices(const Format& format) {
  return (stored_bits(format) + format.cell_bits - 1) / format.cell_bits;
}

std::uint32_t stored(const Format& format, std::int32_t weight, std::uint32_t polarity) {
  if (format.encoding == WeightEncoding::offset) {
    return static_cast<std::uint32_t>(weight + (std::int32_t{1} << (format.weight_bits - 1)));
  }
  const bool negative = weight < 0;
  if (format.encoding != WeightEncoding::polarised && negative != (polarity == 1)) return 0;
  return static_cast<std::uint32_t>(negative ? -weight : weight);
}

bool stored_flipped(const Format& format, std::uint32_t planes, std::uint32_t rows,
                    std::uint32_t sum) {
  const std::uint64_t upside_down = std::uint64_t{rows} * ((1U << planes) - 1) - sum;
  const std::uint64_t digit = (1U << std::min(format.dac_bits, format.input_bits)) - 1;
  return format.flipped && sum * digit >= std::uint64_t{1} << format.adc_bits && upside_down < sum;
}

std::int64_t convert(const Format& format, std::int64_t sum) {
  if (format.encoding == WeightEncoding::sign_magnitude) {
    const std::int64_t half = std::int64_t{1} << (format.adc_bits - 1);
    return std::clamp(sum, -half, half - 1);
  }
  return std::clamp<std::int64_t>(sum, 0, (std::int64_t{1} << format.adc_bits) - 1);
}

}  // namespace sheaf::sim::crossbar
