// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/memory_plan/memory_plan.h"

namespace sheaf::memory_plan {

// What the batches of a segment read, by value (MemoryPlan::Place) and in the order in which they
// run: found by one pass over the operands of the graph, so that no later stage has to go back to
// it. Holds memory that is used again.
class Reads {
 public:
  // Gives every node of `segment` its place: fills plan.places for the batches from `first_batch`
  // on, and plan.last_reader where outputs only are kept (marked ports: kKept). O(nodes +
  // operands).
  void list(const graph::Graph& graph, graph::Segment segment, const CompiledNetwork& network,
            std::uint32_t first_batch, MemoryPlan& plan);

  // Values of the segment.
  [[nodiscard]] std::uint32_t values() const { return values_; }
  // Results of earlier segments that this one reads: of value `values() + i`, operand i.
  [[nodiscard]] std::span<const graph::Operand> earlier() const { return earlier_; }

  // Inputs of a batch that may be in place: all, when every row has one operand for each, else the
  // fixed ones, which come first. `batch` counts from the segment's first.
  [[nodiscard]] std::uint32_t single_inputs(std::uint32_t batch) const {
    return single_inputs_[batch];
  }
  // What row `row` of all rows of the segment reads, by input; repeated inputs over and over.
  [[nodiscard]] std::span<const std::uint32_t> of_row(std::uint32_t row) const {
    return {reads_.data() + begin_[row], begin_[row + 1] - begin_[row]};
  }
  // Operands of rows [first, first + rows).
  [[nodiscard]] std::uint32_t count(std::uint32_t first, std::uint32_t rows) const {
    return begin_[first + rows] - begin_[first];
  }
  // The same of the rows from `row` on, as one list.
  [[nodiscard]] const std::uint32_t* from_row(std::uint32_t row) const {
    return reads_.data() + begin_[row];
  }

 private:
  template <bool kLifetimes>
  void list_batches(const graph::Graph& graph, const CompiledNetwork& network,
                    std::uint32_t first_batch, MemoryPlan& plan);
  [[nodiscard]] std::uint32_t earlier_value(graph::Operand operand);

  std::uint32_t values_ = 0;
  std::vector<std::uint32_t> begin_;  // of each row, in reads_
  std::vector<std::uint32_t> reads_;
  std::vector<std::uint32_t> single_inputs_;  // by batch
  std::vector<graph::Operand> earlier_;
};

}  // namespace sheaf::memory_plan
