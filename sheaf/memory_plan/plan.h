// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sheaf/memory_plan/hoisting.h"
#include "sheaf/memory_plan/input_plans.h"
#include "sheaf/memory_plan/layout_mode.h"
#include "sheaf/memory_plan/offsets.h"

namespace sheaf::memory_plan {

struct PlanOptions {
  LayoutMode layout = LayoutMode::planned;
  Keep keep = Keep::everything;  // of all segments of a graph
  Hoist hoist = Hoist::automatic;
};

// Plans segments. Holds only memory that is used again.
class Planner {
 public:
  // Appends the batches of `schedule`, which covers `segment`, to `plan`. A plan that keeps outputs
  // only takes one segment (InternalError otherwise).
  void plan_segment(const graph::Graph& graph, graph::Segment segment,
                    const batching::Schedule& schedule, const CompiledNetwork& network,
                    PlanOptions options, MemoryPlan& plan);

 private:
  Hoisting hoisting_;
  Reads reads_;
  Neighbours neighbours_;
  ColumnPlacer columns_;
  LifetimePlacer placer_;
  InputPlanner inputs_;
};

// The same, once.
void plan_segment(const graph::Graph& graph, graph::Segment segment,
                  const batching::Schedule& schedule, const CompiledNetwork& network,
                  PlanOptions options, MemoryPlan& plan);

}  // namespace sheaf::memory_plan
