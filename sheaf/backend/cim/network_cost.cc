// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/network_cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sheaf/backend/cim/copies.h"
#include "sheaf/backend/cim/counts.h"
#include "sheaf/backend/cim/impl/array_cost.h"
#include "sheaf/backend/cim/impl/limits.h"
#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/base/error.h"
#include "sheaf/sim/adc/resolution.h"

namespace sheaf::backend::cim {
namespace {

std::string_view strategy_name(const target::Chip& chip, const CostOptions& options) {
  if (!options.strategy.empty()) return options.strategy;
  return target::kStrategyNames[static_cast<std::size_t>(chip.mapping.strategy)];
}

void require_density(double density, std::string_view strategy) {
  if (density == 1 || strategy == "cannon") return;
  throw base::ConfigError({.place = "density",
                           .what = "share of weights that are kept",
                           .got = fmt::format("{:g} with strategy '{}'", density, strategy),
                           .expected = "strategy 'cannon'",
                           .hint = "it would change nothing here"});
}

// Stages before, between and after the reads of one position, less the one that the reads count.
std::uint64_t fill_cycles(const Hardware& hardware) {
  return hardware.fixed_stages + hardware.digit_stages - 1;
}

// Of a run, into the tiles' memories; as many come out.
double sum_bytes(const LayerShape& layer, const LayerMapping& mapping, const Hardware& hardware) {
  return static_cast<double>(layer.vectors() * mapping.sums) * hardware.sum_bits / 8;
}

void set_energy(const LayerShape& layer, const Strategy& strategy, const Hardware& hardware,
                LayerCost& cost) {
  const LayerMapping& m = cost.mapping;
  const double vectors = static_cast<double>(layer.vectors());
  const double bytes = layer.input_bits / 8.0;
  const double ones = hardware.input_density;
  const double cells = static_cast<double>(hardware.parallel_rows) * hardware.columns;
  Breakdown& e = cost.energy_pj;
  of(e, Component::crossbar) =
      vectors * static_cast<double>(m.cell_reads) / cells * hardware.read_pj * ones;
  of(e, Component::dac) = vectors * static_cast<double>(m.drives) * hardware.drive_pj * ones;
  of(e, Component::adc) = vectors * static_cast<double>(m.conversions) * hardware.convert_pj;
  of(e, Component::periphery) =
      vectors * static_cast<double>(m.conversions) * hardware.periphery_pj;
  const std::uint64_t moved = m.drives + m.rotations * digits_of(layer, hardware);
  of(e, Component::registers) = vectors * static_cast<double>(moved) * hardware.register_pj;
  of(e, Component::buffer) =
      vectors * static_cast<double>(m.fetches) * bytes * hardware.buffer_read_pj_byte +
      static_cast<double>(layer.results()) * bytes * hardware.buffer_write_pj_byte +
      sum_bytes(layer, m, hardware) *
          (hardware.buffer_read_pj_byte + hardware.buffer_write_pj_byte);
  of(e, Component::digital) = static_cast<double>(layer.results()) * hardware.result_pj;
  of(e, Component::network) = cost.traffic.flit_hops * hardware.hop_pj_flit +
                              cost.traffic.sent_flits * hardware.first_router_pj_flit;
  strategy.add_energy(layer, m, e);
}

LayerCost layer_cost(const LayerShape& layer, const LayerMapping& mapping, const Strategy& strategy,
                     const Hardware& hardware, const Traffic& traffic) {
  LayerCost cost;
  cost.name = layer.name;
  cost.macs = layer.macs();
  cost.mapping = mapping;
  cost.traffic = traffic;
  const double cells = static_cast<double>(hardware.rows) * hardware.columns;
  cost.utilisation = static_cast<double>(mapping.used_cells) *
                     static_cast<double>(mapping.replicas) /
                     (static_cast<double>(mapping.crossbars) * cells);
  cost.cycles = cycles_of(layer, mapping);
  cost.conversions = layer.vectors() * mapping.conversions;
  cost.drives = layer.vectors() * mapping.drives;
  cost.fetches = layer.vectors() * mapping.fetches;
  cost.buffer_bytes = static_cast<double>(cost.fetches + layer.results()) * layer.input_bits / 8 +
                      2 * sum_bytes(layer, mapping, hardware);
  set_energy(layer, strategy, hardware, cost);
  return cost;
}

// What a run reads from outside, and results that no layer reads: what DRAM moves where weights
// stay in crossbars.
std::vector<double> outside_bytes(const LayerShapes& shapes) {
  std::vector<bool> is_read(shapes.layers.size());
  for (const LayerShape& layer : shapes.layers) {
    for (const LayerSource& source : layer.sources) {
      if (source.layer != kOutside) is_read[source.layer] = true;
    }
  }
  std::vector<double> bytes;
  for (std::size_t i = 0; i < shapes.layers.size(); ++i) {
    const LayerShape& layer = shapes.layers[i];
    std::uint64_t values = is_read[i] ? 0 : layer.results();
    for (const LayerSource& source : layer.sources) {
      if (source.layer == kOutside) values += source.values;
    }
    bytes.push_back(static_cast<double>(values) * layer.input_bits / 8);
  }
  return bytes;
}

void set_dram(const LayerShapes& shapes, const target::Chip& chip, NetworkCost& cost) {
  if (!chip.dram) return;
  const std::vector<double> bytes = outside_bytes(shapes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const double pj = bytes[i] * chip.dram->energy_pj_per_byte;
    cost.layers[i].dram_bytes = bytes[i];
    of(cost.layers[i].energy_pj, Component::dram) = pj;
    cost.dram_bytes += bytes[i];
    of(cost.energy_pj, Component::dram) += pj;
  }
}

// Whether a layer waits for itself or for one after it: steps of a sequence, nodes of a tree.
bool is_recurrent(const LayerShapes& shapes) {
  for (std::size_t i = 0; i < shapes.layers.size(); ++i) {
    for (const LayerSource& source : shapes.layers[i].sources) {
      if (source.layer != kOutside && source.layer >= i) return true;
    }
  }
  return false;
}

// A layer begins when the windows of its first position are there, and ends no sooner than what it
// reads.
void set_pipelined_spans(const LayerShapes& shapes, double fill_ns, NetworkCost& cost) {
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    const LayerShape& layer = shapes.layers[i];
    LayerCost& at = cost.layers[i];
    const double pixels = static_cast<double>(layer.in_height) * layer.in_width;
    const double first_window = std::min(
        1.0, (static_cast<double>(layer.kernel_height - 1) * layer.in_width + layer.kernel_width) /
                 pixels);
    double sources_end = 0;
    for (const LayerSource& source : layer.sources) {
      if (source.layer == kOutside) continue;
      const LayerCost& before = cost.layers[source.layer];
      const double reading = before.end_ns - fill_ns - before.begin_ns;
      at.begin_ns = std::max(at.begin_ns, before.begin_ns + fill_ns + first_window * reading);
      sources_end = std::max(sources_end, before.end_ns);
    }
    const double own_end = at.begin_ns + at.limits.most();
    at.end_ns = std::max(own_end, sources_end) + fill_ns;
  }
}

// One layer after the other, each for as long as it takes or for `each_ns`.
void set_spans_in_turn(double each_ns, NetworkCost& cost) {
  double now = 0;
  for (LayerCost& layer : cost.layers) {
    layer.begin_ns = now;
    now += each_ns > 0 ? each_ns : layer.time_ns;
    layer.end_ns = now;
  }
}

// An input cannot pass sooner than what all its layers share lets it: a link that carries flits of
// several of them, a tile's memory. They get slower alike.
void stretch_spans(NetworkCost& cost) {
  double last = 0;
  for (const LayerCost& layer : cost.layers) last = std::max(last, layer.end_ns);
  if (last >= cost.interval_ns) return;
  for (LayerCost& layer : cost.layers) {
    layer.begin_ns *= cost.interval_ns / last;
    layer.end_ns *= cost.interval_ns / last;
  }
}

void set_times(const LayerShapes& shapes, const Strategy& strategy, const Hardware& hardware,
               NetworkCost& cost) {
  const double fill_ns = static_cast<double>(fill_cycles(hardware)) * hardware.cycle_ns;
  Limits in_turns;
  double sum_ns = 0;
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    LayerCost& layer = cost.layers[i];
    layer.time_ns = layer.limits.most() + static_cast<double>(shapes.layers[i].calls) * fill_ns;
    in_turns.of(layer.limits.binds()) += layer.time_ns;
    sum_ns += layer.time_ns;
  }
  const bool in_turn = strategy.pipeline() == PipelineKind::intra_layer;
  if (in_turn) cost.limits = in_turns;
  cost.interval_ns = in_turn ? sum_ns : cost.limits.most();
  if (in_turn || is_recurrent(shapes)) {
    set_spans_in_turn(0, cost);
  } else if (strategy.pipeline() == PipelineKind::inter_layer) {
    set_pipelined_spans(shapes, fill_ns, cost);
  } else {
    set_spans_in_turn(cost.interval_ns, cost);
  }
  stretch_spans(cost);
  for (const LayerCost& layer : cost.layers) {
    cost.latency_ns = std::max(cost.latency_ns, layer.end_ns);
  }
}

