// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/hardware.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "sheaf/base/error.h"
#include "sheaf/sim/cost/converter.h"
#include "sheaf/sim/noc/energy.h"

namespace sheaf::backend::cim {
namespace {

// What 256 bits take through ISAAC's router in CiMLoop's component library; for chips whose router
// has no energy by event.
constexpr double kRouterPjPerBit = 20.74 / 256;
constexpr std::uint32_t kRouterFlitBits = 32;

bool begins_with(const std::string& name, std::string_view prefix) {
  return std::string_view(name).substr(0, prefix.size()) == prefix;
}

// Of one action where nothing says what that takes: what its power leaves without leakage. A part
// that states only the latter takes nothing by action.
double active_mw(double power_mw, double leakage_mw) {
  return std::max(power_mw - leakage_mw, 0.0);
}

double cycle_of(const target::Chip& chip) {
  const double convert_ns = target::converted_columns(chip.mapping, chip.crossbar->columns) /
                            (chip.adc->per_crossbar * chip.adc->rate_gsps);
  const double stage_ns = chip.pipeline ? chip.pipeline->cycle_ns : 0;
  return std::max({chip.crossbar->read_latency_ns, convert_ns, stage_ns});
}

void set_stages(const target::Chip& chip, Hardware& hardware) {
  if (!chip.pipeline) {
    hardware.digit_stages = 1;
    return;
  }
  for (const target::Stage& stage : chip.pipeline->stages) {
    (stage.per_digit ? hardware.digit_stages : hardware.fixed_stages) += stage.cycles;
  }
}

// Units and buffers of a PE, whose peak is one event per column or row of every crossbar and cycle.
void set_pe(const target::Chip& chip, Hardware& hardware) {
  const double crossbars = hardware.crossbars_per_pe;
  const double conversions = crossbars * target::converted_columns(chip.mapping, hardware.columns);
  const double drives = crossbars * hardware.rows;
  const auto share = [&](const std::string& name, double pj_per_cycle) {
    if (begins_with(name, "input")) {
      hardware.register_pj += pj_per_cycle / drives;
    } else {
      hardware.periphery_pj += pj_per_cycle / conversions;
    }
  };
  for (const target::DigitalUnit& unit : chip.pe.units) {
    const double units = target::count_of(unit, chip.pe, *chip.crossbar);
    if (unit.energy_pj > 0) {
      hardware.periphery_pj += unit.energy_pj;
    } else {
      share(unit.name, units * active_mw(unit.power_mw, unit.leakage_mw) * hardware.cycle_ns);
    }
    of(hardware.area_um2, Component::periphery) += units * unit.area_um2 / crossbars;
  }
  for (const target::Buffer& buffer : chip.pe.buffers) {
    share(buffer.name,
          buffer.count * active_mw(buffer.power_mw, buffer.leakage_mw) * hardware.cycle_ns);
    of(hardware.area_um2, Component::registers) += buffer.count * buffer.area_um2 / crossbars;
  }
}

// What a tile reads and writes goes through its eDRAM, or, where it has none, through its SRAM;
// registers are for something else unless there is nothing else. Of several, the largest.
const target::Buffer* memory_of(const target::Tile& tile) {
  const auto rank = [](const target::Buffer& buffer) {
    if (buffer.kind == target::BufferKind::registers) return 0;
    return buffer.kind == target::BufferKind::edram ? 2 : 1;
  };
  const target::Buffer* memory = nullptr;
  for (const target::Buffer& buffer : tile.buffers) {
    if (buffer.count == 0) continue;
    if (memory == nullptr || rank(buffer) > rank(*memory) ||
        (rank(buffer) == rank(*memory) && buffer.bytes > memory->bytes)) {
      memory = &buffer;
    }
  }
  return memory;
}

void set_tile_memory(const target::Chip& chip, Hardware& hardware) {
  const target::Buffer* memory = memory_of(chip.tile);
  if (memory == nullptr) return;
  hardware.memory_bytes = memory->bytes * memory->count;
  const double access_ns = 1 / chip.technology.clock_ghz;
  const double access_bytes = std::max(memory->bus_bits, 8U) / 8.0;
  // Every one of them has a bus of its own; register files are as wide as who reads them.
  if (memory->bus_bits > 0 && memory->kind != target::BufferKind::registers) {
    hardware.memory_bytes_per_ns = memory->count * access_bytes / access_ns;
  }
  const double peak_pj_byte =
      active_mw(memory->power_mw, memory->leakage_mw) * access_ns / access_bytes;
  const auto given = [&](double pj) { return pj > 0 ? pj : peak_pj_byte; };
  hardware.buffer_read_pj_byte = given(memory->read_pj_per_byte);
  hardware.buffer_write_pj_byte = given(memory->write_pj_per_byte);
  for (const target::DigitalUnit& unit : chip.tile.units) {
    if (!begins_with(unit.name, "bus")) continue;
    const double pj =
        unit.energy_pj > 0 ? unit.energy_pj : active_mw(unit.power_mw, unit.leakage_mw) * access_ns;
    hardware.buffer_read_pj_byte += unit.count * pj / access_bytes;
    hardware.buffer_write_pj_byte += unit.count * pj / access_bytes;
  }
}

void set_tile(const target::Chip& chip, Hardware& hardware) {
  const auto crossbars = static_cast<double>(hardware.crossbars_per_tile);
  set_tile_memory(chip, hardware);
  const double result_ns = 1 / chip.technology.clock_ghz;
  for (const target::Buffer& buffer : chip.tile.buffers) {
    of(hardware.area_um2, Component::buffer) += buffer.count * buffer.area_um2 / crossbars;
  }
  for (const target::DigitalUnit& unit : chip.tile.units) {
    const double units = static_cast<double>(unit.count) / unit.shared_by;
    const double area = units * unit.area_um2 / crossbars;
    if (begins_with(unit.name, "bus")) {
      of(hardware.area_um2, Component::buffer) += area;
    } else if (begins_with(unit.name, "router")) {
      of(hardware.area_um2, Component::network) += area;
      if (unit.count == 0) continue;
      hardware.flit_bits = kRouterFlitBits;
      hardware.hop_pj_flit =
          unit.energy_pj > 0 ? unit.energy_pj : kRouterPjPerBit * kRouterFlitBits;
      hardware.first_router_pj_flit = hardware.hop_pj_flit;  // which holds no link
      hardware.flit_ns = 1 / chip.technology.clock_ghz;
    } else {
      of(hardware.area_um2, Component::digital) += area;
      hardware.result_pj += unit.energy_pj > 0
                                ? unit.energy_pj
                                : units * active_mw(unit.power_mw, unit.leakage_mw) * result_ns;
    }
  }
  if (chip.mesh) {
    hardware.flit_bits = chip.mesh->flit_bits;
    hardware.hop_pj_flit =
        sim::noc::flit_energy_pj(*chip.mesh, 1) - sim::noc::flit_energy_pj(*chip.mesh, 0);
    hardware.first_router_pj_flit = sim::noc::flit_energy_pj(*chip.mesh, 0);
    hardware.flit_ns = 1 / chip.mesh->clock_ghz;
  }
}

double leakage_mw(const std::vector<target::Buffer>& buffers,
                  const std::vector<target::DigitalUnit>& units) {
  double sum = 0;
  for (const target::Buffer& buffer : buffers) sum += buffer.count * buffer.leakage_mw;
  for (const target::DigitalUnit& unit : units) {
    sum += static_cast<double>(unit.count) / unit.shared_by * unit.leakage_mw;
  }
  return sum;
}

void set_mapping(const target::Mapping& mapping, Hardware& hardware) {
  hardware.input_density = mapping.input_density;
  hardware.copies = mapping.copies;
  hardware.shared_tiles = mapping.shared_tiles;
  hardware.slices = mapping.slices;
  hardware.fetch = mapping.fetch;
  hardware.sum_bits = mapping.sum_bits;
}

Hardware hardware_at(const target::Chip& chip, std::uint32_t adc_bits) {
  if (!chip.crossbar || !chip.cell || !chip.dac || !chip.adc) {
    throw base::ConfigError({.place = "chip " + chip.name,
                             .what = "processing elements",
                             .got = "no crossbars",
                             .expected = "crossbars with cells, drivers and converters"});
  }
  Hardware hardware;
  hardware.rows = chip.crossbar->rows;
  hardware.columns = chip.crossbar->columns;
  hardware.parallel_rows = target::driven_rows(*chip.crossbar);
  hardware.cell_bits = chip.cell->bits;
  hardware.dac_bits = chip.dac->bits;
  hardware.adc_bits = adc_bits;
  hardware.crossbars_per_pe = chip.pe.crossbars;
  hardware.crossbars_per_tile = std::uint64_t{chip.pe.crossbars} * chip.tile.pes;
  hardware.tiles = chip.chip.tiles;
  hardware.crossbars = hardware.crossbars_per_tile * chip.chip.tiles;
  hardware.cycle_ns = cycle_of(chip);
  set_stages(chip, hardware);
  hardware.read_pj = target::read_pj(*chip.crossbar);
  hardware.drive_pj = chip.dac->energy_pj;
  const sim::cost::Converter converter = sim::cost::converter_of(chip, adc_bits);
  hardware.convert_pj = converter.energy_pj;
  of(hardware.area_um2, Component::crossbar) = target::area_um2(*chip.crossbar);
  of(hardware.area_um2, Component::dac) = chip.dac->area_um2 * hardware.rows;
  of(hardware.area_um2, Component::adc) = converter.area_um2 * chip.adc->per_crossbar;
  set_pe(chip, hardware);
  set_tile(chip, hardware);
  for (const target::DigitalUnit& unit : chip.chip.units) {
    hardware.chip_area_um2 += static_cast<double>(unit.count) / unit.shared_by * unit.area_um2;
  }
  for (const target::Buffer& buffer : chip.chip.buffers) {
    hardware.chip_area_um2 += buffer.count * buffer.area_um2;
  }
  set_mapping(chip.mapping, hardware);
  hardware.leakage_mw = leakage_mw(chip.pe.buffers, chip.pe.units) / hardware.crossbars_per_pe +
                        leakage_mw(chip.tile.buffers, chip.tile.units) /
                            static_cast<double>(hardware.crossbars_per_tile);
  hardware.chip_leakage_mw = leakage_mw(chip.chip.buffers, chip.chip.units);
  if (chip.link) hardware.chip_area_um2 += chip.link->count * chip.link->area_um2;
  return hardware;
}

}  // namespace

double total(const Breakdown& breakdown) {
  return std::accumulate(breakdown.begin(), breakdown.end(), 0.0);
}

double chip_leakage_mw(const target::Chip& chip) {
  const double tile = leakage_mw(chip.tile.buffers, chip.tile.units) +
                      chip.tile.pes * leakage_mw(chip.pe.buffers, chip.pe.units);
  return chip.chip.tiles * tile + leakage_mw(chip.chip.buffers, chip.chip.units);
}

Hardware hardware_of(const target::Chip& chip) {
  return hardware_at(chip, chip.adc ? chip.adc->bits : 0);
}

Hardware with_adc_bits(const target::Chip& chip, std::uint32_t bits) {
  return hardware_at(chip, bits);
}

}  // namespace sheaf::backend::cim
