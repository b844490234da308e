// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/circulant_placement.h"

#include <algorithm>
#include <string>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/base/error.h"

namespace sheaf::backend::cim {
namespace {

void require_block(const CirculantShape& shape, const CrossbarGrid& grid) {
  if (shape.block <= grid.rows) return;
  throw base::ConfigError(
      {.place = "mapping.block",
       .what = "block size",
       .got = std::to_string(shape.block),
       .expected = "at most the " + std::to_string(grid.rows) + " rows of a crossbar",
       .hint = "a strip of rows must hold whole blocks"});
}

std::uint32_t strips_of(const CirculantShape& shape, const CrossbarGrid& grid) {
  const std::uint32_t blocks = grid.rows / shape.block;
  return static_cast<std::uint32_t>(ceil_div(shape.block_cols, blocks));
}

// Strips of one copy that stand in one crossbar.
std::uint32_t packed_strips(const CirculantShape& shape, const CrossbarGrid& grid,
                            Slicing slicing) {
  const std::uint64_t columns = std::uint64_t{shape.block_rows} * grid.columns_per_weight;
  if (slicing == Slicing::apart || columns > grid.columns) return 1;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(strips_of(shape, grid), grid.columns / columns));
}

}  // namespace

std::uint32_t free_duplicates(const CirculantShape& shape, const CrossbarGrid& grid,
                              Slicing slicing) {
  require_block(shape, grid);
  const std::uint64_t columns = std::uint64_t{packed_strips(shape, grid, slicing)} *
                                shape.block_rows * grid.columns_per_weight;
  const std::uint64_t room = grid.columns * ceil_div(columns, grid.columns);
  std::uint32_t most = 1;
  for (std::uint32_t d = 1; d <= shape.block; ++d) {
    if (shape.block % d == 0 && columns * d <= room) most = d;
  }
  return most;
}

CirculantPlacement place_circulant(const CirculantShape& shape, const CrossbarGrid& grid,
                                   Slicing slicing, std::uint32_t duplicates) {
  require_block(shape, grid);
  base::check(duplicates > 0 && shape.block % duplicates == 0, "circulant placement",
              "copies that do not divide the block");
  CirculantPlacement placement;
  placement.duplicates = duplicates;
  placement.strip_rows = grid.rows / shape.block * shape.block;
  placement.strips = strips_of(shape, grid);
  placement.packed = packed_strips(shape, grid, slicing);
  const std::uint64_t columns =
      std::uint64_t{shape.block_rows} * duplicates * grid.columns_per_weight;
  placement.column_groups =
      static_cast<std::uint32_t>(ceil_div(placement.packed * columns, grid.columns));
  const std::uint32_t rest = placement.strips % placement.packed;
  placement.crossbars =
      std::uint64_t{placement.strips / placement.packed} * placement.column_groups +
      ceil_div(rest * columns, grid.columns);
  placement.used_cells = std::uint64_t{shape.block_cols} * shape.block * columns;
  placement.steps = shape.block / duplicates;
  return placement;
}

ColumnAt column_at(const CirculantPlacement& placement, const CirculantShape& shape,
                   const CrossbarGrid& grid, const ColumnOf& column) {
  const std::uint64_t of_strip =
      std::uint64_t{shape.block_rows} * placement.duplicates * grid.columns_per_weight;
  const std::uint64_t within =
      (std::uint64_t{column.block_row} * placement.duplicates + column.copy) *
          grid.columns_per_weight +
      column.slice;
  const std::uint64_t at = (column.strip % placement.packed) * of_strip + within;
  const std::uint64_t first =
      std::uint64_t{column.strip / placement.packed} * placement.column_groups;
  return {first + at / grid.columns, static_cast<std::uint32_t>(at % grid.columns)};
}

}  // namespace sheaf::backend::cim