void set_decomposition(const LayerShapes& shapes, const target::Chip& chip,
                       const Hardware& hardware, NetworkCost& cost) {
  double full = 0;  // conversions if every row of a column that is read were in use
  for (const LayerShape& layer : shapes.layers) {
    const double per_mac =
        static_cast<double>(conversions_per_weight(chip, layer, hardware.cell_bits)) *
        digits_of(layer, hardware) / hardware.parallel_rows;
    full += static_cast<double>(layer.macs()) * per_mac;
  }
  Decomposition& d = cost.decomposition;
  d.convert_pj = hardware.convert_pj;
  d.macs = static_cast<double>(cost.macs);
  d.converts_per_mac = full / d.macs;
  d.utilisation = full / static_cast<double>(cost.conversions);
}

void set_area(const Hardware& hardware, NetworkCost& cost) {
  const auto crossbars = static_cast<double>(cost.crossbars);
  for (std::size_t i = 0; i < kComponents; ++i) {
    cost.area_um2[i] = hardware.area_um2[i] * crossbars;
  }
  of(cost.area_um2, Component::digital) +=
      hardware.chip_area_um2 * crossbars / static_cast<double>(hardware.crossbars);
}

// Crossbars in use leak with their shares of everything from one input to the next; others are
// switched off.
void set_leakage(const Hardware& hardware, NetworkCost& cost) {
  const double mw =
      hardware.leakage_mw + hardware.chip_leakage_mw / static_cast<double>(hardware.crossbars);
  for (LayerCost& layer : cost.layers) {
    const double pj =
        mw * static_cast<double>(taken_crossbars(layer.mapping, hardware)) * cost.interval_ns;
    of(layer.energy_pj, Component::leakage) = pj;
    of(cost.energy_pj, Component::leakage) += pj;
  }
}

}  // namespace

