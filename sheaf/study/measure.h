// SPDX-License-Identifier: Apache-2.0
//
// Measures policies on a workload: what `sheaf bench` and `sheaf demo` stand on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/batching/policy.h"
#include "sheaf/batching/q_learning.h"
#include "sheaf/engine/workload.h"
#include "sheaf/memory_plan/plan.h"
#include "sheaf/runtime/profile.h"

namespace sheaf::study {

struct MeasureOptions {
  std::uint32_t batch = 64;
  std::uint32_t repeat = 5;  // rounds; every figure is their median
  memory_plan::LayoutMode layout = memory_plan::LayoutMode::planned;
  memory_plan::Hoist hoist = memory_plan::Hoist::automatic;
  std::string isa = "auto";
  std::uint32_t threads = 1;  // of more than one the wall clock is read, not the threads' own
  std::optional<std::uint64_t> shuffle;
  // Options::cache_bytes. The cache is emptied before every round, so that a minibatch never finds
  // itself: hits are those of one pass over the data.
  std::size_t cache_bytes = 0;
  // Of a trace: after the rounds, each contestant runs once more, recorded. Null: none does.
  const base::Clock* trace_clock = nullptr;
  // Called as rounds end, the one that warms up among them.
  std::function<void(std::uint32_t rounds)> progress = {};
};

struct Contestant {
  std::string policy;
  batching::PolicyParts parts = {};
  double learn_ms = 0;       // what learning it took
  std::string teacher = {};  // Learned::teacher
};

// A policy learned from the first `instances` of a workload, and what learning it took in thread
// CPU time.
struct TimedLearning {
  batching::Learned learned;
  double ms = 0;

  [[nodiscard]] Contestant contestant() const;
};

[[nodiscard]] TimedLearning learn(const engine::Workload& workload, std::uint32_t instances,
                                  const batching::QLearningOptions& options,
                                  const batching::FsmTable* start = nullptr);

// Of the whole pipeline: graphs built, scheduled, planned, run, outputs read and decoded. Reading
// files is not part of it. Times are CPU time of the one thread, or wall time of several.
struct Measured {
  std::string policy;
  std::string isa;  // of the kernels that ran
  std::uint64_t instances = 0;
  std::uint64_t nodes = 0;
  std::uint64_t batches = 0;
  std::uint64_t lower_bound = 0;
  double instances_per_s = 0;
  double instances_per_s_p10 = 0;  // spread over the rounds
  double instances_per_s_p90 = 0;
  double construct_ns_per_node = 0;  // checking graphs included
  double schedule_ns_per_node = 0;
  double plan_ns_per_node = 0;
  double execute_ms = 0;               // of all minibatches
  double read_ms = 0;                  // of all minibatches: reading and decoding outputs
  double flops = 0;                    // per instance, docs/models.md, as weights are encoded
  double dense_flops = 0;              // the same if all weights were dense
  double fma_peak_gflops = 0;          // at the clock of the run (backend::cpu::FmaPeakInRun)
  double fma_peak_at_rest_gflops = 0;  // of a core that does nothing else
  double percent_of_fma_peak = 0;
  std::uint64_t copied_bytes = 0;
  std::uint64_t arena_bytes = 0;  // most of any minibatch
  std::uint64_t live_bytes = 0;   // most of any minibatch: the most bytes needed at once
  std::uint64_t policy_states = 0;
  std::uint64_t fallback_steps = 0;
  std::uint64_t cache_lookups = 0;  // minibatches of a round
  std::uint64_t cache_hits = 0;     // of these, the ones whose schedule was known
  std::string teacher;              // Contestant::teacher
  double learn_ms = 0;
  // Of MeasureOptions::trace_clock. Refers to the workload's network.
  std::shared_ptr<const runtime::Profile> profile;
};

// Runs the contestants alternately, round by round, with a sample of the FMA peak in each round.
// First checks that every contestant's outputs of the first minibatch are those of the first
// contestant, bit by bit (InternalError otherwise).
[[nodiscard]] std::vector<Measured> measure(const engine::Workload& workload,
                                            std::span<const Contestant> contestants,
                                            const MeasureOptions& options);

}  // namespace sheaf::study
