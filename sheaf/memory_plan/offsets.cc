// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/offsets.h"

#include <algorithm>

#include "sheaf/memory_plan/free_lines.h"

namespace sheaf::memory_plan {
namespace {

class Placer {
 public:
  Placer(const CompiledNetwork& network, std::uint32_t first_batch, const Neighbours& neighbours,
         MemoryPlan& plan)
      : network_(network),
        first_batch_(first_batch),
        first_output_(plan.batches[first_batch].first_output),
        neighbours_(neighbours),
        plan_(plan),
        dying_(plan.batches.size() - first_batch, kNone) {}

  void run() {
    list_results();
    std::uint64_t live = 0;
    std::uint64_t most = 0;
    std::uint32_t result = 0;
    for (auto b = first_batch_; b < plan_.batches.size(); ++b) {
      const BatchPlan& batch = plan_.batches[b];
      const std::size_t ports = network_.types[batch.type].port_column.size();
      for (std::uint32_t port = 0; port < ports; ++port, ++result) {
        if (results_[result].lines_per_row == 0) continue;  // rows of a table
        if (results_[result].first_line == kNowhere) take_lines(result);
        live += results_[result].lines();
        list_deaths(results_[result], &plan_.last_reader[batch.first_value + port * batch.rows]);
      }
      most = std::max(most, live);
      for (auto range = dying_[b - first_batch_]; range != kNone; range = ranges_[range].next) {
        free_.give(ranges_[range].begin, ranges_[range].end);
        live -= ranges_[range].end - ranges_[range].begin;
      }
    }
    for (std::size_t r = 0; r < results_.size(); ++r) {
      const Result& placed = results_[r];
      plan_.outputs[first_output_ + r] =
          placed.lines_per_row == 0 ? kInTable : placed.first_line * kLine;
    }
    plan_.arena_floats = free_.peak() * kLine;
    plan_.live_floats = most * kLine;
  }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kLine = tensor::kRowAlignment;
  static constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

  // The values of one port of a batch.
  struct Result {
    std::uint32_t rows;
    std::uint32_t lines_per_row;  // 0: they stay in a table
    std::uint64_t first_line;
    [[nodiscard]] std::uint64_t lines() const { return std::uint64_t{rows} * lines_per_row; }
  };
  // Lines that are free after a batch.
  struct Range {
    std::uint64_t begin;
    std::uint64_t end;
    std::uint32_t next;  // of the same batch
  };

  void list_results() {
    results_.reserve(plan_.outputs.size() - first_output_);
    for (auto b = first_batch_; b < plan_.batches.size(); ++b) {
      const BatchPlan& batch = plan_.batches[b];
      for (const std::uint16_t column : network_.types[batch.type].port_column) {
        const std::uint32_t floats =
            column == CompiledType::kNoColumn ? 0 : network_.column_stride[column];
        results_.push_back({batch.rows, floats / kLine, kNowhere});
      }
    }
  }

  // For a result and all those that are to follow it.
  void take_lines(std::uint32_t result) {
    const auto next = [&](std::uint32_t r) {
      return neighbours_.next.empty() ? kNoOutput : neighbours_.next[r];
    };
    std::uint64_t lines = 0;
    for (auto r = result; r != kNoOutput; r = next(r)) lines += results_[r].lines();
    std::uint64_t line = free_.take(lines);
    for (auto r = result; r != kNoOutput; r = next(r)) {
      results_[r].first_line = line;
      line += results_[r].lines();
    }
  }

  // Lists every run of rows that have one last reader among what is free after that one.
  void list_deaths(const Result& result, const std::uint32_t* last_reader) {
    for (std::uint32_t row = 0; row < result.rows;) {
      const std::uint32_t begin = row;
      const std::uint32_t reader = last_reader[begin];
      while (row < result.rows && last_reader[row] == reader) ++row;
      if (reader == MemoryPlan::kKept) continue;
      std::uint32_t& head = dying_[reader - first_batch_];
      const auto line = [&](std::uint32_t r) {
        return result.first_line + std::uint64_t{r} * result.lines_per_row;
      };
      ranges_.push_back({line(begin), line(row), head});
      head = static_cast<std::uint32_t>(ranges_.size() - 1);
    }
  }

  const CompiledNetwork& network_;
  std::uint32_t first_batch_;
  std::uint32_t first_output_;
  const Neighbours& neighbours_;
  MemoryPlan& plan_;
  FreeLines free_;
  std::vector<Result> results_;
  std::vector<std::uint32_t> dying_;  // of each batch: list of what is free after it
  std::vector<Range> ranges_;
};

}  // namespace

void place_in_columns(const CompiledNetwork& network, std::uint32_t first_batch, MemoryPlan& plan) {
  std::vector<Offset> rows(network.column_stride.size(), 0);
  const std::span<const BatchPlan> batches = std::span(plan.batches).subspan(first_batch);
  for (const BatchPlan& batch : batches) {
    for (const std::uint16_t column : network.types[batch.type].port_column) {
      if (column != CompiledType::kNoColumn) rows[column] += batch.rows;
    }
  }
  std::vector<Offset> next;  // of each column: where the next batch goes
  for (std::size_t column = 0; column < rows.size(); ++column) {
    next.push_back(plan.arena_floats);
    plan.arena_floats += rows[column] * network.column_stride[column];
  }
  for (const BatchPlan& batch : batches) {
    std::uint32_t output = batch.first_output;
    for (const std::uint16_t column : network.types[batch.type].port_column) {
      if (column == CompiledType::kNoColumn) {
        plan.outputs[output++] = kInTable;
        continue;
      }
      plan.outputs[output++] = next[column];
      next[column] += Offset{batch.rows} * network.column_stride[column];
    }
  }
  plan.live_floats = plan.arena_floats;
}

void place_by_lifetimes(const CompiledNetwork& network, std::uint32_t first_batch,
                        const Neighbours& neighbours, MemoryPlan& plan) {
  Placer(network, first_batch, neighbours, plan).run();
}

}  // namespace sheaf::memory_plan
