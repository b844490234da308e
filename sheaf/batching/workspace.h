// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/batching/critical_heights.h"
#include "sheaf/batching/frontier.h"
#include "sheaf/batching/frontier_ratio.h"
#include "sheaf/batching/fsm_table.h"

namespace sheaf::batching {

// Memory in which a policy plans, used again from one minibatch to the next. What it holds between
// two calls means nothing. For one thread.
struct Workspace {
  Frontier frontier;
  CriticalHeights heights;
  FrontierRatio ratio;
  StateKey state;
  std::vector<std::uint32_t> depth;        // by node
  std::vector<std::uint64_t> depth_sum;    // by type
  std::vector<std::uint64_t> left;         // by type: nodes that have still to run
  std::vector<std::uint32_t> bucket_ends;  // of depths and types
  std::vector<LocalId> sorted;
};

}  // namespace sheaf::batching
