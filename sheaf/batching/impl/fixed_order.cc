// SPDX-License-Identifier: Apache-2.0
//
// The policies whose order is fixed before the first batch runs.
#include <algorithm>
#include <numeric>
#include <vector>

#include "sheaf/batching/frontier.h"
#include "sheaf/batching/impl/policies.h"

namespace sheaf::batching {

void SinglePolicy::plan(const Dependencies& dependencies, Workspace& /*workspace*/,
                        Schedule& schedule) const {
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    append_batch(dependencies, dependencies.type(v), {&v, 1}, schedule);
  }
}

void DepthPolicy::plan(const Dependencies& dependencies, Workspace& workspace,
                       Schedule& schedule) const {
  std::vector<std::uint32_t>& depth = workspace.depth;
  depths(dependencies, depth);
  // Counting sort by (depth, type); equal keys stay in graph order.
  const auto types = static_cast<std::uint32_t>(dependencies.type_count());
  const auto key = [&](LocalId v) { return std::size_t{depth[v]} * types + dependencies.type(v); };
  const std::uint32_t levels =
      depth.empty() ? 0 : *std::max_element(depth.begin(), depth.end()) + 1;
  // ends[k + 1] is where the next node of bucket k goes, and in the end where k + 1 begins.
  std::vector<std::uint32_t>& ends = workspace.bucket_ends;
  ends.assign(std::size_t{levels} * types + 2, 0);
  for (LocalId v = 0; v < dependencies.size(); ++v) ++ends[key(v) + 2];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<LocalId>& sorted = workspace.sorted;
  sorted.resize(dependencies.size());
  for (LocalId v = 0; v < dependencies.size(); ++v) sorted[ends[key(v) + 1]++] = v;
  for (std::size_t k = 0; k + 2 < ends.size(); ++k) {
    if (ends[k] == ends[k + 1]) continue;
    append_batch(dependencies, static_cast<graph::TypeId>(k % types),
                 std::span(sorted).subspan(ends[k], ends[k + 1] - ends[k]), schedule);
  }
}

}  // namespace sheaf::batching
