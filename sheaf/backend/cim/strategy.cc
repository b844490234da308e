// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/strategy.h"

#include <vector>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::backend::cim {

std::uint64_t taken_crossbars(const LayerMapping& mapping, const Hardware& hardware) {
  if (hardware.shared_tiles) return mapping.crossbars;
  return ceil_div(mapping.crossbars, hardware.crossbars_per_tile) * hardware.crossbars_per_tile;
}

std::uint32_t Strategy::adc_bits(const LayerShapes& /*shapes*/, const target::Chip& chip) const {
  return chip.adc->bits;
}

void Strategy::add_energy(const LayerShape& /*layer*/, const LayerMapping& /*mapping*/,
                          Breakdown& /*energy_pj*/) const {}

std::span<const std::string> strategy_names() {
  static const std::vector<std::string> names = {"dense", "pipelayer", "reboc", "tinyadc",
                                                 "cannon"};
  return names;
}

namespace {

std::unique_ptr<Strategy> own_strategy(std::string_view name, const target::Chip& chip,
                                       const StrategyOptions& options) {
  if (name == "dense") return std::make_unique<DenseStrategy>(chip);
  if (name == "pipelayer") return std::make_unique<PipeLayerStrategy>(chip);
  if (name == "reboc") return std::make_unique<RebocStrategy>(chip, options);
  if (name == "tinyadc") return std::make_unique<TinyAdcStrategy>(chip);
  if (name == "cannon") return std::make_unique<CannonStrategy>(chip);
  throw base::UsageError({.place = "strategy",
                          .what = "no such strategy for crossbars",
                          .got = "'" + std::string(name) + "'",
                          .hint = base::suggest(name, strategy_names())});
}

std::optional<PipelineKind> pipeline_of(target::LayerOrder order) {
  switch (order) {
    case target::LayerOrder::inter_layer:
      return PipelineKind::inter_layer;
    case target::LayerOrder::whole_layer:
      return PipelineKind::whole_layer;
    case target::LayerOrder::one_at_a_time:
      return PipelineKind::intra_layer;
    case target::LayerOrder::strategy:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<Strategy> make_strategy(std::string_view name, const target::Chip& chip,
                                        const StrategyOptions& options) {
  auto strategy = own_strategy(name, chip, options);
  strategy->use_pipeline(options.pipeline ? options.pipeline : pipeline_of(chip.mapping.order));
  return strategy;
}

}  // namespace sheaf::backend::cim
