// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "sheaf/base/clock.h"

namespace sheaf::batching {

// How far `beam` and `optimal` look. Without a time limit the same graph gives the same schedule
// everywhere.
struct SearchLimits {
  std::uint32_t beam_width = 32;        // states kept per step; at least 1
  std::uint64_t state_limit = 500'000;  // states that `optimal` makes, in all
  std::uint64_t time_limit_ns = 0;      // per plan; 0: none. Afterwards the best known is taken
  std::shared_ptr<const base::Clock> clock;  // what the time limit is measured by
};

// The time limit of one plan.
class Deadline {
 public:
  explicit Deadline(const SearchLimits& limits)
      : clock_(limits.time_limit_ns == 0 ? nullptr : limits.clock.get()),
        end_ns_(clock_ ? clock_->now_ns() + limits.time_limit_ns : 0) {}
  [[nodiscard]] bool passed() const { return clock_ != nullptr && clock_->now_ns() >= end_ns_; }

 private:
  const base::Clock* clock_;
  std::uint64_t end_ns_;
};

}  // namespace sheaf::batching
