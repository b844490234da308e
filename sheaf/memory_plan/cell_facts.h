// SPDX-License-Identifier: Apache-2.0
//
// What lower() and the layout of a cell must know of its values: where the cell is cut, and who
// reads what.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/graph/cell.h"

namespace sheaf::memory_plan {

// A cell is cut at its products. The *level* of a value is the number of products behind it; level
// L runs as: the products of level L, then all other ops of level L.
struct CellFacts {
  explicit CellFacts(const graph::Cell& cell);

  std::vector<std::uint32_t> level;
  std::vector<bool> live;      // an output depends on it
  std::vector<bool> read;      // an op reads it
  std::vector<bool> written;   // its columns are stored side by side; not so for a concat that only
                               // products read
  std::vector<bool> outlives;  // it is read after its level's region, and cannot lie in a tile
  std::vector<bool> returned;  // it is an output

  // The values of which an operand of a product consists, concats that are not written taken apart.
  void expand(const graph::Cell& cell, graph::ValueId v, std::vector<graph::ValueId>& leaves) const;
  // Those of all operands of an affine op: the k-ranges of its product.
  [[nodiscard]] std::vector<graph::ValueId> leaves_of(const graph::Cell& cell,
                                                      graph::ValueId affine) const;
};

}  // namespace sheaf::memory_plan
