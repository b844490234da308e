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

std::uint32_t conversions_per_weight(const target::Chip& chip, const LayerShape& layer,
                                     std::uint32_t cell_bits) {
  return target::converted_columns(chip.mapping, columns_per_weight(chip, layer, cell_bits));
}

sim::crossbar::Format format_of(const LayerShape& layer, const Hardware& hardware) {
  return {.weight_bits = layer.weight_bits,
          .input_bits = layer.input_bits,
          .signed_inputs = true,
          .cell_bits = hardware.cell_bits,
          .dac_bits = hardware.dac_bits,
          .rows = hardware.rows,
          .parallel_rows = hardware.parallel_rows,
          .adc_bits = hardware.adc_bits};
}

std::uint32_t whole_columns(const Hardware& hardware, std::uint32_t columns_per_weight) {
  const std::uint32_t weights = std::max(hardware.columns / columns_per_weight, 1U);
  return std::min(weights * columns_per_weight, hardware.columns);
}

std::uint32_t digits_of(const LayerShape& layer, const Hardware& hardware) {
  return sim::crossbar::cycle_count(format_of(layer, hardware));
}

namespace {

// Reads that touch groups of `inputs` rows, one under the other in one crossbar, by group.
std::uint64_t reads_of_groups(std::uint64_t groups, std::uint64_t inputs,
                              std::uint64_t parallel_rows) {
  std::uint64_t reads = 0;
  for (std::uint64_t g = 0; g < groups; ++g) {
    reads += ((g + 1) * inputs - 1) / parallel_rows - g * inputs / parallel_rows + 1;
  }
  return reads;
}

// Inputs that a position fetches: all under its window, or those by which it has moved on.
std::uint64_t fresh_values(const LayerShape& layer, target::InputFetch fetch) {
  const std::uint64_t all = layer.window_values();
  if (layer.kind != LayerKind::conv2d || fetch == target::InputFetch::window) return all;
  const std::uint64_t moved = std::uint64_t{layer.stride} * layer.in_channels;
  const std::uint64_t high =
      fetch == target::InputFetch::column ? layer.kernel_height : layer.stride;
  return std::min(moved * high, all);
}

}  // namespace

LayerMapping DenseStrategy::map(const LayerShape& layer, const Hardware& hardware,
                                std::uint64_t factor) const {
  const std::uint32_t per_weight = columns_per_weight(chip_, layer, hardware.cell_bits);
  const std::uint64_t columns = std::uint64_t{layer.outputs} * per_weight;
  const std::uint64_t strips = ceil_div(layer.inputs, hardware.rows);
  const bool apart = hardware.slices == target::WeightSlices::apart;
  const std::uint64_t column_groups = apart
                                          ? per_weight * ceil_div(layer.outputs, hardware.columns)
                                          : ceil_div(columns, whole_columns(hardware, per_weight));
  const std::uint64_t crossbar_columns = apart ? layer.outputs : columns;
  // Groups that are small enough share a crossbar, each with rows and columns of its own.
  const std::uint64_t shared = std::clamp<std::uint64_t>(
      std::min<std::uint64_t>(hardware.rows / layer.inputs, hardware.columns / crossbar_columns), 1,
      layer.groups);
  // Rows of the tallest strip; shared groups are driven together.
  const std::uint64_t tall = std::min<std::uint64_t>(hardware.rows, layer.inputs * shared);
  const std::uint64_t passes = ceil_div(tall, hardware.parallel_rows);
  const std::uint64_t digits = digits_of(layer, hardware);
  // How often a column of each group is read for a digit: strips of rows apart, and the last of
  // them no longer than it is.
  const std::uint64_t column_reads =
      shared == 1
          ? layer.groups * sim::crossbar::row_group_count(format_of(layer, hardware), layer.inputs)
          : layer.groups / shared * reads_of_groups(shared, layer.inputs, hardware.parallel_rows) +
                reads_of_groups(layer.groups % shared, layer.inputs, hardware.parallel_rows);

  LayerMapping mapping;
  mapping.replicas = std::min(factor, most_factor(layer, hardware));
  mapping.crossbars = mapping.replicas * strips * column_groups * ceil_div(layer.groups, shared);
  mapping.used_cells = layer.groups * layer.inputs * columns;
  mapping.row_strips = static_cast<std::uint32_t>(strips);
  mapping.column_groups = static_cast<std::uint32_t>(column_groups);
  mapping.adc_bits = hardware.adc_bits;
  mapping.reads = digits * passes;
  mapping.cell_reads = mapping.used_cells * digits;
  mapping.conversions = std::uint64_t{layer.outputs} *
                        conversions_per_weight(chip_, layer, hardware.cell_bits) * column_reads *
                        digits;
  mapping.drives = layer.window_values() * digits * column_groups;
  // Crossbars of a PE share its input registers: a PE per group of columns fetches for itself.
  mapping.fetches =
      fresh_values(layer, hardware.fetch) * ceil_div(column_groups, hardware.crossbars_per_pe);
  const std::uint64_t pes_of_weight = apart ? ceil_div(per_weight, hardware.crossbars_per_pe) : 1;
  mapping.sums = std::uint64_t{layer.groups} * layer.outputs * strips * pes_of_weight;
  return mapping;
}

// Positions of one call do not depend on each other; calls may.
std::uint64_t DenseStrategy::most_factor(const LayerShape& layer,
                                         const Hardware& /*hardware*/) const {
  return layer.positions;
}

}  // namespace sheaf::backend::cim
