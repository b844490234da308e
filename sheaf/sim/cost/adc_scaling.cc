// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/adc_scaling.h"

#include "sheaf/base/error.h"
#include "sheaf/sim/adc/model.h"
#include "sheaf/sim/cost/sums.h"

namespace sheaf::sim::cost {
namespace {

// The chip whose converters, as it describes them, are a part that models only scale.
target::Chip with_stated_converter(const target::Chip& chip) {
  target::Chip stated = chip;
  stated.chip.sum_digits = 0;
  const Sums sums = sums_of(stated);
  const Part* converter = sums.pe.find("converter");
  stated.pe.converter = target::ConverterPart{.bits = chip.adc->bits,
                                              .power_mw = converter->power_mw / converter->count,
                                              .area_um2 = converter->area_um2 / converter->count};
  return stated;
}

AdcScalingPoint point_of(const target::Chip& stated, const Level& tile, const adc::Model& model,
                         std::uint32_t bits) {
  AdcScalingPoint point{.bits = bits};
  target::Chip scaled = stated;
  scaled.adc->model = std::string(model.name);
  const adc::Estimate from = adc::estimate(model, *scaled.adc);
  scaled.adc->bits = bits;
  const adc::Estimate to = adc::estimate(model, *scaled.adc);
  point.refusal = from.ok() ? to.refusal : from.refusal;
  if (!point.refusal.empty()) return point;
  const Level level = sums_of(scaled).tile;
  point.power_gain = tile.power_mw / level.power_mw;
  point.area_gain = tile.area_um2 > 0 ? tile.area_um2 / level.area_um2 : 1;
  point.extrapolated = from.extrapolated || to.extrapolated;
  point.area_known = from.area_um2.has_value() && to.area_um2.has_value();
  return point;
}

}  // namespace

std::vector<AdcScaling> adc_scaling(const target::Chip& chip, std::uint32_t most,
                                    std::uint32_t least) {
  if (!chip.adc) {
    throw base::UsageError({.place = "chip " + chip.name,
                            .what = "converters",
                            .got = "none",
                            .expected = "PEs of kind crossbars"});
  }
  const target::Chip stated = with_stated_converter(chip);
  const Level tile = sums_of(stated).tile;
  std::vector<AdcScaling> studies;
  for (const adc::Model& model : adc::models()) {
    AdcScaling& study = studies.emplace_back();
    study.model = std::string(model.name);
    for (std::uint32_t bits = most; bits >= least && bits > 0; --bits) {
      study.points.push_back(point_of(stated, tile, model, bits));
    }
  }
  return studies;
}

}  // namespace sheaf::sim::cost