NetworkCost cost_of(const LayerShapes& shapes, const target::Chip& chip,
                    const CostOptions& options) {
  require_density(options.mapping.density, chip.pe.kind == target::PeKind::array
                                               ? "smartdeal"
                                               : strategy_name(chip, options));
  if (chip.pe.kind == target::PeKind::array) return array_cost(shapes, chip);
  static_cast<void>(hardware_of(chip));  // refuses chips without crossbars
  const auto strategy = make_strategy(strategy_name(chip, options), chip, options.mapping);
  require_weight_forms(strategy->name(), shapes);
  const Hardware hardware = with_adc_bits(chip, strategy->adc_bits(shapes, chip));
  NetworkCost cost;
  cost.network = shapes.name;
  cost.chip = chip.name;
  cost.strategy = std::string(strategy->name());
  cost.pipeline = strategy->pipeline();
  cost.cycle_ns = hardware.cycle_ns;
  cost.adc_bits = hardware.adc_bits;
  cost.given_crossbars = options.crossbars;
  if (cost.given_crossbars == 0) {
    cost.given_crossbars =
        ceil_div(least_crossbars(*strategy, shapes, hardware), hardware.crossbars) *
        hardware.crossbars;
  }
  const std::vector<LayerMapping> mappings =
      share_crossbars(*strategy, shapes, hardware, cost.given_crossbars);
  for (const LayerMapping& mapping : mappings) {
    cost.crossbars += taken_crossbars(mapping, hardware);
  }
  cost.chips = static_cast<double>(cost.crossbars) / static_cast<double>(hardware.crossbars);
  const StrategyOptions& placement = options.mapping;
  cost.mesh =
      placed(shapes, mappings, hardware,
             mesh_of(chip, ceil_div(cost.crossbars, hardware.crossbars_per_tile)), placement);
  const std::vector<Traffic> traffic =
      traffic_of(shapes, mappings, hardware, cost.mesh, placement.density);

  double used_cells = 0;
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    cost.layers.push_back(
        layer_cost(shapes.layers[i], mappings[i], *strategy, hardware, traffic[i]));
    const LayerCost& layer = cost.layers.back();
    cost.macs += layer.macs;
    cost.conversions += layer.conversions;
    cost.flit_hops += layer.traffic.flit_hops;
    used_cells += layer.utilisation * static_cast<double>(layer.mapping.crossbars);
    for (std::size_t c = 0; c < kComponents; ++c) cost.energy_pj[c] += layer.energy_pj[c];
  }
  cost.utilisation = used_cells / static_cast<double>(cost.crossbars);
  set_dram(shapes, chip, cost);
  set_limits(hardware, cost.mesh, cost);
  set_memory_need(shapes, hardware, strategy->pipeline() == PipelineKind::intra_layer, cost);
  const double dram_ns = chip.dram ? cost.dram_bytes / chip.dram->bandwidth_gb_s : 0;
  cost.limits.of(Bound::dram) = dram_ns;
  set_times(shapes, *strategy, hardware, cost);
  cost.limits.of(Bound::dram) = dram_ns;
  cost.interval_ns = std::max(cost.interval_ns, dram_ns);
  set_decomposition(shapes, chip, hardware, cost);
  set_area(hardware, cost);
  set_leakage(hardware, cost);
  return cost;
}

