// SPDX-License-Identifier: Apache-2.0
//
#pragma once

#include "sheaf/memory_plan/free_lines.h"
#include "sheaf/memory_plan/neighbours.h"

namespace sheaf::memory_plan {

// Where results lie when everything is kept: column by column, the batches of a column in order.
// Fills plan.outputs from `first_batch` on and raises plan.arena_floats and plan.live_floats.
// O(batches). Holds memory that is used again.
class ColumnPlacer {
 public:
  void place(const CompiledNetwork& network, std::uint32_t first_batch, MemoryPlan& plan);

 private:
  void place_early_values(const CompiledNetwork& network, std::uint32_t first_batch,
                          MemoryPlan& plan);

  std::vector<Offset> rows_;  // of each column
  std::vector<Offset> next_;  // of each column: where the next batch goes
};

// Where results lie when outputs only are kept. Holds memory that is used again.
class LifetimePlacer {
 public:
  // The lines of a value are free once its last reader has run; results that are wanted side by
  // side get one range when the first of them is written; anything else takes the lowest gap that
  // is large enough. Fills plan.outputs, plan.arena_floats and plan.live_floats; plan.last_reader
  // must be there, and the plan must have this one segment. O(values + batches x gaps), and sorting
  // what a batch frees.
  void place(const CompiledNetwork& network, const Neighbours& neighbours, MemoryPlan& plan);

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kLine = tensor::kRowAlignment;
  static constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

  // The values of one port of a batch.
  struct Result {
    std::uint32_t rows;
    std::uint32_t lines_per_row;  // 0: they stay in a table
    std::uint64_t first_line;
    std::uint32_t together;  // fewest rows that are freed together
    [[nodiscard]] std::uint64_t lines() const { return std::uint64_t{rows} * lines_per_row; }
  };
  // Lines that are free after a batch.
  struct Range {
    std::uint64_t begin;
    std::uint64_t end;
    std::uint32_t next;  // of the same batch
  };

  void open(const CompiledNetwork& network, const MemoryPlan& plan);
  void take_lines(std::uint32_t result, const Neighbours& neighbours);
  // `last_reader`: of the first row; those of the next rows lie `step` further each. Rows that are
  // read for the last time one after the other are freed together, a few of them when the last one
  // has been read: as many gaps as there are rows would take longer to keep than they are worth.
  void list_deaths(const Result& result, const std::uint32_t* last_reader, std::size_t step);
  void list_death(const Result& result, std::uint32_t begin, std::uint32_t end,
                  std::uint32_t reader);
  void free_after(std::uint32_t batch);
  // Of the prefix batch that runs just before `batch`, and of `batch`, a rest. Returns the lines
  // that they take more.
  std::uint64_t place_early_values(const CompiledNetwork& network, std::uint32_t batch,
                                   MemoryPlan& plan);

  FreeLines free_;
  std::vector<Result> results_;
  std::vector<std::uint32_t> dying_;       // of each batch: list of what is free after it
  std::vector<std::uint64_t> lines_read_;  // of each batch: lines that it is the last to read
  std::vector<Range> ranges_;
};

}  // namespace sheaf::memory_plan
