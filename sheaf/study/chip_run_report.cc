// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sheaf/report/table.h"
#include "sheaf/study/chip_run.h"

namespace sheaf::study {
namespace {

using backend::cim::Component;
using nlohmann::ordered_json;

runtime::Cost cost_of(const ChipRun& run, const ChipBatch& batch) {
  const backend::cim::CallCost& call = run.calls[batch.type];
  return {.ns = batch.ns,
          .bytes = call.buffer_bytes * batch.nodes,
          .pj = batch.pj,
          .conversions = static_cast<double>(batch.conversions.conversions),
          .flit_hops = call.flit_hops * batch.nodes};
}

}  // namespace

std::vector<TypeSum> by_type(const ChipRun& run) {
  std::vector<TypeSum> sums(run.types.size());
  for (const ChipBatch& batch : run.batches) {
    TypeSum& sum = sums[batch.type];
    ++sum.batches;
    sum.nodes += batch.nodes;
    sum.ns += batch.ns;
    sum.pj += batch.pj;
    sum.conversions += batch.conversions;
  }
  return sums;
}

runtime::Ledger ledger_of(const ChipStudy& study, const ChipRun& run) {
  runtime::Ledger ledger{.target = study.chip.name, .rows = {}, .batches = {}};
  const std::vector<TypeSum> sums = by_type(run);
  for (std::size_t type = 0; type < sums.size(); ++type) {
    const TypeSum& sum = sums[type];
    const backend::cim::CallCost& call = run.calls[type];
    const auto nodes = static_cast<double>(sum.nodes);
    for (std::size_t c = 0; c < backend::cim::kComponents; ++c) {
      const auto component = static_cast<Component>(c);
      runtime::Cost cost{.pj = call.energy_pj[c] * nodes +
                               call.once_pj[c] * static_cast<double>(sum.batches)};
      if (component == Component::crossbar) cost.ns = sum.ns;
      if (component == Component::adc) {
        cost.conversions = static_cast<double>(sum.conversions.conversions);
      }
      if (component == Component::buffer) cost.bytes = call.buffer_bytes * nodes;
      if (component == Component::network) cost.flit_hops = call.flit_hops * nodes;
      if (cost.is_nothing()) continue;
      runtime::LedgerRow& row = ledger.row(run.types[type], backend::cim::kComponentNames[c]);
      row.batches = sum.batches;
      row.nodes = sum.nodes;
      row.cost = cost;
    }
  }
  for (const ChipBatch& batch : run.batches) {
    ledger.batches.push_back({.minibatch = batch.minibatch,
                              .name = run.types[batch.type],
                              .nodes = batch.nodes,
                              .cost = cost_of(run, batch)});
  }
  return ledger;
}

std::string to_text(const ChipStudy& study, const ChipRun& run) {
  const auto& all = run.conversions;
  const bool converts = all.conversions > 0;  // a digital array does not
  report::Table table{{"batch type", "batches", "nodes", "ns first", "ns next", "ms", "uJ"}, {}};
  if (converts) table.head.insert(table.head.end(), {"conversions", "saturated"});
  const std::vector<TypeSum> sums = by_type(run);
  for (std::size_t type = 0; type < sums.size(); ++type) {
    const TypeSum& sum = sums[type];
    table.rows.push_back(
        {run.types[type], report::with_commas(sum.batches), report::with_commas(sum.nodes),
         fmt::format("{:.5g}", run.calls[type].first_ns),
         fmt::format("{:.5g}", run.calls[type].interval_ns), fmt::format("{:.5g}", sum.ns / 1e6),
         fmt::format("{:.5g}", sum.pj / 1e6)});
    if (!converts) continue;
    table.rows.back().push_back(report::with_commas(sum.conversions.conversions));
    table.rows.back().push_back(report::with_commas(sum.conversions.saturated));
  }
  std::string text = fmt::format(
      "{}\nin {} batches on {}: {:.5g} ms one after the other, {:.5g} uJ", table.to_string(),
      report::with_commas(run.batches.size()), study.chip.name, run.ns / 1e6, run.pj / 1e6);
  if (converts) {
    text += fmt::format("; {} conversions, {} of them saturated",
                        report::with_commas(all.conversions), report::with_commas(all.saturated));
  }
  text += fmt::format("\nvalues: {}\n", values_of(run));
  if (all.saturated > 0) {
    text += fmt::format(
        "note: converters of {} bits lost something in {:.2g} % of conversions: these are not the "
        "values of the network in integers\n",
        study.cost.adc_bits,
        100 * static_cast<double>(all.saturated) / static_cast<double>(all.conversions));
  }
  return text;
}

ordered_json to_json(const ChipStudy& study, const ChipRun& run) {
  ordered_json json = {{"digest", run.digest},
                       {"chip", study.chip.name},
                       {"values", run.analog ? "analog" : "exact"},
                       {"batches", run.batches.size()},
                       {"ns", run.ns},
                       {"pj", run.pj},
                       {"conversions", run.conversions.conversions},
                       {"saturated", run.conversions.saturated},
                       {"types", ordered_json::array()}};
  if (run.analog) json["seed"] = run.seed;
  const std::vector<TypeSum> sums = by_type(run);
  for (std::size_t type = 0; type < sums.size(); ++type) {
    const TypeSum& sum = sums[type];
    json["types"].push_back({{"name", run.types[type]},
                             {"batches", sum.batches},
                             {"nodes", sum.nodes},
                             {"first_ns", run.calls[type].first_ns},
                             {"interval_ns", run.calls[type].interval_ns},
                             {"ns", sum.ns},
                             {"pj", sum.pj},
                             {"conversions", sum.conversions.conversions},
                             {"saturated", sum.conversions.saturated}});
  }
  return json;
}

}  // namespace sheaf::study
