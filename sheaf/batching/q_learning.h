// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/batching/dependencies.h"
#include "sheaf/batching/fsm_table.h"

namespace sheaf::batching {

// Tabular Q-learning of an FSM policy (ED-Batch, section 2.3). The values are those of the released
// code (dynet/ooc-scheduler.h): the paper gives neither alpha nor the learning rate.
struct QLearningOptions {
  StateEncoding encoding = StateEncoding::sort;
  std::uint32_t trials = 1000;
  float learning_rate = 0.4F;
  float discount = 1.0F;           // gamma
  float ratio_weight = 1.0F;       // alpha: reward = -1 + alpha |Frontier_a(G)| / |Frontier(G^a)|
  std::uint32_t steps = 10;        // N of the N-step return
  float epsilon = 0.5F;            // share of random choices in the first trial ...
  float epsilon_decay = 0.9F;      // ... multiplied by this after each ...
  float epsilon_min = 0.05F;       // ... down to this
  std::uint32_t check_every = 50;  // trials between evaluations of the greedy policy
  float accept = 1.01F;  // stop when its batches are fewer than this times the lower bound
  std::uint64_t seed = 1;
  std::uint32_t most_states = 300;  // tables with more are not taken

  // Policies whose choices a table may hold instead, where that is better; see learn_fsm(). Names
  // of make_policy() that need no parts. None: Q-learning only, as in the paper.
  std::vector<std::string> teachers = {"critical", "sufficient"};
};

struct Learned {
  FsmTable table;                 // the best that was seen at an evaluation
  std::uint32_t trials = 0;       // run in all
  std::uint32_t batches = 0;      // of the best table on the minibatch learned from
  std::uint32_t lower_bound = 0;  // of the same
  std::string teacher;            // whose choices the table holds; empty: Q-learning's own
};

// Learns from one minibatch. The same seed gives the same table. Where Q-learning ends above the
// best of the teachers, or needs at least twice the states for as few batches, the table holds the
// teacher's choices instead, by state: an FSM is never learned to be worse than what needs no
// learning, and of two that are as good the simpler one meets other minibatches better. (ED-Batch
// calls its machine a time-efficient distiller; here it distils whom one likes.)
//
// `start`: a table to go on from, of the same encoding and types. Its Q values and states are kept
// where this minibatch says nothing else, and it is given back where nothing better is found.
[[nodiscard]] Learned learn_fsm(const Dependencies& dependencies,
                                std::span<const std::string> type_names,
                                const QLearningOptions& options, const FsmTable* start = nullptr);

}  // namespace sheaf::batching
