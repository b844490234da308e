// SPDX-License-Identifier: Apache-2.0
//
// Element-wise and row ops of one level as a region: which run as one wide op, in which order, and
// where temporaries lie.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sheaf/memory_plan/cell_layout.h"
#include "sheaf/memory_plan/compiled_cell.h"

namespace sheaf::memory_plan {

// A buffer that several values share, as lower() has laid it out.
struct SharedBuffer {
  static constexpr std::uint32_t kNone = ~0U;
  Place::Kind kind = Place::Kind::tile;
  std::vector<graph::ValueId> values;  // from left to right
  std::vector<std::uint32_t> columns;  // of each
  std::uint32_t width = 0;
  std::uint32_t index = kNone;  // of the place, once it is needed
};

// What the lowering of a cell has settled so far.
struct LoweringState {
  const graph::Cell& cell;
  const CellFacts& facts;
  const CellLayout& layout;
  LayoutMode mode;
  std::vector<Place> place;          // by value
  std::vector<SharedBuffer> shared;  // by group of the layout
  std::vector<std::uint32_t> group;  // by value: index into `shared`, or kNone
  CompiledCell out;

  [[nodiscard]] const graph::CellOp& op(graph::ValueId v) const { return cell.ops()[v]; }
  // The first port that returns `v`, or none.
  [[nodiscard]] Place output_place(graph::ValueId v) const;
  // That port, or else a buffer that lives for the block.
  [[nodiscard]] Place lasting_place(graph::ValueId v);
  // In the buffer that it shares with others; a tile's index is known.
  [[nodiscard]] Place shared_place(graph::ValueId v);
};

// Appends the region of all values of `level` with `rows` rows, if it has ops.
void lower_region(LoweringState& state, std::uint32_t level, std::uint32_t rows);

}  // namespace sheaf::memory_plan
