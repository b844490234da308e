// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/lab.h"

#include <algorithm>
#include <limits>
#include <string>

#include "sheaf/base/ceil_div.h"
#include "sheaf/base/error.h"
#include "sheaf/sim/adc/bounds.h"

namespace sheaf::sim::adc {
namespace {

using crossbar::WeightEncoding;

void check_options(const LabOptions& options) {
  crossbar::require_between("rows", options.rows, 1, 65536);
  crossbar::require_between("cell_bits", options.column.cell_bits, 1, 8);
  crossbar::require_between("dac_bits", options.column.dac_bits, 1, 8);
  if (options.nonzeros) {
    crossbar::require_between("nonzeros", *options.nonzeros, 1, options.rows);
    require_nonzeros_count(options.encoding, *options.nonzeros, options.rows);
  }
  if (options.bits) crossbar::require_between("bits", *options.bits, 1, kMostConverterBits);
  if (options.on_off_ratio && !(*options.on_off_ratio > 1)) {
    throw base::UsageError({.place = "on_off_ratio",
                            .what = "out of range",
                            .got = std::to_string(*options.on_off_ratio),
                            .expected = "a number above 1"});
  }
}

std::uint32_t lossless(const LabOptions& options, std::uint64_t nonzeros) {
  return needed_bits({.encoding = options.encoding}, options.column, nonzeros, nonzeros);
}

Estimate estimate_of(const Model& model, const LabOptions& options, std::uint32_t bits) {
  if (bits > kMostConverterBits) return {.refusal = "over 16 bits"};
  target::Adc adc = options.adc;
  adc.bits = bits;
  return estimate(model, adc);
}

ModelLine compare(const Model& model, const Lab& lab) {
  ModelLine line{.model = &model,
                 .dense = estimate_of(model, lab.options, lab.dense_bits),
                 .design = estimate_of(model, lab.options, lab.bits)};
  if (!line.design.ok()) return line;
  if (!line.dense.ok()) return line;
  line.energy_ratio = line.design.energy_pj / line.dense.energy_pj;
  if (line.design.area_um2 && line.dense.area_um2) {
    line.area_ratio = *line.design.area_um2 / *line.dense.area_um2;
  }
  return line;
}

RowsLine with_rows(const Lab& lab, std::uint32_t rows) {
  RowsLine line{.rows = rows,
                .bits = lossless(lab.options, std::min(rows, lab.nonzeros)),
                .reads = static_cast<std::uint32_t>(base::ceil_div(lab.options.rows, rows))};
  bool more = false;
  bool less = false;
  const std::uint32_t all_bits = lossless(lab.options, lab.nonzeros);
  for (const Model& model : models()) {
    const Estimate one = estimate_of(model, lab.options, line.bits);
    const Estimate all = estimate_of(model, lab.options, all_bits);
    line.energy_ratio.emplace_back();
    if (!one.ok() || !all.ok()) continue;
    const double ratio = line.reads * one.energy_pj / all.energy_pj;
    line.energy_ratio.back() = ratio;
    more = more || ratio > 1 + 1e-9;
    less = less || ratio < 1 - 1e-9;
  }
  line.disagreement = more && less;
  return line;
}

void add_warnings(Lab& lab) {
  target::Adc adc = lab.options.adc;
  adc.bits = lab.bits;
  if (beyond_survey(adc)) {
    lab.warnings.emplace_back(
        "figures of 1 to 4 bits at 0.5 GS/s and more are extrapolations: Murmann's survey (June "
        "2025) has no entry of 3 to 4.5 effective bits at 0.5 to 3 GS/s in 14 to 45 nm; sense "
        "amplifiers or flash converters are the honest comparison");
  }
  if (lab.bits < lab.lossless_bits) {
    lab.warnings.push_back(std::to_string(lab.bits) +
                           " bits saturate for some inputs: " + std::to_string(lab.lossless_bits) +
                           " lose nothing, or " + std::to_string(lab.most_nonzeros) + " non-zeros");
  }
  if (!lab.margin.rounds_away) {
    lab.warnings.emplace_back(
        "cells at level 0 leak more than half a step: compensate for it, drive fewer rows, or "
        "raise "
        "the on/off ratio");
  }
  if (std::any_of(lab.fewer_rows.begin(), lab.fewer_rows.end(),
                  [](const RowsLine& line) { return line.disagreement; })) {
    lab.warnings.emplace_back(
        "whether fewer rows per read save energy depends on the model of the converter");
  }
}

}  // namespace

Lab make_lab(const LabOptions& options) {
  check_options(options);
  Lab lab{.options = options};
  lab.nonzeros = options.nonzeros.value_or(options.rows);
  lab.dense_bits = lossless(options, options.rows);
  lab.lossless_bits = lossless(options, lab.nonzeros);
  lab.bits = options.bits.value_or(lab.lossless_bits);
  lab.isaac_bits = isaac_bits(lab.nonzeros, options.column);
  if (options.encoding == WeightEncoding::offset) {
    lab.flipped_bits = flipped_bits(options.rows, options.column);
  }
  const std::uint32_t sign = options.encoding == WeightEncoding::sign_magnitude ? 1 : 0;
  const auto most = [&](std::uint32_t bits) {
    return bits > sign ? most_nonzeros(bits - sign, options.column) : 0;
  };
  lab.most_nonzeros = most(lab.bits);
  for (std::uint32_t bits = 1; bits <= std::max(lab.dense_bits, lab.bits); ++bits) {
    lab.most_by_bits.push_back(most(bits));
  }
  for (const Model& model : models()) lab.models.push_back(compare(model, lab));
  for (std::uint32_t rows = options.rows / 2; rows >= 1; rows /= 2) {
    lab.fewer_rows.push_back(with_rows(lab, rows));
  }
  lab.margin =
      leakage_margin(options.rows, options.column,
                     options.on_off_ratio.value_or(std::numeric_limits<double>::infinity()));
  add_warnings(lab);
  return lab;
}

}  // namespace sheaf::sim::adc
