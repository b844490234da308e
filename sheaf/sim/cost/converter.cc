// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/converter.h"

#include "sheaf/sim/adc/model.h"

namespace sheaf::sim::cost {

Converter converter_of(const target::Chip& chip, std::uint32_t bits) {
  target::Adc adc = *chip.adc;
  const double rate = adc.rate_gsps;
  adc.bits = bits;
  if (!chip.pe.converter) {
    const adc::Estimate estimate = adc::estimate(adc);
    return {estimate.energy_pj, estimate.energy_pj * rate, estimate.area_um2.value_or(0)};
  }
  const target::ConverterPart& part = *chip.pe.converter;
  // A part that converts more often takes so much more power, and no more area.
  const double pj = target::conversion_pj(part, *chip.adc);
  if (bits == part.bits) return {pj, pj * rate, part.area_um2};
  const adc::Estimate to = adc::estimate(adc);
  adc.bits = part.bits;
  const adc::Estimate from = adc::estimate(adc);
  const double energy = to.energy_pj / from.energy_pj;
  const double area = to.area_um2 && from.area_um2 ? *to.area_um2 / *from.area_um2 : 1;
  return {pj * energy, pj * energy * rate, part.area_um2 * area};
}

}  // namespace sheaf::sim::cost
