// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/crossbar_accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "sheaf/backend/cim/analog_products.h"
#include "sheaf/base/error.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/report/table.h"

namespace sheaf::study {
namespace {

using backend::cim::AnalogProducts;

std::uint32_t class_of(const engine::InstanceOutputs& outputs) {
  const std::vector<float>& row = outputs.rows.at(0);
  return static_cast<std::uint32_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

std::vector<std::uint32_t> classes(const engine::Workload& workload, const AccuracyOptions& options,
                                   runtime::IntegerProducts* unit) {
  engine::Options session_options;
  session_options.isa = options.isa;
  session_options.keep = memory_plan::Keep::outputs;
  session_options.integer_products = unit;
  const auto session = engine::compile(workload.model->network(), std::move(session_options));
  const auto order = engine::make_order(workload.instances.size(), options.batch, {});
  std::vector<std::uint32_t> found;
  for (const auto& outputs :
       engine::run_all(*workload.model, workload.instances, order, *session)) {
    found.push_back(class_of(outputs));
  }
  return found;
}

double share(const std::vector<std::uint32_t>& found, const std::vector<std::uint32_t>& wanted) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < found.size(); ++i) equal += found[i] == wanted[i] ? 1 : 0;
  return static_cast<double>(equal) / static_cast<double>(found.size());
}

std::vector<std::uint32_t> labels_of(const engine::Workload& workload) {
  std::vector<std::uint32_t> labels;
  for (const nn::Instance& instance : workload.instances) {
    const auto* picture = std::get_if<nn::Picture>(&instance);
    if (picture != nullptr && picture->label != nn::kNoLabel) labels.push_back(picture->label);
  }
  if (labels.empty() || labels.size() != workload.instances.size()) {
    throw base::UnsupportedError(
        {.place = "accuracy on crossbars",
         .what = "data of model " + std::string(workload.model->name()),
         .got = labels.empty() ? "no pictures with labels" : "some without labels",
         .expected = "pictures with labels"});
  }
  return labels;
}

}  // namespace

std::vector<CrossbarTrial> crossbar_trials(const target::Chip& chip) {
  if (!chip.crossbar || !chip.cell || !chip.adc) {
    throw base::UnsupportedError({.place = "chip " + chip.name,
                                  .what = "accuracy on crossbars",
                                  .got = "PEs without crossbars",
                                  .expected = "PEs of kind crossbars"});
  }
  std::vector<CrossbarTrial> trials = {{.name = "as described", .chip = chip}};
  for (std::uint32_t bits = chip.adc->bits; bits >= 4; --bits) {
    trials.push_back({.name = fmt::format("plain columns, {} bits", bits), .chip = chip});
    trials.back().chip.mapping.columns = target::ColumnEncoding::plain;
    trials.back().chip.adc->bits = bits;
  }
  for (const double sigma : {0.02, 0.05, 0.1, 0.2, 0.5}) {
    trials.push_back({.name = fmt::format("variation, sigma {}", sigma), .chip = chip});
    trials.back().chip.cell->device = target::DeviceModel::lognormal;
    trials.back().chip.cell->variation_sigma = sigma;
  }
  for (const bool compensate : {false, true}) {
    for (const double ratio : {1000.0, 100.0, 20.0, 5.0}) {
      const char* how = compensate ? ", leak taken off" : "";
      trials.push_back({.name = fmt::format("on/off ratio {}{}", ratio, how),
                        .chip = chip,
                        .compensate_leak = compensate});
      trials.back().chip.cell->on_off_ratio = ratio;
    }
  }
  return trials;
}

std::vector<CrossbarAccuracy> crossbar_accuracy(const engine::Workload& workload,
                                                std::span<const CrossbarTrial> trials,
                                                const AccuracyOptions& options) {
  const std::vector<std::uint32_t> labels = labels_of(workload);
  const std::vector<std::uint32_t> exact = classes(workload, options, nullptr);
  std::vector<CrossbarAccuracy> rows = {
      {.name = "products of integers", .accuracy = share(exact, labels), .same = 1}};
  std::optional<base::ThreadPool> pool;
  if (options.threads > 1) pool.emplace(options.threads);
  for (const CrossbarTrial& trial : trials) {
    CrossbarAccuracy row{.name = trial.name};
    for (std::uint32_t s = 0; s < options.seeds; ++s) {
      AnalogProducts unit(trial.chip, options.seed + s, trial.compensate_leak,
                          pool ? &*pool : nullptr);
      const std::vector<std::uint32_t> found = classes(workload, options, &unit);
      unit.rethrow_fault();
      row.accuracy += share(found, labels) / options.seeds;
      row.same += share(found, exact) / options.seeds;
      row.saturated += static_cast<double>(unit.conversions().saturated) /
                       static_cast<double>(unit.conversions().conversions) / options.seeds;
    }
    rows.push_back(row);
  }
  return rows;
}

std::string to_text(std::span<const CrossbarAccuracy> rows) {
  report::Table table{{"crossbars", "accuracy %", "same class %", "saturated %"}, {}};
  for (const CrossbarAccuracy& row : rows) {
    table.rows.push_back({row.name, fmt::format("{:.2f}", 100 * row.accuracy),
                          fmt::format("{:.2f}", 100 * row.same),
                          fmt::format("{:.3g}", 100 * row.saturated)});
  }
  return table.to_string();
}

nlohmann::ordered_json to_json(std::span<const CrossbarAccuracy> rows) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const CrossbarAccuracy& row : rows) {
    json.push_back({{"crossbars", row.name},
                    {"accuracy", row.accuracy},
                    {"same", row.same},
                    {"saturated", row.saturated}});
  }
  return json;
}

}  // namespace sheaf::study
