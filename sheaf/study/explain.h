// SPDX-License-Identifier: Apache-2.0
//
// Why a minibatch is batched as it is: what stands behind `sheaf explain`.
#pragma once

#include <string>
#include <vector>

#include "sheaf/batching/fsm_table.h"
#include "sheaf/batching/schedule.h"
#include "sheaf/report/machine_picture.h"

namespace sheaf::study {

// What was known of one ready type when a batch was chosen.
struct Choice {
  graph::TypeId type = 0;
  std::uint32_t ready = 0;
  std::uint32_t critical = 0;  // nodes of the greatest critical height, and ...
  std::uint32_t blocked = 0;   // ... how many of them are not ready
  std::uint32_t typed = 0;     // |Frontier(G^a)|
};

// One step of a schedule: the type that ran, and the one that CriticalHeights liked best among the
// others.
struct ExplainedBatch {
  Choice ran;
  std::uint32_t size = 0;  // nodes of the batch: fewer than are ready where the policy splits them
  bool has_runner_up = false;
  Choice runner_up;
};

// Replays a schedule. Counters are those of the moment, also for a policy that did not ask them.
[[nodiscard]] std::vector<ExplainedBatch> explain_schedule(
    const batching::Dependencies& dependencies, const batching::Schedule& schedule);

// One line per batch.
[[nodiscard]] std::string explained_text(const std::vector<ExplainedBatch>& batches,
                                         std::span<const std::string> type_names);

// The states that a machine meets in a minibatch, and how it goes from one to the next.
[[nodiscard]] report::MachinePicture machine_picture(const batching::Dependencies& dependencies,
                                                     const batching::FsmTable& table);

}  // namespace sheaf::study
