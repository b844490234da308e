// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/figures.h"

#include <algorithm>
#include <cmath>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/sim/adc/resolution.h"
#include "sheaf/sim/cost/peak.h"
#include "sheaf/sim/cost/pipeline.h"
#include "sheaf/sim/cost/sums.h"
#include "sheaf/sim/noc/energy.h"

namespace sheaf::sim::cost {
namespace {

class Figures {
 public:
  explicit Figures(const target::Chip& chip) : chip_(chip), sums_(sums_of(chip)) {}

  std::vector<Figure> all() {
    level("pe", sums_.pe);
    level("tile", sums_.tile);
    add("tile.pes_power_mw", sums_.tile.parts[0].power_mw);
    add("tile.pes_area_mm2", sums_.tile.parts[0].area_um2 / 1e6);
    add("tile.periphery_power_mw", sums_.tile.periphery_power_mw());
    add("tile.periphery_area_mm2", sums_.tile.periphery_area_um2() / 1e6);
    level("chip", sums_.chip);
    add("chip.power_w", sums_.chip.power_mw / 1e3);
    add("chip.tiles_power_w", sums_.chip.parts[0].power_mw / 1e3);
    add("chip.tiles_area_mm2", sums_.chip.parts[0].area_um2 / 1e6);
    if (const Part* link = sums_.chip.find("link")) {
      add("chip.link_power_w", link->power_mw / 1e3);
      add("chip.link_area_mm2", link->area_um2 / 1e6);
      add("chip.link_gb_s", link->count * chip_.link->bandwidth_gb_s);
    }
    if (chip_.adc) converters();
    if (chip_.pe.array) array(*chip_.pe.array);
    if (chip_.mesh) {
      add("mesh.hop_pj", noc::flit_energy_pj(*chip_.mesh, 1) - noc::flit_energy_pj(*chip_.mesh, 0));
    }
    if (chip_.pipeline) add("pipeline.cycles", pipeline_cycles(*chip_.pipeline, digits_of(chip_)));
    return std::move(figures_);
  }

 private:
  void add(const std::string& name, double value) { figures_.push_back({name, value}); }

  void level(const std::string& name, const Level& level) {
    add(name + ".power_mw", level.power_mw);
    add(name + ".area_mm2", level.area_um2 / 1e6);
    add(name + ".gops", level.gops);
    if (const auto rate = level.gops_per_w()) add(name + ".gops_per_w", *rate);
    if (const auto rate = level.gops_per_mm2()) add(name + ".gops_per_mm2", *rate);
  }

  void converters() {
    const Peak peak = peak_of_pe(chip_);
    add("crossbar.read_ns", peak.read_ns);
    add("crossbar.pass_ns", peak.pass_ns);
    const Part* converter = sums_.pe.find("converter");
    add("pe.adc_power_mw", converter->power_mw);
    add("pe.adc_area_mm2", converter->area_um2 / 1e6);
    add("adc.energy_pj", converter->power_mw / converter->count / chip_.adc->rate_gsps);
    add("adc.needed_bits", needed_bits());
    const double pes = chip_.tile.pes;
    if (sums_.tile.power_mw > 0) {
      add("tile.adc_power_percent", 100 * pes * converter->power_mw / sums_.tile.power_mw);
    }
    if (sums_.tile.area_um2 > 0) {
      add("tile.adc_area_percent", 100 * pes * converter->area_um2 / sums_.tile.area_um2);
    }
  }

  // So that no input saturates a converter.
  [[nodiscard]] std::uint32_t needed_bits() const {
    return adc::needed_bits(chip_.mapping, {chip_.cell->bits, chip_.dac->bits},
                            target::driven_rows(*chip_.crossbar), chip_.mapping.column_nonzeros);
  }

  void array(const target::PeArray& array) {
    add("array.multipliers", double{1} * array.slices * array.lines * array.macs);
    add("array.macs_per_cycle", peak_of_pe(chip_).macs);
    // One of S coefficients by each of S basis elements: a shift and an addition each.
    add("array.rebuild_pj", array.basis_size * array.adder_pj);
    if (array.mac_pj <= 0) return;
    if (chip_.dram) add("array.dram_per_mac", chip_.dram->energy_pj_per_byte / array.mac_pj);
    double least = 0;
    for (const target::Buffer& buffer : chip_.pe.buffers) {
      if (least == 0 || buffer.read_pj_per_byte < least) least = buffer.read_pj_per_byte;
    }
    if (least > 0) add("array.sram_per_mac", least / array.mac_pj);
  }

  const target::Chip& chip_;
  const Sums sums_;
  std::vector<Figure> figures_;
};

}  // namespace

std::vector<Figure> figures_of(const target::Chip& chip) { return Figures(chip).all(); }

std::vector<Check> check_published(const target::Chip& chip) {
  const std::vector<Figure> figures = figures_of(chip);
  std::vector<Check> checks;
  for (const target::Published& published : chip.published) {
    const auto found = std::find_if(figures.begin(), figures.end(), [&](const Figure& figure) {
      return figure.name == published.name;
    });
    if (found == figures.end()) {
      std::vector<std::string> names;
      for (const Figure& figure : figures) names.push_back(figure.name);
      throw base::ConfigError({.place = "published",
                               .what = "unknown figure",
                               .got = "'" + published.name + "'",
                               .hint = base::suggest(published.name, names)});
    }
    Check& check = checks.emplace_back();
    check.published = published;
    check.computed = found->value;
    check.difference = published.value == 0 ? found->value : found->value / published.value - 1;
    check.same = std::abs(check.difference) <= published.within;
  }
  return checks;
}

}  // namespace sheaf::sim::cost
