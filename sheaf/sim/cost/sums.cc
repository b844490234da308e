// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/sums.h"

#include <cmath>
#include <utility>

#include "sheaf/sim/adc/model.h"
#include "sheaf/sim/cost/converter.h"
#include "sheaf/sim/cost/peak.h"
#include "sheaf/sim/noc/energy.h"

namespace sheaf::sim::cost {
namespace {

constexpr double kUm2PerMm2 = 1e6;
constexpr double kMwPerW = 1e3;

// Adds parts up.
class Adder {
 public:
  Adder(const target::Chip& chip, std::string name) : chip_(chip) { level_.name = std::move(name); }

  // `area` and `power` are those of one.
  void add(const std::string& name, const std::string& path, double count, double area,
           double power) {
    if (count == 0) return;
    level_.parts.push_back({.name = name,
                            .path = path,
                            .count = count,
                            .area_um2 = count * area,
                            .power_mw = count * power,
                            .provenance = target::provenance_of(chip_, path)});
  }

  void add_all(const std::string& section, const std::vector<target::Buffer>& buffers,
               const std::vector<target::DigitalUnit>& units) {
    for (const target::Buffer& buffer : buffers) {
      add(buffer.name, section + ".buffers." + buffer.name, buffer.count, buffer.area_um2,
          buffer.power_mw);
    }
    for (const target::DigitalUnit& unit : units) {
      const double count = chip_.crossbar ? target::count_of(unit, chip_.pe, *chip_.crossbar)
                                          : double{1} * unit.count / unit.shared_by;
      add(unit.name, section + ".units." + unit.name, count, unit.area_um2, unit.power_mw);
    }
  }

  // `count` times the level below, which comes first.
  void add_below(const std::string& name, const std::string& section, double count,
                 const Level& below) {
    level_.digits = chip_.chip.sum_digits;
    add(name, section, count, below.area_um2, below.power_mw);
    level_.parts.back().area_um2 = rounded(level_.parts.back().area_um2, level_.digits);
    level_.parts.back().power_mw = rounded(level_.parts.back().power_mw, level_.digits);
    level_.gops = count * below.gops;
  }

  [[nodiscard]] Level finish() {
    const bool stacked = level_.digits > 0;
    for (const Part& part : level_.parts) {
      level_.area_um2 += part.area_um2;
      level_.power_mw += part.power_mw;
    }
    if (stacked) {
      level_.area_um2 = level_.parts[0].area_um2 + level_.periphery_area_um2();
      level_.power_mw = level_.parts[0].power_mw + level_.periphery_power_mw();
    }
    level_.area_um2 = rounded(level_.area_um2, level_.digits);
    level_.power_mw = rounded(level_.power_mw, level_.digits);
    return std::move(level_);
  }

  Level& level() { return level_; }

 private:
  const target::Chip& chip_;
  Level level_;
};

void add_crossbars(Adder& adder, const target::Chip& chip) {
  const target::Crossbar& crossbar = *chip.crossbar;
  const double count = chip.pe.crossbars;
  const Converter converter = converter_of(chip, chip.adc->bits);
  // The drivers of all rows are there, those of one read at work.
  const double at_work = double{1} * target::driven_rows(crossbar) / crossbar.rows;
  adder.add("converter", "adc", count * chip.adc->per_crossbar, converter.area_um2,
            converter.power_mw);
  adder.add("driver", "dac", count * crossbar.rows, chip.dac->area_um2,
            chip.dac->energy_pj * at_work / crossbar.read_latency_ns);
  adder.add("crossbar", "crossbar", count, target::area_um2(crossbar),
            target::read_pj(crossbar) / crossbar.read_latency_ns);
}

// Area is not known to us. The power is that of the whole array at work.
void add_array(Adder& adder, const target::PeArray& array, const Peak& peak) {
  adder.add("multipliers", "pe.array", 1, 0, array.mac_pj * peak.macs / peak.pass_ns);
}

// What a mesh takes while no flit moves; flits add energy by event.
void add_mesh(Adder& adder, const target::Mesh& mesh) {
  const target::MeshEnergy energy = noc::energy_preset(mesh.energy);
  adder.add("router at rest", "mesh", double{1} * mesh.columns * mesh.rows, 0,
            energy.static_mw_per_router + energy.clock_pj_per_router_cycle * mesh.clock_ghz);
}

}  // namespace

std::optional<double> Level::gops_per_w() const {
  if (power_mw <= 0) return std::nullopt;
  return gops / (power_mw / kMwPerW);
}

std::optional<double> Level::gops_per_mm2() const {
  if (area_um2 <= 0) return std::nullopt;
  return gops / (area_um2 / kUm2PerMm2);
}

double Level::periphery_area_um2() const {
  double sum = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) sum += parts[i].area_um2;
  return rounded(sum, digits);
}

double Level::periphery_power_mw() const {
  double sum = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) sum += parts[i].power_mw;
  return rounded(sum, digits);
}

const Part* Level::find(const std::string& part) const {
  for (const Part& one : parts) {
    if (one.name == part) return &one;
  }
  return nullptr;
}

double rounded(double value, std::uint32_t digits) {
  if (digits == 0 || value == 0 || !std::isfinite(value)) return value;
  const double exponent = digits - 1 - std::floor(std::log10(std::abs(value)));
  // Scaled by a whole number either way, and a half stays one in spite of binary fractions.
  const double scale = std::pow(10.0, std::abs(exponent));
  const double scaled = exponent >= 0 ? value * scale : value / scale;
  const double whole = std::round(scaled * (1 + 1e-12));
  return exponent >= 0 ? whole / scale : whole * scale;
}

void require_models(const target::Chip& chip) {
  if (chip.adc) static_cast<void>(adc::find_model(chip.adc->model));
  if (chip.mesh) static_cast<void>(noc::energy_preset(chip.mesh->energy));
}

Sums sums_of(const target::Chip& chip) {
  Sums sums;
  const Peak peak = peak_of_pe(chip);
  Adder pe(chip, "pe");
  if (chip.pe.array) {
    add_array(pe, *chip.pe.array, peak);
  } else {
    add_crossbars(pe, chip);
  }
  pe.add_all("pe", chip.pe.buffers, chip.pe.units);
  pe.level().gops = peak.gops;
  sums.pe = pe.finish();

  Adder tile(chip, "tile");
  tile.add_below("PE", "pe", chip.tile.pes, sums.pe);
  tile.add_all("tile", chip.tile.buffers, chip.tile.units);
  sums.tile = tile.finish();

  Adder whole(chip, "chip");
  whole.add_below("tile", "tile", chip.chip.tiles, sums.tile);
  whole.add_all("chip", chip.chip.buffers, chip.chip.units);
  if (chip.mesh) add_mesh(whole, *chip.mesh);
  if (chip.link) {
    whole.add("link", "link", chip.link->count, chip.link->area_um2, chip.link->power_mw);
  }
  sums.chip = whole.finish();
  return sums;
}

Sums exact_sums_of(const target::Chip& chip) {
  target::Chip copy = chip;
  copy.chip.sum_digits = 0;
  return sums_of(copy);
}

}  // namespace sheaf::sim::cost