double crossbar_area_um2(const LayerShapes& shapes, const target::Chip& chip,
                         const CostOptions& options) {
  const auto strategy = make_strategy(strategy_name(chip, options), chip, options.mapping);
  const Hardware hardware = with_adc_bits(chip, strategy->adc_bits(shapes, chip));
  return total(hardware.area_um2) +
         hardware.chip_area_um2 / static_cast<double>(hardware.crossbars);
}

std::uint32_t needed_adc_bits(const LayerShapes& shapes, const target::Chip& chip) {
  const std::uint32_t driven = target::driven_rows(*chip.crossbar);
  std::uint32_t bits = 1;
  for (const LayerShape& layer : shapes.layers) {
    const std::uint32_t limit =
        layer.column_nonzeros == 0 ? chip.mapping.column_nonzeros : layer.column_nonzeros;
    bits = std::max(bits, sim::adc::needed_bits(chip.mapping, {chip.cell->bits, chip.dac->bits},
                                                std::min(driven, layer.inputs), limit));
  }
  return bits;
}

std::uint64_t least_crossbars(const LayerShapes& shapes, const target::Chip& chip,
                              const CostOptions& options) {
  const auto strategy = make_strategy(strategy_name(chip, options), chip, options.mapping);
  return least_crossbars(*strategy, shapes, hardware_of(chip));
}

std::uint64_t line_buffer_values(const LayerShape& layer) {
  return (std::uint64_t{layer.in_width} * (layer.kernel_height - 1) + layer.kernel_width) *
         layer.in_channels;
}

}  // namespace sheaf::backend::cim
