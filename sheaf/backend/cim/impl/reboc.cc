// SPDX-License-Identifier: Apache-2.0
//
// ReBoc (DATE 2020), reconstructed: circulant_placement.h. Layers whose weights are dense are
// mapped as blocks of 1 x 1.
#include <algorithm>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/backend/cim/impl/strategies.h"

namespace sheaf::backend::cim {
namespace {

CirculantShape circulant_shape(const LayerShape& layer) {
  if (layer.form != WeightForm::block_circulant) return {1, layer.outputs, layer.inputs};
  const BlockGrid grid = block_grid(layer, layer.block);
  return {layer.block, grid.rows, grid.cols};
}

// The least divisor of `block` that is at least `wanted`; `block` when there is none.
std::uint32_t divisor_from(std::uint32_t block, std::uint64_t wanted) {
  for (std::uint32_t d = 1; d < block; ++d) {
    if (block % d == 0 && d >= wanted) return d;
  }
  return block;
}

// Copies that a crossbar holds in any case: as many as cost nothing, and what the chip asks for.
std::uint32_t least_duplicates(const CirculantShape& shape, const CrossbarGrid& grid,
                               Slicing slicing, const target::Chip& chip) {
  return std::max(free_duplicates(shape, grid, slicing),
                  divisor_from(shape.block, chip.mapping.duplicates));
}

}  // namespace

CrossbarGrid RebocStrategy::grid_of(const LayerShape& layer, const Hardware& hardware) const {
  const std::uint32_t of_weight = columns_per_weight(chip_, layer, hardware.cell_bits);
  return {hardware.rows, whole_columns(hardware, of_weight), of_weight};
}

LayerMapping RebocStrategy::map_circulant(const LayerShape& layer, const Hardware& hardware,
                                          std::uint32_t duplicates) const {
  const CrossbarGrid grid = grid_of(layer, hardware);
  const CirculantShape shape = circulant_shape(layer);
  const CirculantPlacement placement = place_circulant(shape, grid, options_.slicing, duplicates);
  const std::uint64_t digits = digits_of(layer, hardware);
  const std::uint64_t rows = std::uint64_t{shape.block_cols} * shape.block;
  // Strips hold whole blocks.
  sim::crossbar::Format format = format_of(layer, hardware);
  format.rows = placement.strip_rows;
  format.parallel_rows = std::min(format.parallel_rows, format.rows);
  const std::uint64_t groups = sim::crossbar::row_group_count(format, rows);
  const std::uint64_t columns =
      std::uint64_t{shape.block_rows} * duplicates * grid.columns_per_weight;

  LayerMapping mapping;
  mapping.crossbars = placement.crossbars;
  mapping.used_cells = placement.used_cells;
  mapping.duplicates = duplicates;
  mapping.row_strips = placement.strips;
  mapping.column_groups = placement.column_groups;
  mapping.steps = placement.steps;
  mapping.adc_bits = hardware.adc_bits;
  // Strips of one crossbar take turns; only the last of all may be lower than the others.
  const std::uint64_t in_turn = std::min<std::uint64_t>(
      placement.packed * ceil_div(format.rows, format.parallel_rows), groups);
  mapping.reads = digits * in_turn * placement.steps;
  // Of the rows of a padded block, as many are driven in a step as there are inputs.
  mapping.cell_reads = placement.used_cells / rows * layer.inputs * digits * placement.steps;
  mapping.conversions = std::uint64_t{shape.block_rows} * duplicates *
                        conversions_per_weight(chip_, layer, hardware.cell_bits) * placement.steps *
                        groups * digits;
  mapping.drives =
      std::uint64_t{layer.inputs} * digits * placement.steps * ceil_div(columns, grid.columns);

  // What a position reads anew: all of it, or, from rows of the picture that are kept, what the
  // window has moved over. A PE per group of columns has registers of its own unless tiles share.
  const bool keeps_rows = options_.input_tile_sharing && layer.kind == LayerKind::conv2d;
  const std::uint64_t fresh =
      keeps_rows ? std::uint64_t{layer.stride} * layer.stride * layer.in_channels : layer.inputs;
  const std::uint64_t pes = ceil_div(placement.column_groups, hardware.crossbars_per_pe);
  const std::uint64_t readers = options_.input_tile_sharing ? 1 : pes;
  const std::uint64_t times = options_.input_slice_reuse ? 1 : placement.steps;
  mapping.fetches = std::min<std::uint64_t>(fresh, layer.inputs) * readers * times;
  mapping.rotations = options_.input_slice_reuse ? rows * (placement.steps - 1) * pes : 0;
  return mapping;
}

LayerMapping RebocStrategy::map(const LayerShape& layer, const Hardware& hardware,
                                std::uint64_t factor) const {
  if (layer.groups != 1) return DenseStrategy(chip_).map(layer, hardware, factor);
  const CrossbarGrid grid = grid_of(layer, hardware);
  const CirculantShape shape = circulant_shape(layer);
  const std::uint32_t least = least_duplicates(shape, grid, options_.slicing, chip_);
  // More copies in a crossbar first, then replicas of the layer.
  const std::uint32_t duplicates = divisor_from(shape.block, least * factor);
  const std::uint64_t replicas = std::min<std::uint64_t>(
      std::max<std::uint64_t>(ceil_div(factor * least, duplicates), 1), layer.positions);
  LayerMapping mapping = map_circulant(layer, hardware, duplicates);
  mapping.replicas = replicas;
  mapping.crossbars *= replicas;
  return mapping;
}

std::uint64_t RebocStrategy::most_factor(const LayerShape& layer, const Hardware& hardware) const {
  if (layer.groups != 1) return layer.positions;
  const CrossbarGrid grid = grid_of(layer, hardware);
  const CirculantShape shape = circulant_shape(layer);
  const std::uint32_t least = least_duplicates(shape, grid, options_.slicing, chip_);
  return layer.positions * (shape.block / least);
}

std::uint32_t RebocStrategy::adc_bits(const LayerShapes& shapes, const target::Chip& chip) const {
  const bool limited = chip.mapping.column_nonzeros != 0 ||
                       std::any_of(shapes.layers.begin(), shapes.layers.end(),
                                   [](const LayerShape& l) { return l.column_nonzeros != 0; });
  return limited ? limited_adc_bits(shapes, chip) : Strategy::adc_bits(shapes, chip);
}

}  // namespace sheaf::backend::cim
