// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/batching/search/limits.h"
#include "sheaf/batching/search/path_classes.h"
#include "sheaf/batching/search/state_bound.h"

namespace sheaf::batching {

struct ExactResult {
  std::vector<graph::TypeId> types;  // a shortest schedule; empty: none below `known` was found
  std::uint32_t proven_bound = 0;    // no schedule is shorter
  std::uint64_t states = 0;          // made
};

// Looks for a schedule of fewer than `known` steps: for each length from the bound of the start on,
// breadth first through all distinct states from which it can still be reached. A length that
// cannot be reached raises proven_bound by one; the search ends with a schedule, which is then
// shortest, with proven_bound == known, or at a limit.
[[nodiscard]] ExactResult exact_search(const PathClasses& classes, StateBound& bound,
                                       std::uint32_t known, const SearchLimits& limits,
                                       const Deadline& deadline);

}  // namespace sheaf::batching
