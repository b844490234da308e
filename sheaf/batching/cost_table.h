// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sheaf/batching/schedule.h"

namespace sheaf::batching {

// Measured time of one batch by its number of rows.
struct CostCurve {
  std::vector<std::uint32_t> rows;  // growing, the first is 1
  std::vector<double> ns;           // one per entry of `rows`

  // Linear between two entries; beyond the last as between the last two. `n` is 1 or more.
  [[nodiscard]] double at(std::uint32_t n) const;
  // What one more row takes in a large batch: the slope beyond the last entry.
  [[nodiscard]] double row_ns() const;
};

// What batches of one type take on the machine that runs them.
struct TypeCost {
  CostCurve batch;       // after a batch of the same type, whose weights are in the cache
  double switch_ns = 0;  // more, after a batch of another type
};

// What running and planning take: a plain value, measured elsewhere (engine/calibrate.h).
struct CostTable {
  std::vector<TypeCost> types;  // by TypeId
  // Scheduling and planning one batch, and what the greedy search takes for one node beyond a
  // schedule by levels. The defaults are rounded from `sheaf bench` on a Xeon with AVX-512 at 2.6
  // GHz; decisions that they tip are close ones.
  double batch_ns = 120;
  double greedy_node_ns = 50;

  // The rows of a batch of `type` that take the least time per row; of equals the most rows. A
  // larger batch is better cut. The largest number where the curve's last entry is the best.
  [[nodiscard]] std::uint32_t best_rows(graph::TypeId type) const;

  // Time of a batch that runs after one of type `before`.
  [[nodiscard]] double ns(graph::TypeId type, std::uint32_t rows, graph::TypeId before) const {
    const TypeCost& cost = types[type];
    return batch_ns + cost.batch.at(rows) + (type == before ? 0 : cost.switch_ns);
  }

  // Predicted time of batches that run one after the other, the first after one of another type.
  [[nodiscard]] double ns(std::span<const Batch> batches) const;

  // Throws InternalError for a curve that is none, or times that are negative or not finite.
  void verify() const;
};

}  // namespace sheaf::batching
