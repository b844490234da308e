// SPDX-License-Identifier: Apache-2.0
//
// Which batches of a schedule share a prefix batch.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sheaf/batching/schedule.h"
#include "sheaf/memory_plan/compiled_network.h"

namespace sheaf::memory_plan {

// Rows of a prefix batch, at most (a batch that has more has one of its own). With so many rows a
// product no longer waits for its weights, and their early values (a sum of 1024 floats per row: 1
// MiB) are still in the L2 cache when they are read.
inline constexpr std::uint32_t kPrefixRows = 256;

// Hoisting pays where a batch's rows are so few that it waits for its weights: those of the prefix
// are read once per window instead of once per batch. In return every early value is stored and
// loaded once. How many rows on average are few depends on where the weights come from; measured
// (docs/memory.md) on a processor with 2 MiB of L2 cache and little bandwidth beyond:
// - prefixes with 64 KiB of weights gain 4 to 19 % at 1 and 2 rows, nothing from 4 rows on;
// - with 1 MiB 38 % at 1 row, 16 % at 4, 4 to 14 % at 8, nothing from 12 rows on;
// - with 4 MiB 25 % at 4 rows, 10 % at 8, 3 to 6 % at 12 and 16.
[[nodiscard]] constexpr std::uint32_t few_rows(std::uint64_t weight_bytes) {
  if (weight_bytes < (256U << 10U)) return 2;
  return weight_bytes < (2U << 20U) ? 8 : 16;
}

// Walks through the batches of a schedule and puts those of one type together, in their order, into
// windows whose prefixes run as one batch, just before the first of them. Holds only memory that is
// used again.
class Hoisting {
 public:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  // O(batches); where no type is split, O(1).
  void choose(const batching::Schedule& schedule, const CompiledNetwork& network, Hoist hoist);

  // Whether any batch is hoisted.
  [[nodiscard]] bool any() const { return any_; }
  // Of a batch whose prefix is hoisted: the first batch of its window; kNone for any other.
  [[nodiscard]] std::uint32_t first_of(std::uint32_t batch) const { return first_[batch]; }
  // The next batch of the window, or kNone.
  [[nodiscard]] std::uint32_t next_of(std::uint32_t batch) const { return next_[batch]; }

 private:
  void link(const batching::Schedule& schedule, const CompiledNetwork& network);

  bool any_ = false;
  std::vector<std::uint32_t> first_;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> next_of_type_;
};

}  // namespace sheaf::memory_plan
