// SPDX-License-Identifier: Apache-2.0
//
// The mapping of ISAAC (ISCA 2016): a weight's bit slices side by side in one row, a kernel per
// group of columns, replicas so that no layer waits for another.
#include <algorithm>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/backend/cim/impl/strategies.h"

namespace sheaf::backend::cim {
std::uint32_t columns_per_weight(const target::Chip& chip, const LayerShape& layer,
                                 std::uint32_t cell_bits) {
  target::Mapping mapping = chip.mapping;
  mapping.weight_bits = layer.weight_bits;
  return target::columns_per_weight(mapping, cell_bits);
}

std::uint32_t digits_of(const LayerShape& layer, const Hardware& hardware) {
  return static_cast<std::uint32_t>(ceil_div(layer.input_bits, hardware.dac_bits));
}

LayerMapping DenseStrategy::map(const LayerShape& layer, const Hardware& hardware,
                                std::uint64_t factor) const {
  const std::uint64_t columns =
      std::uint64_t{layer.outputs} * columns_per_weight(chip_, layer, hardware.cell_bits);
  const std::uint64_t strips = ceil_div(layer.inputs, hardware.rows);
  const std::uint64_t column_groups = ceil_div(columns, hardware.columns);
  // Groups that are small enough share a crossbar, each with rows and columns of its own.
  const std::uint64_t shared =
      std::clamp<std::uint64_t>(std::min(hardware.rows / layer.inputs,
                                         static_cast<std::uint32_t>(hardware.columns / columns)),
                                1, layer.groups);
  // Rows of one strip that one read can drive; shared groups are driven together.
  const std::uint64_t tall = std::min<std::uint64_t>(hardware.rows, layer.inputs * shared);
  const std::uint64_t passes = ceil_div(tall, hardware.parallel_rows);
  const std::uint64_t digits = digits_of(layer, hardware);

  LayerMapping mapping;
  mapping.replicas = std::min(factor, most_factor(layer, hardware));
  mapping.crossbars = mapping.replicas * strips * column_groups * ceil_div(layer.groups, shared);
  mapping.used_cells = layer.groups * layer.inputs * columns;
  mapping.row_strips = static_cast<std::uint32_t>(strips);
  mapping.column_groups = static_cast<std::uint32_t>(column_groups);
  mapping.adc_bits = hardware.adc_bits;
  mapping.reads = digits * passes;
  mapping.cell_reads = mapping.used_cells * digits;
  mapping.conversions = layer.groups * columns * strips * digits * passes;
  mapping.drives = layer.window_values() * digits * column_groups;
  // Crossbars of a PE share its input registers: a PE per group of columns fetches for itself.
  mapping.fetches = layer.window_values() * ceil_div(column_groups, hardware.crossbars_per_pe);
  return mapping;
}

// Positions of one call do not depend on each other; calls may.
std::uint64_t DenseStrategy::most_factor(const LayerShape& layer,
                                         const Hardware& /*hardware*/) const {
  return layer.positions;
}

}  // namespace sheaf::backend::cim
