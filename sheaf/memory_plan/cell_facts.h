// SPDX-License-Identifier: Apache-2.0
//
// What lower() and the layout of a cell must know of its values: where the cell is cut, and who
// reads what.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/graph/cell.h"
#include "sheaf/tensor/encoding.h"

namespace sheaf::memory_plan {

// A cell is cut at its products and spatial ops. The *level* of a value is the number of these
// behind it; level L runs as: the products and spatial ops of level L, then all other ops of level
// L.
struct CellFacts {
  // `slots`: how the parameters of the cell's slots are stored; empty: all are dense.
  explicit CellFacts(const graph::Cell& cell, std::span<const tensor::Encoding> slots = {});

  std::vector<std::uint32_t> level;
  std::vector<bool> live;      // an output depends on it
  std::vector<bool> read;      // an op reads it
  std::vector<bool> written;   // its columns are stored side by side; not so for a concat that only
                               // products read, each part in whole blocks of their weights
  std::vector<bool> outlives;  // it is read after its level's region, and cannot lie in a tile
  std::vector<bool> returned;  // it is an output

  // The values of which an operand of a product consists, concats that are not written taken apart.
  void expand(const graph::Cell& cell, graph::ValueId v, std::vector<graph::ValueId>& leaves) const;
  // Those of all operands of an affine op: the k-ranges of its product.
  [[nodiscard]] std::vector<graph::ValueId> leaves_of(const graph::Cell& cell,
                                                      graph::ValueId affine) const;
  // By leaf: how the weight that multiplies it is stored.
  [[nodiscard]] std::vector<tensor::Encoding> encodings_of(const graph::Cell& cell,
                                                           graph::ValueId affine) const;
  [[nodiscard]] tensor::Encoding encoding(graph::SlotId slot) const {
    return slots_.empty() ? tensor::kDense : slots_[slot];
  }

 private:
  // Whether every value that a concat consists of is a whole number of blocks.
  [[nodiscard]] static bool in_blocks(const graph::Cell& cell, graph::ValueId v,
                                      std::uint32_t block);

  std::vector<tensor::Encoding> slots_;
};

}  // namespace sheaf::memory_plan
