// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/chip_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sheaf/report/table.h"
#include "sheaf/sim/cost/figures.h"
#include "sheaf/sim/cost/sums.h"
#include "sheaf/target/write_chip.h"

namespace sheaf::report {
namespace {

using nlohmann::ordered_json;
using sim::cost::Level;
using sim::cost::Part;
using sim::cost::Sums;

constexpr double kUm2PerMm2 = 1e6;
constexpr double kMwPerW = 1e3;

std::string origin_name(target::Origin origin) {
  return std::string(target::kOriginNames[static_cast<std::size_t>(origin)]);
}

std::string number(double value) { return fmt::format("{:.6g}", value); }

std::string number_or_unknown(double value) { return value == 0 ? "?" : number(value); }

// The first lines of every report: what the chip is, and of what kind its numbers are.
std::string heading(const target::Chip& chip) {
  const target::Provenance& own = target::provenance_of(chip, "");
  std::string text = fmt::format("{}: {}\n", chip.name, chip.title);
  text += fmt::format("{}: {}\n", origin_name(own.origin), own.source);
  for (const std::string& change : chip.changes) text += "changed: " + change + "\n";
  return text + "\n";
}

ordered_json identity(const target::Chip& chip) {
  const target::Provenance& own = target::provenance_of(chip, "");
  return {{"chip", chip.name},
          {"title", chip.title},
          {"origin", origin_name(own.origin)},
          {"source", own.source},
          {"changes", chip.changes}};
}

void add_level(Table& table, const Level& level) {
  if (!table.rows.empty()) table.rows.emplace_back();
  for (const Part& part : level.parts) {
    table.rows.push_back(
        {part.name, fmt::format("{:g}", part.count), number_or_unknown(part.power_mw),
         number_or_unknown(part.area_um2 / kUm2PerMm2), origin_name(part.provenance.origin)});
  }
  table.rows.push_back({level.name, "1", number_or_unknown(level.power_mw),
                        number_or_unknown(level.area_um2 / kUm2PerMm2)});
}

std::string rate(const std::optional<double>& value) { return value ? number(*value) : "?"; }

ordered_json json_or_null(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json rates_json(const Level& level) {
  return {{"power_mw", level.power_mw},
          {"area_mm2", level.area_um2 / kUm2PerMm2},
          {"gops", level.gops},
          {"gops_per_w", json_or_null(level.gops_per_w())},
          {"gops_per_mm2", json_or_null(level.gops_per_mm2())}};
}

ordered_json level_json(const Level& level) {
  ordered_json json = rates_json(level);
  ordered_json parts = ordered_json::array();
  for (const Part& part : level.parts) {
    parts.push_back({{"name", part.name},
                     {"count", part.count},
                     {"power_mw", part.power_mw},
                     {"area_mm2", part.area_um2 / kUm2PerMm2},
                     {"origin", origin_name(part.provenance.origin)},
                     {"source", part.provenance.source}});
  }
  json["parts"] = std::move(parts);
  return json;
}

}  // namespace

std::string peak_text(const target::Chip& chip) {
  const Sums sums = sim::cost::sums_of(chip);
  Table parts{{"part", "count", "mW", "mm2", "numbers"}, {}};
  for (const Level* level : {&sums.pe, &sums.tile, &sums.chip}) add_level(parts, *level);
  Table rates{{"at best", "GOPs/s", "GOPs/(s W)", "GOPs/(s mm2)"}, {}};
  for (const Level* level : {&sums.pe, &sums.tile, &sums.chip}) {
    rates.rows.push_back(
        {level->name, number(level->gops), rate(level->gops_per_w()), rate(level->gops_per_mm2())});
  }
  std::string text = heading(chip) + parts.to_string() + "\n" + rates.to_string();
  if (chip.chip.sum_digits > 0) {
    const Level exact = sim::cost::exact_sums_of(chip).chip;
    text += fmt::format(
        "\nSums of tile and chip are rounded to {} digits, as the published table has them.\n"
        "Unrounded the chip takes {} W and {} mm2: {} GOPs/(s W), {} GOPs/(s mm2).\n",
        chip.chip.sum_digits, number(exact.power_mw / kMwPerW), number(exact.area_um2 / kUm2PerMm2),
        rate(exact.gops_per_w()), rate(exact.gops_per_mm2()));
  }
  return text;
}

ordered_json peak_json(const target::Chip& chip) {
  const Sums sums = sim::cost::sums_of(chip);
  ordered_json json = identity(chip);
  json["gops"] = sums.chip.gops;
  json["power_w"] = sums.chip.power_mw / kMwPerW;
  json["area_mm2"] = sums.chip.area_um2 / kUm2PerMm2;
  json["gops_per_w"] = json_or_null(sums.chip.gops_per_w());
  json["gops_per_mm2"] = json_or_null(sums.chip.gops_per_mm2());
  json["sum_digits"] = chip.chip.sum_digits;
  for (const Level* level : {&sums.pe, &sums.tile, &sums.chip}) {
    json["levels"][level->name] = level_json(*level);
  }
  const Sums exact = sim::cost::exact_sums_of(chip);
  for (const Level* level : {&exact.pe, &exact.tile, &exact.chip}) {
    json["unrounded"][level->name] = rates_json(*level);
  }
  for (const sim::cost::Figure& figure : sim::cost::figures_of(chip)) {
    json["figures"][figure.name] = figure.value;
  }
  return json;
}

std::string check_text(const target::Chip& chip) {
  std::string text = heading(chip);
  Table table{{"figure", "published", "here", "differs by", "may differ by"}, {}};
  std::string notes;
  for (const sim::cost::Check& check : sim::cost::check_published(chip)) {
    table.rows.push_back(
        {check.published.name, number(check.published.value), number(check.computed),
         fmt::format("{:.4f} %", 100 * check.difference),
         fmt::format("{:g} %{}", 100 * check.published.within, check.same ? "" : " FAR")});
    if (!check.published.note.empty()) {
      notes += fmt::format("{}: {}\n", check.published.name, check.published.note);
    }
  }
  if (!table.rows.empty()) text += table.to_string() + "\n";
  if (!notes.empty()) text += notes + "\n";
  for (const auto& [path, provenance] : chip.provenance) {
    if (path.empty()) continue;
    text += fmt::format("{} ({}): {}\n", path, origin_name(provenance.origin), provenance.source);
  }
  return text;
}

ordered_json check_json(const target::Chip& chip) {
  ordered_json json = identity(chip);
  json["checks"] = ordered_json::array();
  for (const sim::cost::Check& check : sim::cost::check_published(chip)) {
    json["checks"].push_back({{"figure", check.published.name},
                              {"published", check.published.value},
                              {"computed", check.computed},
                              {"difference", check.difference},
                              {"within", check.published.within},
                              {"same", check.same},
                              {"note", check.published.note}});
  }
  json["sources"] = ordered_json::object();
  for (const auto& [path, provenance] : chip.provenance) {
    json["sources"][path] = {{"origin", origin_name(provenance.origin)},
                             {"source", provenance.source}};
  }
  return json;
}

bool all_same(const target::Chip& chip) {
  const auto checks = sim::cost::check_published(chip);
  return std::all_of(checks.begin(), checks.end(),
                     [](const sim::cost::Check& check) { return check.same; });
}

std::string adc_scaling_text(const target::Chip& chip,
                             const std::vector<sim::cost::AdcScaling>& studies) {
  Table table{{"model"}, {}};
  if (!studies.empty()) {
    for (const auto& point : studies[0].points) {
      table.head.push_back(fmt::format("{} bits", point.bits));
    }
  }
  bool extrapolated = false;
  for (const sim::cost::AdcScaling& study : studies) {
    std::vector<std::string> row{study.model};
    for (const auto& point : study.points) {
      extrapolated = extrapolated || point.extrapolated;
      row.push_back(
          point.refusal.empty()
              ? fmt::format("{:.3f}, {}{}", point.power_gain,
                            point.area_known ? fmt::format("{:.3f}", point.area_gain) : "?",
                            point.extrapolated ? " *" : "")
              : "-");
    }
    table.rows.push_back(std::move(row));
  }
  std::string text = heading(chip) +
                     "How many times less power, and area, a tile takes with converters of so many "
                     "bits\n(of GOPs/(s W) and GOPs/(s mm2): how many times more):\n\n" +
                     table.to_string();
  if (extrapolated) text += "\n* outside what the model's source covers\n";
  return text;
}

ordered_json adc_scaling_json(const target::Chip& chip,
                              const std::vector<sim::cost::AdcScaling>& studies) {
  ordered_json json = identity(chip);
  json["adc_scaling"] = ordered_json::object();
  for (const sim::cost::AdcScaling& study : studies) {
    ordered_json points = ordered_json::array();
    for (const auto& point : study.points) {
      ordered_json one{{"bits", point.bits}};
      if (point.refusal.empty()) {
        one["power_gain"] = point.power_gain;
        one["area_gain"] = point.area_known ? ordered_json(point.area_gain) : ordered_json(nullptr);
        one["extrapolated"] = point.extrapolated;
      } else {
        one["refusal"] = point.refusal;
      }
      points.push_back(std::move(one));
    }
    json["adc_scaling"][study.model] = std::move(points);
  }
  return json;
}

std::string key_table() {
  std::string text = "| key | unit or values | |\n| --- | --- | --- |\n";
  for (const target::KeyHelp& key : target::key_list()) {
    text += fmt::format("| `{}` | {} | {} |\n", key.path, key.value, key.help);
  }
  return text;
}

}  // namespace sheaf::report
