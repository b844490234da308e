// SPDX-License-Identifier: Apache-2.0
//
// How few batches each policy needs, on every workload: what stands behind `sheaf study batching`.
// It asks what figure 9 and table 3 of ED-Batch (ICML 2023) ask.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/batching/search/limits.h"

namespace sheaf::study {

struct BatchingOptions {
  std::vector<std::string> models;                       // empty: all
  std::vector<std::uint32_t> batches = {1, 8, 64, 256};  // instances per minibatch
  std::string data_dir;               // a folder as of_folder() knows it; empty: random data
  std::uint32_t minibatches = 8;      // per workload, at most
  std::uint32_t optimal_below = 128;  // minibatches of fewer instances are searched exactly too
  batching::SearchLimits search;
  std::uint64_t seed = 1;
  std::function<void(std::string_view)> progress;  // told what begins; may be empty
};

// One policy on all minibatches of one workload.
struct PolicyFigures {
  std::string policy;  // with its encoding: "fsm:sort"
  std::uint64_t batches = 0;
  std::uint32_t proven = 0;          // minibatches whose optimum is known
  std::uint64_t batches_proven = 0;  // of this policy on these
  std::uint64_t fallback_steps = 0;
  double schedule_ns_per_node = 0;  // thread CPU time, the faster of two runs
  double learn_ms = 0;              // of an FSM, thread CPU time
  std::uint32_t trials = 0;         // of an FSM
  std::uint64_t states = 0;         // of an FSM
};

struct WorkloadFigures {
  std::string model;
  std::string family;  // chain, tree, lattice or graph
  std::string data;
  std::uint32_t batch = 0;
  std::uint32_t minibatches = 0;
  std::uint64_t nodes = 0;
  std::uint64_t lower_bound = 0;  // sum of same-type depths (ED-Batch, appendix A.3)
  std::uint64_t tightened_bound = 0;
  std::uint64_t optimum_proven = 0;  // batches of the proven optima
  std::vector<PolicyFigures> policies;
};

// Every model at every minibatch size. Learned policies are learned once per model from its first
// 32 instances, as in the paper, and used at every size. Where the minibatches of a size are fewer
// instances than the data hold, they are the first ones.
[[nodiscard]] std::vector<WorkloadFigures> study_batching(const BatchingOptions& options);

// Over the workloads of a family: geometric means of batches.
struct FamilyMeans {
  std::string family;
  double over_bound = 0;  // the default policy's over the lower bound
  double saved = 0;       // the better of depth and agenda over the default policy
};

[[nodiscard]] std::vector<FamilyMeans> means_by_family(
    const std::vector<WorkloadFigures>& workloads);

}  // namespace sheaf::study
