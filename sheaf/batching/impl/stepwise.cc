// SPDX-License-Identifier: Apache-2.0
//
// The policies that choose a type, run all its ready nodes, and look again.
#include <optional>
#include <vector>

#include "sheaf/batching/critical_heights.h"
#include "sheaf/batching/frontier.h"
#include "sheaf/batching/frontier_ratio.h"
#include "sheaf/batching/impl/policies.h"

namespace sheaf::batching {

void AgendaPolicy::plan(const Dependencies& dependencies, Workspace& workspace,
                        Schedule& schedule) const {
  std::vector<std::uint32_t>& depth = workspace.depth;
  std::vector<std::uint64_t>& depth_sum = workspace.depth_sum;
  std::vector<std::uint64_t>& left = workspace.left;
  depths(dependencies, depth);
  depth_sum.assign(dependencies.type_count(), 0);
  left.assign(dependencies.type_count(), 0);
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    depth_sum[dependencies.type(v)] += depth[v];
    ++left[dependencies.type(v)];
  }
  Frontier& frontier = workspace.frontier;
  frontier.open(dependencies);
  while (!frontier.empty()) {
    graph::TypeId best = 0;
    bool found = false;
    for (graph::TypeId a = 0; a < dependencies.type_count(); ++a) {
      if (frontier.count(a) == 0) continue;
      if (!found || depth_sum[a] * left[best] < depth_sum[best] * left[a]) best = a;
      found = true;
    }
    const auto batch = frontier.run(best);
    for (const LocalId v : batch) depth_sum[best] -= depth[v];
    left[best] -= batch.size();
    append_batch(dependencies, best, batch, schedule);
  }
}

void SufficientPolicy::plan(const Dependencies& dependencies, Workspace& workspace,
                            Schedule& schedule) const {
  Frontier& frontier = workspace.frontier;
  FrontierRatio& ratio = workspace.ratio;
  frontier.open(dependencies);
  ratio.open(dependencies, frontier);
  while (!frontier.empty()) {
    const graph::TypeId type = ratio.best(frontier);
    const auto batch = frontier.run(type);
    ratio.ran(type, batch);
    append_batch(dependencies, type, batch, schedule);
  }
}

void CriticalPolicy::plan(const Dependencies& dependencies, Workspace& workspace,
                          Schedule& schedule) const {
  Frontier& frontier = workspace.frontier;
  CriticalHeights& heights = workspace.heights;
  frontier.open(dependencies);
  heights.open(dependencies, frontier);
  while (!frontier.empty()) {
    const graph::TypeId type = heights.best(frontier);
    const auto batch = frontier.run(type);
    heights.ran(type, batch, frontier);
    append_batch(dependencies, type, batch, schedule);
  }
}

void FsmPolicy::plan(const Dependencies& dependencies, Workspace& workspace,
                     Schedule& schedule) const {
  Frontier& frontier = workspace.frontier;
  frontier.open(dependencies);
  CriticalHeights* heights = nullptr;  // opened when it is first needed
  StateKey& key = workspace.state;
  while (!frontier.empty()) {
    encode_state(table_->encoding, frontier, key);
    std::optional<graph::TypeId> type = table_->action(key);
    if (!type || frontier.count(*type) == 0) {
      if (heights == nullptr) {
        heights = &workspace.heights;
        heights->open(dependencies, frontier);
      }
      type = heights->best(frontier);
      ++schedule.fallback_steps;
    }
    const auto batch = frontier.run(*type);
    if (heights != nullptr) heights->ran(*type, batch, frontier);
    append_batch(dependencies, *type, batch, schedule);
  }
}

}  // namespace sheaf::batching
