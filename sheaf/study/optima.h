// SPDX-License-Identifier: Apache-2.0
//
// How far a policy is from shortest schedules, where these can be found.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sheaf/base/clock.h"
#include "sheaf/batching/policy.h"
#include "sheaf/engine/workload.h"

namespace sheaf::study {

struct OptimaOptions {
  std::uint32_t group = 2;  // consecutive instances per graph; a last, smaller one is left out
  std::uint32_t most_groups = 0;                               // 0: all
  std::function<bool(const nn::Instance&)> filter = nullptr;   // of the instances; null: all
  std::string policy = std::string(batching::kDefaultPolicy);  // compared with the optima
  batching::SearchLimits limits = {};                          // of each search
};

// Sums over the groups.
struct Optima {
  std::uint64_t groups = 0;
  std::uint64_t nodes = 0;
  std::uint64_t proven = 0;                 // groups whose shortest schedule was found and proven
  std::uint64_t lower_bound = 0;            // sum of depths (ED-Batch, appendix A.3)
  std::uint64_t tightened_lower_bound = 0;  // by pairs of types
  std::uint64_t proven_bound = 0;           // by the search
  std::uint64_t found_batches = 0;          // by the search, proven shortest or not
  std::uint64_t policy_batches = 0;
  std::uint64_t optimal_batches_of_proven = 0;  // the last two, of the proven groups
  std::uint64_t policy_batches_of_proven = 0;
  double search_ns = 0;       // by the clock given
  double most_search_ns = 0;  // of one group

  // Of the groups that were not proven: batches that may be too many, per group.
  [[nodiscard]] double mean_gap() const;
  // Batches of the policy over optimal ones, of the proven groups; 1 where there are none.
  [[nodiscard]] double policy_ratio() const;
};

// Searches for the shortest schedule of each group with policy `optimal`. The counts depend on no
// clock as long as options.limits have no time limit.
[[nodiscard]] Optima find_optima(const engine::Workload& workload, const OptimaOptions& options,
                                 const base::Clock& clock);

}  // namespace sheaf::study
