// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "sheaf/memory_plan/reads.h"

namespace sheaf::memory_plan {

inline constexpr std::uint32_t kNoOutput = std::numeric_limits<std::uint32_t>::max();

// Results that a later batch reads as one range and that should therefore lie side by side, in a
// plan of one segment that keeps outputs only. Holds memory that is used again.
class Neighbours {
 public:
  // An input that would be in place if the results that it reads were neighbours asks for that; the
  // first batch that asks gets it. O(nodes + operands).
  void find(const graph::Graph& graph, const CompiledNetwork& network, const Reads& reads,
            const MemoryPlan& plan);
  // Asks for nothing.
  void clear() { next_.clear(); }

  // The result that should follow another in its column, or kNoOutput; a later batch's. Results are
  // entries of MemoryPlan::outputs.
  [[nodiscard]] std::uint32_t next(std::uint32_t result) const {
    return next_.empty() ? kNoOutput : next_[result];
  }

 private:
  friend class Wishes;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> previous_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_;  // that one input asks for
};

}  // namespace sheaf::memory_plan
