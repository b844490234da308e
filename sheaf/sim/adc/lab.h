// SPDX-License-Identifier: Apache-2.0
//
// One design of a crossbar and its converter looked at from all sides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/sim/adc/margin.h"
#include "sheaf/sim/adc/model.h"
#include "sheaf/sim/adc/resolution.h"
#include "sheaf/sim/crossbar/format.h"
#include "sheaf/target/adc.h"

namespace sheaf::sim::adc {

inline constexpr std::uint32_t kMostConverterBits = 16;

struct LabOptions {
  std::uint32_t rows = 128;  // that one read drives, 1..65536
  ColumnBits column;
  std::optional<std::uint32_t> nonzeros;  // most per column of a read, 1..rows; none: rows
  crossbar::WeightEncoding encoding = crossbar::WeightEncoding::differential;
  std::optional<std::uint32_t> bits;   // of the converter, 1..16; none: what loses nothing
  std::optional<double> on_off_ratio;  // above 1; none: cells at level 0 do not conduct
  target::Adc adc;                     // rate, node, figure of merit
};

// A model's word on two converters: one for a dense column, and the design's.
struct ModelLine {
  const Model* model = nullptr;
  Estimate dense;
  Estimate design;
  std::optional<double> energy_ratio;  // design / dense
  std::optional<double> area_ratio;
};

// Fewer rows per read: fewer bits, but more conversions. `energy_ratio` by model, in the order of
// models(): energy of all conversions of a column against one read of all rows.
struct RowsLine {
  std::uint32_t rows = 0;
  std::uint32_t bits = 0;
  std::uint32_t reads = 0;
  std::vector<std::optional<double>> energy_ratio;
  bool disagreement = false;  // some models say more, some less
};

struct Lab {
  LabOptions options;
  std::uint32_t nonzeros = 0;
  std::uint32_t dense_bits = 0;               // that lose nothing with all rows
  std::uint32_t lossless_bits = 0;            // with `nonzeros`
  std::uint32_t bits = 0;                     // the design's
  std::uint32_t isaac_bits = 0;               // by ISAAC's rule, of `nonzeros`
  std::optional<std::uint32_t> flipped_bits;  // with ISAAC's flipped columns; where they make sense
  std::uint64_t most_nonzeros = 0;            // that the design's bits allow
  std::vector<std::uint64_t> most_by_bits;    // the same for 1, 2, ... bits
  std::vector<ModelLine> models;
  std::vector<RowsLine> fewer_rows;  // half, a quarter, ... of them
  LeakageMargin margin;
  std::vector<std::string> warnings;
};

// Throws UsageError for what is out of range, and for a limit on non-zeros with `offset`.
[[nodiscard]] Lab make_lab(const LabOptions& options);

}  // namespace sheaf::sim::adc
