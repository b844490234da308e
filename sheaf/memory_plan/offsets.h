// SPDX-License-Identifier: Apache-2.0
//
// Where the results of the batches from `first_batch` on lie: both functions fill plan.outputs and
// raise plan.arena_floats and plan.live_floats.
#pragma once

#include "sheaf/memory_plan/lifetimes.h"

namespace sheaf::memory_plan {

// Keeps everything: column by column, the batches of a column in order. O(batches).
void place_in_columns(const CompiledNetwork& network, std::uint32_t first_batch, MemoryPlan& plan);

// Keeps outputs: the lines of a value are free once its last reader has run, and results that are
// wanted side by side get one range when the first of them is written; anything else takes the
// lowest lines that are free. plan.last_reader must be there. O(values), and for each run of rows
// with one last reader the search of a gap.
void place_by_lifetimes(const CompiledNetwork& network, std::uint32_t first_batch,
                        const Neighbours& neighbours, MemoryPlan& plan);

}  // namespace sheaf::memory_plan
