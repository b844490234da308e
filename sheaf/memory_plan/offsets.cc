// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/offsets.h"

#include <algorithm>

namespace sheaf::memory_plan {
namespace {

// Rows that are freed together: an eighth of a batch, at most so many. In small batches each is
// freed by itself.
constexpr std::uint32_t kMostTogether = 8;
constexpr std::uint32_t kSmallBatch = 16;

std::uint32_t together(std::uint32_t rows) {
  return rows < kSmallBatch ? 1 : std::min(kMostTogether, rows / 8);
}

}  // namespace

void ColumnPlacer::place(const CompiledNetwork& network, std::uint32_t first_batch,
                         MemoryPlan& plan) {
  rows_.assign(network.column_stride.size(), 0);
  next_.clear();
  const std::span<const BatchPlan> batches = std::span(plan.batches).subspan(first_batch);
  for (const BatchPlan& batch : batches) {
    for (const std::uint16_t column : network.types[batch.type].port_column) {
      if (column != CompiledType::kNoColumn) rows_[column] += batch.rows;
    }
  }
  for (std::size_t column = 0; column < rows_.size(); ++column) {
    next_.push_back(plan.arena_floats);
    plan.arena_floats += rows_[column] * network.column_stride[column];
  }
  for (const BatchPlan& batch : batches) {
    std::uint32_t output = batch.first_output;
    for (const std::uint16_t column : network.types[batch.type].port_column) {
      if (column == CompiledType::kNoColumn) {
        plan.outputs[output++] = kInTable;
        continue;
      }
      plan.outputs[output++] = next_[column];
      next_[column] += Offset{batch.rows} * network.column_stride[column];
    }
  }
  if (network.any_split) place_early_values(network, first_batch, plan);
  plan.live_floats = plan.arena_floats;
}

// The windows of a type follow each other: all of a segment take the same space.
void ColumnPlacer::place_early_values(const CompiledNetwork& network, std::uint32_t first_batch,
                                      MemoryPlan& plan) {
  rows_.assign(network.types.size(), 0);  // of each type's largest prefix batch
  const std::span<const BatchPlan> batches = std::span(plan.batches).subspan(first_batch);
  for (const BatchPlan& batch : batches) {
    const BatchPlan* const prefix = plan.prefix_before(batch);
    if (prefix != nullptr) rows_[batch.type] = std::max<Offset>(rows_[batch.type], prefix->rows);
  }
  next_.assign(network.types.size(), 0);
  for (std::size_t type = 0; type < rows_.size(); ++type) {
    next_[type] = plan.arena_floats;
    if (rows_[type] == 0) continue;
    plan.arena_floats += rows_[type] * network.types[type].split->early_floats;
  }
  for (const BatchPlan& batch : batches) {
    if (batch.part != BatchPlan::Part::whole) plan.early_values[batch.prefix] = next_[batch.type];
  }
}

void LifetimePlacer::place(const CompiledNetwork& network, const Neighbours& neighbours,
                           MemoryPlan& plan) {
  open(network, plan);
  std::uint64_t live = 0;
  std::uint64_t most = 0;
  std::uint32_t result = 0;
  for (std::uint32_t b = 0; b < plan.batches.size(); ++b) {
    const BatchPlan& batch = plan.batches[b];
    const std::size_t ports = network.types[batch.type].port_column.size();
    if (batch.part == BatchPlan::Part::rest) live += place_early_values(network, b, plan);
    const std::size_t first_value = plan.places[plan.order[batch.first_node]].first_value;
    for (std::uint32_t port = 0; port < ports; ++port, ++result) {
      if (results_[result].lines_per_row == 0) continue;  // rows of a table
      if (results_[result].first_line == kNowhere) take_lines(result, neighbours);
      live += results_[result].lines();
      list_deaths(results_[result], &plan.last_reader[first_value + port], ports);
    }
    most = std::max(most, live);
    free_after(b);
    live -= lines_read_[b];
  }
  for (std::size_t r = 0; r < results_.size(); ++r) {
    plan.outputs[r] = results_[r].lines_per_row == 0 ? kInTable : results_[r].first_line * kLine;
  }
  plan.arena_floats = free_.peak() * kLine;
  plan.live_floats = most * kLine;
}

void LifetimePlacer::open(const CompiledNetwork& network, const MemoryPlan& plan) {
  free_.clear();
  ranges_.clear();
  dying_.assign(plan.batches.size(), kNone);
  lines_read_.assign(plan.batches.size() + 1, 0);
  results_.clear();
  for (const BatchPlan& batch : plan.batches) {
    for (const std::uint16_t column : network.types[batch.type].port_column) {
      const std::uint32_t floats =
          column == CompiledType::kNoColumn ? 0 : network.column_stride[column];
      results_.push_back({batch.rows, floats / kLine, kNowhere, together(batch.rows)});
    }
  }
}

// For a result and all those that are to follow it.
void LifetimePlacer::take_lines(std::uint32_t result, const Neighbours& neighbours) {
  std::uint64_t lines = 0;
  for (auto r = result; r != kNoOutput; r = neighbours.next(r)) lines += results_[r].lines();
  std::uint64_t line = free_.take(lines);
  for (auto r = result; r != kNoOutput; r = neighbours.next(r)) {
    results_[r].first_line = line;
    line += results_[r].lines();
  }
}

void LifetimePlacer::list_deaths(const Result& result, const std::uint32_t* last_reader,
                                 std::size_t step) {
  std::uint32_t begin = 0;
  std::uint32_t reader = *last_reader;
  for (std::uint32_t row = 0; row < result.rows;) {
    const std::uint32_t first = row;
    const std::uint32_t own = last_reader[row * step];
    while (row < result.rows && last_reader[row * step] == own) ++row;
    // What is kept is never free: its lines are counted behind the last batch.
    lines_read_[std::min<std::size_t>(own, lines_read_.size() - 1)] +=
        std::uint64_t{row - first} * result.lines_per_row;
    if (own == reader) continue;
    std::uint32_t end = first;
    if (first - begin < result.together) {
      // Too few so far: they wait for the rows at hand, or some of these, for them.
      end = own > reader ? row : std::min(begin + result.together, row);
      reader = std::max(reader, own);
      if (end == row) continue;
    }
    list_death(result, begin, end, reader);
    begin = end;
    reader = own;
  }
  list_death(result, begin, result.rows, reader);
}

void LifetimePlacer::list_death(const Result& result, std::uint32_t begin, std::uint32_t end,
                                std::uint32_t reader) {
  if (reader == MemoryPlan::kKept) return;
  const auto line = [&](std::uint32_t row) {
    return result.first_line + std::uint64_t{row} * result.lines_per_row;
  };
  ranges_.push_back({line(begin), line(end), dying_[reader]});
  dying_[reader] = static_cast<std::uint32_t>(ranges_.size() - 1);
}

std::uint64_t LifetimePlacer::place_early_values(const CompiledNetwork& network,
                                                 std::uint32_t batch, MemoryPlan& plan) {
  const BatchPlan& rest = plan.batches[batch];
  Result early{plan.prefixes[rest.prefix].rows,
               network.types[rest.type].split->early_floats / kLine, 0, together(rest.rows)};
  const bool first = rest.early_row == 0;
  if (first) plan.early_values[rest.prefix] = free_.take(early.lines()) * kLine;
  early.first_line = plan.early_values[rest.prefix] / kLine;
  list_death(early, rest.early_row, rest.early_row + rest.rows, batch);
  lines_read_[batch] += std::uint64_t{rest.rows} * early.lines_per_row;
  return first ? early.lines() : 0;
}

void LifetimePlacer::free_after(std::uint32_t batch) {
  for (auto r = dying_[batch]; r != kNone; r = ranges_[r].next) {
    free_.give(ranges_[r].begin, ranges_[r].end);
  }
}

}  // namespace sheaf::memory_plan
