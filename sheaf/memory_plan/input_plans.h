// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/memory_plan/layout_mode.h"
#include "sheaf/memory_plan/reads.h"

namespace sheaf::memory_plan {

// Decides how every input of a segment's batches is read, results having their places. Holds memory
// that is used again.
class InputPlanner {
 public:
  struct From {
    LayoutMode layout;
    std::uint32_t first_batch;  // of the segment
  };
  // Fills plan.inputs, plan.gather_offsets and plan.sum_begin, and adds to plan.copied_bytes.
  // O(values + operands).
  void plan(const graph::Graph& graph, const CompiledNetwork& network, const Reads& reads,
            From from, MemoryPlan& plan);

 private:
  // Of the segment, as Reads counts them.
  struct Rows {
    std::uint32_t first;
    std::uint32_t count;
  };
  // Values that an input reads, one per row.
  struct Column {
    const std::uint32_t* first;
    std::uint32_t step;  // to that of the next row
    std::uint32_t rows;
  };

  void list_offsets(const CompiledNetwork& network, const Reads& reads, std::uint32_t first_batch,
                    const MemoryPlan& plan);
  Column column_of(const Reads& reads, std::uint32_t first_row, std::uint32_t rows,
                   std::uint32_t input, bool uniform);
  // `stride`: from one value of the input's source to the next; 0 for one that stays in a table.
  InputPlan plan_single(const Column& column, Offset stride, const graph::CellInput& given,
                        LayoutMode layout, MemoryPlan& plan) const;
  InputPlan plan_sum(const Reads& reads, Rows rows, const CompiledCell& cell, std::uint32_t input,
                     MemoryPlan& plan) const;

  std::vector<Offset> offsets_;  // of each value, then of what is read of earlier segments
  std::vector<std::uint32_t> column_;
};

}  // namespace sheaf::memory_plan
