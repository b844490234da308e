// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sheaf/report/table.h"
#include "sheaf/study/chip_charts.h"
#include "sheaf/study/chip_words.h"
#include "sheaf/study/design_figures.h"
#include "sheaf/study/simulate.h"

namespace sheaf::study {
namespace {

using backend::cim::Breakdown;
using backend::cim::Component;
using backend::cim::kComponentNames;
using backend::cim::kComponents;
using backend::cim::LayerCost;
using nlohmann::ordered_json;

constexpr double kUm2PerMm2 = 1e6;
constexpr double kPjPerUj = 1e6;

std::string number(double value) { return fmt::format("{:.5g}", value); }
std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }
std::string count(std::uint64_t value) { return report::with_commas(value); }

// A length of time in the unit that suits it.
std::string time(double ns) {
  if (ns >= 1e6) return number(ns / 1e6) + " ms";
  return ns >= 1e3 ? number(ns / 1e3) + " us" : number(ns) + " ns";
}

std::string origin_of(const target::Chip& chip) {
  return std::string(
      target::kOriginNames[static_cast<std::size_t>(provenance_of(chip, "").origin)]);
}

bool is_array(const ChipStudy& study) { return !study.chip.crossbar; }

std::string component_table(const ChipStudy& study) {
  const double all = study.cost.total_energy_pj();
  report::Table table{{"component", "uJ", "share %", "mm2"}, {}};
  for (std::size_t c = 0; c < kComponents; ++c) {
    const double pj = study.cost.energy_pj[c];
    const double um2 = study.cost.area_um2[c];
    if (pj == 0 && um2 == 0) continue;
    table.rows.push_back({std::string(kComponentNames[c]), number(pj / kPjPerUj), percent(pj / all),
                          um2 == 0 ? "-" : number(um2 / kUm2PerMm2)});
  }
  return table.to_string();
}

std::string bound_name(const backend::cim::Limits& limits) {
  return std::string(backend::cim::kBoundNames[static_cast<std::size_t>(limits.binds())]);
}

std::string totals(const ChipStudy& study) {
  const backend::cim::NetworkCost& cost = study.cost;
  const std::string energy = number(cost.total_energy_pj() / kPjPerUj);
  std::string text =
      study.of_data
          ? fmt::format("all data: {} uJ, {} MACs; {} MACs of the host\n", energy, count(cost.macs),
                        count(study.shapes.host_macs))
          : fmt::format("latency {}, an input every {}, {} uJ an input, {} MACs\n",
                        time(cost.latency_ns), time(cost.interval_ns), energy, count(cost.macs));
  text += of(cost.energy_pj, Component::leakage) > 0
              ? "energy is dynamic, what events take, and leakage where the chip states it\n"
              : "energy is dynamic: what events take; parts that wait take nothing\n";
  text += study.of_data ? "us: call after call; batches, below, share what fills the pipeline\n"
                        : fmt::format("the interval is that of {}: {}\n", bound_name(cost.limits),
                                      bound_words(study));
  if (is_array(study)) return text;
  text += fmt::format("{} crossbars in use, {} % of their cells, on {} chips: {} mm2\n",
                      count(cost.crossbars), percent(cost.utilisation), number(cost.chips),
                      number(cost.total_area_um2() / kUm2PerMm2));
  const backend::cim::Decomposition& d = cost.decomposition;
  text += fmt::format(
      "converters of {} bits: {} pJ a conversion x {} conversions a MAC x {} MACs / {} of rows in "
      "use = {} uJ\n",
      cost.adc_bits, number(d.convert_pj), number(d.converts_per_mac), number(d.macs),
      number(d.utilisation),
      number(d.convert_pj * d.converts_per_mac * d.macs / d.utilisation / kPjPerUj));
  return text;
}

ordered_json limits_json(const backend::cim::Limits& limits) {
  ordered_json json = ordered_json::object();
  for (std::size_t b = 0; b < limits.ns.size(); ++b) {
    if (limits.ns[b] != 0) json[std::string(backend::cim::kBoundNames[b])] = limits.ns[b];
  }
  return json;
}

ordered_json breakdown_json(const Breakdown& breakdown) {
  ordered_json json = ordered_json::object();
  for (std::size_t c = 0; c < kComponents; ++c) {
    if (breakdown[c] != 0) json[std::string(kComponentNames[c])] = breakdown[c];
  }
  return json;
}

ordered_json layer_json(const backend::cim::LayerShape& shape, const LayerCost& layer,
                        double all_pj) {
  const double pj = backend::cim::total(layer.energy_pj);
  return {{"name", layer.name},
          {"kind", backend::cim::kLayerKindNames[static_cast<std::size_t>(shape.kind)]},
          {"outputs", shape.outputs},
          {"inputs", shape.inputs},
          {"groups", shape.groups},
          {"block", shape.block},
          {"weight_bits", shape.weight_bits},
          {"input_bits", shape.input_bits},
          {"calls", shape.calls},
          {"macs", layer.macs},
          {"crossbars", layer.mapping.crossbars},
          {"replicas", layer.mapping.replicas},
          {"duplicates", layer.mapping.duplicates},
          {"utilisation", layer.utilisation},
          {"cycles", layer.cycles},
          {"ns", layer.time_ns},
          {"bound", bound_name(layer.limits)},
          {"limits_ns", limits_json(layer.limits)},
          {"conversions", layer.conversions},
          {"dram_bytes", layer.dram_bytes},
          {"buffer_bytes", layer.buffer_bytes},
          {"flit_hops", layer.traffic.flit_hops},
          {"pj", pj},
          {"share", pj / all_pj},
          {"energy_pj", breakdown_json(layer.energy_pj)}};
}

runtime::Cost cost_of(const LayerCost& layer, Component component, bool array) {
  runtime::Cost cost{.pj = of(layer.energy_pj, component)};
  const Component works = array ? Component::compute : Component::crossbar;
  if (component == works) cost.ns = layer.time_ns;
  if (component == Component::adc) cost.conversions = static_cast<double>(layer.conversions);
  if (component == Component::buffer) cost.bytes = layer.buffer_bytes;
  if (component == Component::dram) cost.bytes = layer.dram_bytes;
  if (component == Component::network) cost.flit_hops = layer.traffic.flit_hops;
  return cost;
}

}  // namespace

