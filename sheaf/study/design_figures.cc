// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/design_figures.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/sim/cost/sums.h"

namespace sheaf::study {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double area_um2(const backend::cim::NetworkCost& cost, const target::Chip& chip) {
  double area = cost.total_area_um2();
  if (area == 0) area = sim::cost::exact_sums_of(chip).chip.area_um2;
  return area > 0 ? area : kUnknown;
}

}  // namespace

bool more_is_better(Figure figure) {
  switch (figure) {
    case Figure::gops:
    case Figure::gops_per_w:
    case Figure::gops_per_mm2:
    case Figure::utilisation:
      return true;
    default:
      return false;
  }
}

std::string figure_title(Figure figure) {
  static constexpr std::array<std::string_view, kFigures> kTitles = {"energy, uJ",
                                                                     "latency, us",
                                                                     "interval, us",
                                                                     "area, mm2",
                                                                     "energy x latency, uJ us",
                                                                     "power, W",
                                                                     "GOPs",
                                                                     "GOPs/W",
                                                                     "GOPs/(s mm2)",
                                                                     "crossbars",
                                                                     "chips",
                                                                     "share of cells in use",
                                                                     "bits of converters",
                                                                     "bits that converters lack",
                                                                     "conversions",
                                                                     "flit-hops",
                                                                     "DRAM, bytes"};
  return std::string(kTitles[static_cast<std::size_t>(figure)]);
}

Figure figure_of(const std::string& name, const std::string& place) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kFigures; ++i) {
    const std::string_view full = kFigureNames[i];
    const bool has_unit = full.ends_with("_uj") || full.ends_with("_us") || full.ends_with("_w") ||
                          full.ends_with("_mm2");
    const bool rate = full.starts_with("gops");
    const std::string_view plain = has_unit && !rate ? full.substr(0, full.find('_')) : full;
    if (name == full || name == plain) return static_cast<Figure>(i);
    names.emplace_back(full);
  }
  throw base::ConfigError({.place = place,
                           .what = "objective",
                           .got = "'" + name + "'",
                           .expected = "a figure",
                           .hint = base::suggest(name, names)});
}

// As sim::cost has it of a chip (adc.needed_bits), of the layer that needs most.
double missing_bits(const ChipStudy& study) {
  const target::Chip& chip = study.chip;
  if (!chip.adc || !chip.crossbar || study.cost.conversions == 0) return 0;
  const std::uint32_t needed = backend::cim::needed_adc_bits(study.shapes, chip);
  return needed > study.cost.adc_bits ? needed - study.cost.adc_bits : 0;
}

Figures figures_of(const ChipStudy& study) {
  const backend::cim::NetworkCost& cost = study.cost;
  const double energy_uj = cost.total_energy_pj() / 1e6;
  const double latency_us = cost.latency_ns / 1e3;
  const double interval_us = cost.interval_ns / 1e3;
  const double area_mm2 = area_um2(cost, study.chip) / 1e6;
  const double power_w = energy_uj / interval_us;
  const double gops = 2 * static_cast<double>(cost.macs) / cost.interval_ns;
  return {energy_uj,
          latency_us,
          interval_us,
          area_mm2,
          energy_uj * latency_us,
          power_w,
          gops,
          gops / power_w,
          gops / area_mm2,
          static_cast<double>(cost.crossbars),
          cost.chips,
          cost.utilisation,
          static_cast<double>(cost.adc_bits),
          missing_bits(study),
          static_cast<double>(cost.conversions),
          cost.flit_hops,
          cost.dram_bytes};
}

}  // namespace sheaf::study
