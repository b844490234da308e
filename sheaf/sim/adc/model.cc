// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/model.h"

#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::sim::adc {
namespace {

void require_positive(const char* name, double value) {
  if (value > 0) return;
  throw base::UsageError({.place = name,
                          .what = "not positive",
                          .got = std::to_string(value),
                          .expected = "a number above 0"});
}

void add_note(Estimate& estimate, const std::string& note) {
  if (!estimate.note.empty()) estimate.note += "; ";
  estimate.note += note;
}

}  // namespace

const Model& find_model(std::string_view name) {
  std::vector<std::string> names;
  for (const Model& model : models()) {
    if (model.name == name) return model;
    names.emplace_back(model.name);
  }
  throw base::NotFoundError({.place = "adc.model",
                             .what = "unknown converter model",
                             .got = "'" + std::string(name) + "'",
                             .hint = base::suggest(name, names)});
}

Estimate estimate(const Model& model, const target::Adc& adc) {
  if (adc.bits < 1 || adc.bits > 16) {
    throw base::UsageError({.place = "adc.bits",
                            .what = "out of range",
                            .got = std::to_string(adc.bits),
                            .expected = "1 to 16"});
  }
  require_positive("adc.rate_gsps", adc.rate_gsps);
  require_positive("adc.node_nm", adc.node_nm);
  require_positive("adc.fom_fj", adc.fom_fj);
  Estimate result = model.estimate(adc);
  if (!result.ok()) return result;
  const auto range = [](auto least, auto most) {
    return least == most ? least : least + " to " + most;
  };
  if (adc.bits < model.least_bits || adc.bits > model.most_bits) {
    result.extrapolated = true;
    add_note(result, "the source covers " +
                         range(std::to_string(model.least_bits), std::to_string(model.most_bits)) +
                         " bits");
  }
  const auto rate = [](double gsps) {
    std::string text = std::to_string(gsps);
    return text.substr(0, text.find('.') + 3);
  };
  // A small tolerance: 1.2 and 1.28 GS/s are the same ISAAC.
  if (adc.rate_gsps > 1.07 * model.most_gsps || adc.rate_gsps < model.least_gsps / 1.07) {
    result.extrapolated = true;
    add_note(result,
             "the source covers " + range(rate(model.least_gsps), rate(model.most_gsps)) + " GS/s");
  }
  if (model.node_nm > 0 && adc.node_nm != model.node_nm) {
    add_note(result, "for " + std::to_string(static_cast<int>(model.node_nm)) +
                         " nm, not scaled to the node");
  }
  return result;
}

Estimate estimate(const target::Adc& adc) {
  Estimate result = estimate(find_model(adc.model), adc);
  if (result.ok()) return result;
  throw base::UnsupportedError({.place = "adc.model",
                                .what = "no estimate by '" + adc.model + "'",
                                .got = std::to_string(adc.bits) + " bits",
                                .hint = result.refusal});
}

bool beyond_survey(const target::Adc& adc) { return adc.bits <= 4 && adc.rate_gsps >= 0.5; }

}  // namespace sheaf::sim::adc