std::vector<std::string> notes_of(const ChipStudy& study) {
  std::vector<std::string> notes = study.notes;
  if (const double missing = missing_bits(study); missing > 0) {
    notes.push_back(fmt::format(
        "converters of {} bits lack {} to read every column without loss: sums above {} saturate",
        study.cost.adc_bits, missing, (std::uint64_t{1} << study.cost.adc_bits) - 1));
  }
  const backend::cim::NetworkCost& cost = study.cost;
  if (cost.memory_bytes > 0 && cost.memory_need_bytes > cost.memory_bytes) {
    notes.push_back(fmt::format(
        "{} needs {:.3g} KB of a tile's buffer{}, which has {:.3g} KB: what does not fit would "
        "have to be fetched again, which is not counted",
        cost.layers[cost.neediest_layer].name, cost.memory_need_bytes / 1024,
        cost.pipeline == backend::cim::PipelineKind::intra_layer ? "" : " with others in its tile",
        cost.memory_bytes / 1024));
  }
  if (!is_array(study) && !study.cost.links_counted) {
    notes.emplace_back(
        "links of so large a mesh are not counted: an input may take longer than printed");
  }
  return notes;
}

std::string to_text(const ChipStudy& study) {
  const target::Provenance& own = provenance_of(study.chip, "");
  std::string text = fmt::format("{} on {} ({}), strategy {}{}\n", study.cost.network,
                                 study.chip.name, origin_of(study.chip), study.cost.strategy,
                                 is_reconstructed(study.cost) ? " (reconstructed)" : "");
  text += fmt::format("chip: {}\n", own.source);
  for (const std::string& change : study.chip.changes) text += "changed: " + change + "\n";
  text +=
      "\n" + layer_table(study).to_string() + "\n" + component_table(study) + "\n" + totals(study);
  for (const std::string& note : notes_of(study)) text += "note: " + note + "\n";
  return text;
}

ordered_json to_json(const ChipStudy& study) {
  const backend::cim::NetworkCost& cost = study.cost;
  const backend::cim::Decomposition& d = cost.decomposition;
  ordered_json json = {
      {"network", cost.network},
      {"chip", study.chip.name},
      {"origin", origin_of(study.chip)},
      {"source", provenance_of(study.chip, "").source},
      {"changes", study.chip.changes},
      {"strategy", cost.strategy},
      {"reconstructed", is_reconstructed(study)},
      {"latency_ns", cost.latency_ns},
      {"interval_ns", cost.interval_ns},
      {"bound", bound_name(cost.limits)},
      {"limits_ns", limits_json(cost.limits)},
      {"energy", of(cost.energy_pj, Component::leakage) > 0 ? "dynamic and leakage" : "dynamic"},
      {"pj", cost.total_energy_pj()},
      {"um2", cost.total_area_um2()},
      {"crossbars", cost.crossbars},
      {"chips", cost.chips},
      {"utilisation", cost.utilisation},
      {"adc_bits", cost.adc_bits},
      {"macs", cost.macs},
      {"host_macs", study.shapes.host_macs},
      {"conversions", cost.conversions},
      {"flit_hops", cost.flit_hops},
      {"dram_bytes", cost.dram_bytes},
      {"energy_pj", breakdown_json(cost.energy_pj)},
      {"area_um2", breakdown_json(cost.area_um2)}};
  if (!is_array(study)) {
    json["decomposition"] = {{"convert_pj", d.convert_pj},
                             {"converts_per_mac", d.converts_per_mac},
                             {"macs", d.macs},
                             {"utilisation", d.utilisation}};
  }
  json["notes"] = notes_of(study);
  json["layers"] = ordered_json::array();
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    json["layers"].push_back(
        layer_json(study.shapes.layers[i], cost.layers[i], cost.total_energy_pj()));
  }
  return json;
}

runtime::Ledger ledger_of(const ChipStudy& study) {
  runtime::Ledger ledger{.target = study.chip.name, .rows = {}, .batches = {}};
  for (std::size_t i = 0; i < study.cost.layers.size(); ++i) {
    const LayerCost& layer = study.cost.layers[i];
    for (std::size_t c = 0; c < kComponents; ++c) {
      const runtime::Cost cost = cost_of(layer, static_cast<Component>(c), is_array(study));
      if (cost.is_nothing()) continue;
      runtime::LedgerRow& row = ledger.row(layer.name, kComponentNames[c]);
      row.batches = 1;
      row.nodes = study.shapes.layers[i].calls;
      row.cost = cost;
    }
  }
  return ledger;
}

}  // namespace sheaf::study
