// SPDX-License-Identifier: Apache-2.0
//
// PipeLayer (HPCA 2017) as far as it is known to us: bit groups of a weight and its signs in arrays
// of their own, inputs as spikes, one slot per bit, integrate-and-fire instead of converters, and
// what layers say to each other written into arrays of cells.
#include <algorithm>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/backend/cim/impl/strategies.h"

namespace sheaf::backend::cim {
LayerMapping PipeLayerStrategy::map(const LayerShape& layer, const Hardware& hardware,
                                    std::uint64_t factor) const {
  const std::uint64_t arrays = columns_per_weight(chip_, layer, hardware.cell_bits);
  const std::uint64_t strips = ceil_div(layer.inputs, hardware.rows);
  const std::uint64_t column_groups = ceil_div(layer.outputs, hardware.columns);
  const std::uint64_t digits = digits_of(layer, hardware);
  const std::uint64_t tall = std::min(hardware.rows, layer.inputs);
  LayerMapping mapping;
  mapping.replicas = std::min(factor, most_factor(layer, hardware));
  mapping.crossbars = mapping.replicas * layer.groups * strips * column_groups * arrays;
  mapping.used_cells = layer.weights() * arrays;
  mapping.row_strips = static_cast<std::uint32_t>(strips);
  mapping.column_groups = static_cast<std::uint32_t>(column_groups * arrays);
  mapping.reads = digits * ceil_div(tall, hardware.parallel_rows);
  // A spike costs what it does for the row, however many of its cells hold weights.
  mapping.cell_reads = layer.window_values() * digits * column_groups * arrays * hardware.columns;
  mapping.conversions = std::uint64_t{layer.groups} * layer.outputs *
                        conversions_per_weight(chip_, layer, hardware.cell_bits) *
                        sim::crossbar::row_group_count(format_of(layer, hardware), layer.inputs) *
                        digits;
  mapping.drives = layer.window_values() * digits * column_groups * arrays;
  mapping.fetches = layer.window_values();
  return mapping;
}

// Every result is written into as many cells as its bits take.
void PipeLayerStrategy::add_energy(const LayerShape& layer, const LayerMapping& /*mapping*/,
                                   Breakdown& energy_pj) const {
  const std::uint64_t cells = ceil_div(layer.input_bits, chip_.cell->bits);
  of(energy_pj, Component::buffer) +=
      static_cast<double>(layer.results() * cells) * chip_.crossbar->write_energy_pj;
}

}  // namespace sheaf::backend::cim
