// SPDX-License-Identifier: Apache-2.0
//
// Where the values and parameters of a cell lie, relative to each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/memory_plan/cell_batches.h"
#include "sheaf/memory_plan/cell_report.h"
#include "sheaf/memory_plan/layout_mode.h"

namespace sheaf::memory_plan {

struct CellLayout {
  struct Batch {
    ops::OpKind kind;
    std::uint32_t level;
    std::vector<graph::ValueId> ops;  // in the order in which their results lie
  };
  std::vector<Batch> batches;  // those that run as one, of two ops or more
  std::vector<std::vector<graph::ValueId>>
      groups;                          // values that share a buffer, from left to right
  std::vector<graph::ValueId> values;  // all values in the planned order
  std::vector<graph::SlotId> slots;    // all parameters in the planned order
  CellReport report;                   // copies are counted by lower()

  // The order of values and parameters.
  [[nodiscard]] std::string to_string(const graph::Cell& cell) const;
};

// Planned: the variables of ED-Batch, section 3, are all values and parameters of the cell; each
// batch of affine ops demands its results and its weights and biases side by side and in one order,
// each batch of element-wise ops its results and operands. Ours: parameters give way to values,
// since they are packed once and not per call; a batch leaves out the ops whose operands or results
// have a place already (inputs, parameters, output ports) and is split where an operand is
// broadcast, since one loop over columns cannot read a value twice. Unplanned: variables lie in the
// order of their declaration, only the results of a batch lie together, and every batch runs as
// one.
[[nodiscard]] CellLayout plan_cell_layout(const graph::Cell& cell, const CellFacts& facts,
                                          const CellBatches& found, LayoutMode mode);

}  // namespace sheaf::memory_plan
