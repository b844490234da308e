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

WeightForms weight_forms(std::string_view strategy) {
  return {.block_circulant = strategy == "reboc",
          .pow2_basis = strategy == "smartdeal",
          .column_nonzeros = strategy == "reboc" || strategy == "tinyadc"};
}

void require_weight_forms(std::string_view strategy, const LayerShapes& shapes) {
  const WeightForms forms = weight_forms(strategy);
  const auto refuse = [&](const LayerShape& layer, const char* form, const char* who) {
    throw base::ConfigError({.place = layer.name,
                             .what = "how its weights are stored",
                             .got = form,
                             .expected = "what strategy '" + std::string(strategy) + "' uses",
                             .hint = std::string("it would change nothing here; ") + who});
  };
  for (const LayerShape& layer : shapes.layers) {
    if (layer.form == WeightForm::block_circulant && !forms.block_circulant) {
      refuse(layer, "block_circulant", "strategy reboc uses it");
    }
    if (layer.form == WeightForm::pow2_basis && !forms.pow2_basis) {
      refuse(layer, "pow2_basis", "strategy smartdeal uses it, on a digital array");
    }
    if (layer.column_nonzeros != 0 && !forms.column_nonzeros) {
      refuse(layer, "column_nonzeros", "strategies tinyadc and reboc use it");
    }
  }
}

std::unique_ptr<Strategy> make_strategy(std::string_view name, const target::Chip& chip,
                                        const StrategyOptions& options) {
  auto strategy = own_strategy(name, chip, options);
  strategy->use_pipeline(options.pipeline ? options.pipeline : pipeline_of(chip.mapping.order));
  return strategy;
}

}  // namespace sheaf::backend::cim
