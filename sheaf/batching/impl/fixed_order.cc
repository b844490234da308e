// SPDX-License-Identifier: Apache-2.0
//
// The policies whose order is fixed before the first batch runs.
#include <algorithm>
#include <numeric>
#include <vector>

#include "sheaf/batching/frontier.h"
#include "sheaf/batching/impl/policies.h"

namespace sheaf::batching {

void SinglePolicy::plan(const Dependencies& dependencies, Schedule& schedule) const {
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    append_batch(dependencies, dependencies.type(v), {&v, 1}, schedule);
  }
}

void DepthPolicy::plan(const Dependencies& dependencies, Schedule& schedule) const {
  const std::vector<std::uint32_t> depth = depths(dependencies);
  // Counting sort by (depth, type); equal keys stay in graph order.
  const auto types = static_cast<std::uint32_t>(dependencies.type_count());
  const auto key = [&](LocalId v) { return std::size_t{depth[v]} * types + dependencies.type(v); };
  const std::uint32_t levels =
      depth.empty() ? 0 : *std::max_element(depth.begin(), depth.end()) + 1;
  std::vector<std::uint32_t> begin(std::size_t{levels} * types + 1, 0);
  for (LocalId v = 0; v < dependencies.size(); ++v) ++begin[key(v) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<std::uint32_t> next = begin;
  std::vector<LocalId> sorted(dependencies.size());
  for (LocalId v = 0; v < dependencies.size(); ++v) sorted[next[key(v)]++] = v;
  for (std::size_t k = 0; k + 1 < begin.size(); ++k) {
    if (begin[k] == begin[k + 1]) continue;
    append_batch(dependencies, static_cast<graph::TypeId>(k % types),
                 std::span(sorted).subspan(begin[k], begin[k + 1] - begin[k]), schedule);
  }
}

}  // namespace sheaf::batching
