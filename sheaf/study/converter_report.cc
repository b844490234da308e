// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>

#include "sheaf/report/table.h"
#include "sheaf/study/converter.h"

namespace sheaf::study {
namespace {

using nlohmann::ordered_json;
using report::Table;
using sim::adc::Estimate;
using sim::adc::Lab;
using sim::adc::ModelLine;
using sim::adc::RowsLine;

bool is_shown(const ConverterStudy& study, const ModelLine& line) {
  return study.options.model.empty() || study.options.model == line.model->name;
}

ordered_json json_of(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json json_of(const Estimate& estimate, double rate_gsps) {
  if (!estimate.ok()) return {{"refused", estimate.refusal}};
  ordered_json json = {{"energy_pj", estimate.energy_pj},
                       {"area_um2", json_of(estimate.area_um2)},
                       {"power_mw", estimate.energy_pj * rate_gsps},
                       {"extrapolated", estimate.extrapolated}};
  if (estimate.energy_high_pj) json["energy_high_pj"] = *estimate.energy_high_pj;
  if (estimate.area_high_um2) json["area_high_um2"] = *estimate.area_high_um2;
  if (!estimate.note.empty()) json["note"] = estimate.note;
  return json;
}

ordered_json models_json(const ConverterStudy& study) {
  ordered_json models = ordered_json::array();
  const double rate = study.options.lab.adc.rate_gsps;
  for (std::size_t i = 0; i < study.lab.models.size(); ++i) {
    const ModelLine& line = study.lab.models[i];
    if (!is_shown(study, line)) continue;
    models.push_back({{"name", line.model->name},
                      {"rule", line.model->rule},
                      {"source", line.model->source},
                      {"bits_covered", {line.model->least_bits, line.model->most_bits}},
                      {"design", json_of(line.design, rate)},
                      {"dense", json_of(line.dense, rate)},
                      {"energy_ratio", json_of(line.energy_ratio)},
                      {"area_ratio", json_of(line.area_ratio)},
                      {"isaac_tile_gops_per_w", json_of(study.tile_gains[i].per_w)},
                      {"isaac_tile_gops_per_mm2", json_of(study.tile_gains[i].per_mm2)}});
  }
  return models;
}

ordered_json rows_json(const Lab& lab) {
  ordered_json lines = ordered_json::array();
  for (const RowsLine& line : lab.fewer_rows) {
    ordered_json ratios;
    for (std::size_t i = 0; i < lab.models.size(); ++i) {
      ratios[std::string(lab.models[i].model->name)] = json_of(line.energy_ratio[i]);
    }
    lines.push_back({{"rows", line.rows},
                     {"bits", line.bits},
                     {"reads", line.reads},
                     {"models_disagree", line.disagreement},
                     {"energy_ratio", ratios}});
  }
  return lines;
}

ordered_json weights_json(const ConverterStudy& study) {
  const ConverterWeights& weights = *study.weights;
  ordered_json slices = ordered_json::array();
  for (const sim::adc::SliceBits& slice : weights.bounds.slices) {
    slices.push_back({{"weight_bits", slice.weights},
                      {"observed_bits", slice.observed},
                      {"saturation_at_bits", saturation(slice, study.lab.bits)}});
  }
  return {{"tensor", weights.tensor},
          {"inputs", weights.inputs},
          {"outputs", weights.outputs},
          {"scale", weights.scale},
          {"zero_share", weights.zero_share},
          {"nonzeros", weights.bounds.nonzeros},
          {"count_bits", weights.bounds.count},
          {"weight_bits", weights.bounds.weights},
          {"observed_bits", weights.bounds.observed},
          {"samples", study.options.samples},
          {"slices", slices}};
}

// "-" where there is no number.
std::string number(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

std::string range(double low, const std::optional<double>& high, int digits) {
  std::string text = number(low, digits);
  if (high) text += ".." + number(*high, digits);
  return text;
}

std::string bits_text(const Lab& lab) {
  const auto& options = lab.options;
  std::string text =
      fmt::format("{} of {} rows conduct, cells of {} bits, digits of {}, {} encoding\n\n",
                  lab.nonzeros, options.rows, options.column.cell_bits, options.column.dac_bits,
                  sim::crossbar::kWeightEncodingNames[static_cast<std::size_t>(options.encoding)]);
  text += fmt::format("bits of the design       {}\n", lab.bits);
  text += fmt::format("bits that lose nothing   {} ({} for all rows; ISAAC's rule: {})\n",
                      lab.lossless_bits, lab.dense_bits, lab.isaac_bits);
  if (lab.flipped_bits) {
    text += fmt::format("with flipped columns     {} (ISAAC's encoding)\n", *lab.flipped_bits);
  }
  text += fmt::format("most non-zeros           {} under {} bits\n", lab.most_nonzeros, lab.bits);
  Table table{{"bits"}, {{"most non-zeros"}}};
  for (std::size_t i = 0; i < lab.most_by_bits.size(); ++i) {
    table.head.push_back(std::to_string(i + 1));
    table.rows[0].push_back(std::to_string(lab.most_by_bits[i]));
  }
  return text + "\n" + table.to_string();
}

std::string models_text(const ConverterStudy& study) {
  const Lab& lab = study.lab;
  Table table{{"model", "pJ", "um2", "mW", fmt::format("pJ / {} bits", lab.dense_bits), "area",
               "tile GOPs/W", "GOPs/mm2", ""},
              {}};
  std::string notes;
  for (std::size_t i = 0; i < lab.models.size(); ++i) {
    const ModelLine& line = lab.models[i];
    if (!is_shown(study, line)) continue;
    const Estimate& design = line.design;
    const std::string name(line.model->name);
    if (!design.ok()) {
      table.rows.push_back({name, "-", "-", "-", "-", "-", "-", "-", ""});
      notes += fmt::format("{}: refused: {}\n", name, design.refusal);
      continue;
    }
    table.rows.push_back(
        {name, range(design.energy_pj, design.energy_high_pj, 3),
         design.area_um2 ? range(*design.area_um2, design.area_high_um2, 0) : "-",
         number(design.energy_pj * lab.options.adc.rate_gsps, 2), number(line.energy_ratio, 3),
         number(line.area_ratio, 3), number(study.tile_gains[i].per_w, 3),
         number(study.tile_gains[i].per_mm2, 3), design.extrapolated ? "extrapolated" : ""});
    notes += fmt::format("{}: {} [{}]{}{}\n", name, line.model->rule, line.model->source,
                         design.note.empty() ? "" : "; ", design.note);
  }
  return fmt::format(
             "A conversion of {} bits at {} GS/s, {} nm, against {} bits, and ISAAC's "
             "tile with it against its own 8 bits\n\n",
             lab.bits, lab.options.adc.rate_gsps, lab.options.adc.node_nm, lab.dense_bits) +
         table.to_string() + "\n" + notes;
}

std::string rows_text(const ConverterStudy& study) {
  Table table{{"rows", "bits", "reads"}, {}};
  const Lab& lab = study.lab;
  for (const ModelLine& line : lab.models) {
    if (is_shown(study, line) && line.design.ok()) table.head.emplace_back(line.model->name);
  }
  table.head.emplace_back("");
  for (const RowsLine& line : lab.fewer_rows) {
    if (line.rows < 4) break;
    table.rows.push_back(
        {std::to_string(line.rows), std::to_string(line.bits), std::to_string(line.reads)});
    for (std::size_t i = 0; i < lab.models.size(); ++i) {
      if (!is_shown(study, lab.models[i]) || !lab.models[i].design.ok()) continue;
      table.rows.back().push_back(number(line.energy_ratio[i], 2));
    }
    table.rows.back().emplace_back(line.disagreement ? "models disagree" : "");
  }
  return "Fewer rows per read: energy of all conversions of a column against one read of all\n\n" +
         table.to_string();
}

std::string margin_text(const Lab& lab) {
  if (!lab.options.on_off_ratio) return "";
  const sim::adc::LeakageMargin& margin = lab.margin;
  return fmt::format(
      "\nLeakage at an on/off ratio of {}: {:.3f} steps, as {:.2f} cells that conduct in full: "
      "{}.\n"
      "{} rows need a ratio above {:.0f}; this one allows {} rows.\n",
      *lab.options.on_off_ratio, margin.leak_lsb, margin.leak_on_cells,
      margin.rounds_away ? "rounds away" : "does not round away", lab.options.rows,
      margin.least_on_off_ratio, margin.most_rows);
}

std::string weights_text(const ConverterStudy& study) {
  if (!study.weights) return "";
  const ConverterWeights& weights = *study.weights;
  std::string text = fmt::format(
      "\n{}: {} inputs x {} outputs, {:.1f} % zeros, {} non-zeros per column of a read at most\n"
      "bits by count {}, by weights {}, observed over {} random inputs {}\n\n",
      weights.tensor, weights.inputs, weights.outputs, 100 * weights.zero_share,
      weights.bounds.nonzeros, weights.bounds.count, weights.bounds.weights, study.options.samples,
      weights.bounds.observed);
  Table table{
      {"slice", "by weights", "observed", fmt::format("saturated at {} bits", study.lab.bits)}, {}};
  for (std::size_t i = 0; i < weights.bounds.slices.size(); ++i) {
    const sim::adc::SliceBits& slice = weights.bounds.slices[i];
    table.rows.push_back({std::to_string(i), std::to_string(slice.weights),
                          std::to_string(slice.observed),
                          fmt::format("{:.4f} %", 100 * saturation(slice, study.lab.bits))});
  }
  return text + table.to_string();
}

}  // namespace

ordered_json converter_json(const ConverterStudy& study) {
  const Lab& lab = study.lab;
  ordered_json most = ordered_json::array();
  for (std::size_t i = 0; i < lab.most_by_bits.size(); ++i) {
    most.push_back({{"bits", i + 1}, {"nonzeros", lab.most_by_bits[i]}});
  }
  ordered_json json = {
      {"rows", lab.options.rows},
      {"cell_bits", lab.options.column.cell_bits},
      {"dac_bits", lab.options.column.dac_bits},
      {"encoding", study.options.encoding},
      {"nonzeros", lab.nonzeros},
      {"bits", lab.bits},
      {"lossless_bits", lab.lossless_bits},
      {"dense_bits", lab.dense_bits},
      {"isaac_bits", lab.isaac_bits},
      {"flipped_bits", lab.flipped_bits ? ordered_json(*lab.flipped_bits) : ordered_json()},
      {"most_nonzeros", lab.most_nonzeros},
      {"most_nonzeros_by_bits", most},
      {"rate_gsps", lab.options.adc.rate_gsps},
      {"node_nm", lab.options.adc.node_nm},
      {"models", models_json(study)},
      {"fewer_rows", rows_json(lab)}};
  if (lab.options.on_off_ratio) {
    json["leakage"] = {{"on_off_ratio", *lab.options.on_off_ratio},
                       {"leak_lsb", lab.margin.leak_lsb},
                       {"leak_on_cells", lab.margin.leak_on_cells},
                       {"rounds_away", lab.margin.rounds_away},
                       {"least_on_off_ratio", lab.margin.least_on_off_ratio},
                       {"most_rows", lab.margin.most_rows}};
  }
  if (study.weights) json["weights"] = weights_json(study);
  json["warnings"] = lab.warnings;
  return json;
}

std::string converter_text(const ConverterStudy& study) {
  std::string text = bits_text(study.lab) + "\n" + models_text(study) + "\n" + rows_text(study) +
                     margin_text(study.lab) + weights_text(study);
  for (const std::string& warning : study.lab.warnings) text += "\nwarning: " + warning + "\n";
  return text;
}

}  // namespace sheaf::study
