// SPDX-License-Identifier: Apache-2.0
//
// What the study of batching counts; how long anything took is not tested.
#include "sheaf/study/batching.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

const std::vector<std::string> kModels = {"bilstm_tagger", "tree_lstm_2type"};

// Two models at one and four instances, three minibatches of each.
BatchingOptions options() {
  return {.models = kModels,
          .batches = {1, 4},
          .data_dir = {},
          .minibatches = 3,
          .optimal_below = 2,
          .search = {.beam_width = 8, .state_limit = 100'000},
          .seed = 1,
          .progress = nullptr};
}

const std::vector<WorkloadFigures>& studied() {
  static const std::vector<WorkloadFigures> kFigures = study_batching(options());
  return kFigures;
}

const PolicyFigures* find(const WorkloadFigures& workload, const std::string& policy) {
  const auto it = std::find_if(workload.policies.begin(), workload.policies.end(),
                               [&](const PolicyFigures& p) { return p.policy == policy; });
  return it == workload.policies.end() ? nullptr : &*it;
}

TEST(StudyBatching, HasEveryModelAtEverySize) {
  ASSERT_EQ(studied().size(), 4U);
  for (std::size_t w = 0; w < 4; ++w) {
    const WorkloadFigures& workload = studied()[w];
    EXPECT_EQ(workload.model, kModels[w / 2]);
    EXPECT_EQ(workload.family, w / 2 == 0 ? "chain" : "tree");
    EXPECT_EQ(workload.batch, w % 2 == 0 ? 1U : 4U);
    EXPECT_EQ(workload.minibatches, 3U);
    EXPECT_TRUE(workload.data.starts_with("random:")) << workload.data;
  }
}

TEST(StudyBatching, HasEveryPolicyAndOptimalWhereMinibatchesAreSmall) {
  for (const WorkloadFigures& workload : studied()) {
    for (const char* policy : {"fsm:base", "fsm:max", "fsm:sort", "fsm", "depth", "agenda",
                               "sufficient", "critical", "beam"}) {
      EXPECT_NE(find(workload, policy), nullptr) << policy;
    }
    EXPECT_EQ(find(workload, "optimal") != nullptr, workload.batch < 2) << workload.batch;
    EXPECT_EQ(workload.policies.size(), workload.batch < 2 ? 10U : 9U);
  }
}

TEST(StudyBatching, NoPolicyBeatsABound) {
  for (const WorkloadFigures& workload : studied()) {
    EXPECT_GT(workload.lower_bound, 0U);
    EXPECT_GE(workload.tightened_bound, workload.lower_bound);
    for (const PolicyFigures& policy : workload.policies) {
      EXPECT_GE(policy.batches, workload.tightened_bound) << policy.policy;
      EXPECT_LE(policy.batches, workload.nodes) << policy.policy;
    }
  }
}

TEST(StudyBatching, NoPolicyBeatsAProvenOptimum) {
  std::uint32_t proven = 0;
  for (const WorkloadFigures& workload : studied()) {
    for (const PolicyFigures& policy : workload.policies) {
      EXPECT_LE(policy.proven, workload.minibatches);
      EXPECT_EQ(policy.proven, workload.policies[0].proven);  // of the minibatch, not of the policy
      EXPECT_EQ(policy.proven == 0, workload.optimum_proven == 0);
      EXPECT_GE(policy.batches_proven, workload.optimum_proven) << policy.policy;
      EXPECT_LE(policy.batches_proven, policy.batches) << policy.policy;
      if (policy.proven == workload.minibatches) {
        EXPECT_EQ(policy.batches_proven, policy.batches) << policy.policy;
      }
      proven += policy.proven;
    }
  }
  EXPECT_GT(proven, 0U);
}

TEST(StudyBatching, SearchesOfSmallMinibatchesProveAllOptima) {
  for (const WorkloadFigures& workload : studied()) {
    if (workload.batch != 1) continue;
    const PolicyFigures* optimal = find(workload, "optimal");
    ASSERT_NE(optimal, nullptr);
    EXPECT_EQ(optimal->proven, 3U);
    EXPECT_EQ(optimal->batches, workload.optimum_proven);
  }
}

TEST(StudyBatching, OnlyMachinesHaveStatesTrialsAndFallBackSteps) {
  for (const WorkloadFigures& workload : studied()) {
    for (const PolicyFigures& policy : workload.policies) {
      const bool machine = policy.policy.starts_with("fsm");
      EXPECT_EQ(policy.states > 0, machine) << policy.policy;
      EXPECT_EQ(policy.trials > 0, machine) << policy.policy;
      EXPECT_LE(policy.fallback_steps, machine ? policy.batches : 0U) << policy.policy;
    }
  }
}

TEST(StudyBatching, AMachineIsTheSameAtEverySize) {
  for (std::size_t w = 0; w + 1 < studied().size(); w += 2) {
    for (const char* policy : {"fsm:base", "fsm:max", "fsm:sort", "fsm"}) {
      EXPECT_EQ(find(studied()[w], policy)->states, find(studied()[w + 1], policy)->states);
      EXPECT_EQ(find(studied()[w], policy)->trials, find(studied()[w + 1], policy)->trials);
    }
  }
}

TEST(StudyBatching, CountsAreTheSameWithEveryCall) {
  BatchingOptions one = options();
  one.models = {"tree_lstm_2type"};
  one.batches = {4};
  const auto again = study_batching(one);
  ASSERT_EQ(again.size(), 1U);
  const WorkloadFigures& before = studied()[3];
  EXPECT_EQ(again[0].nodes, before.nodes);
  EXPECT_EQ(again[0].lower_bound, before.lower_bound);
  ASSERT_EQ(again[0].policies.size(), before.policies.size());
  for (std::size_t p = 0; p < before.policies.size(); ++p) {
    EXPECT_EQ(again[0].policies[p].batches, before.policies[p].batches);
    EXPECT_EQ(again[0].policies[p].states, before.policies[p].states);
  }
}

TEST(StudyBatching, TheSeedIsThatOfRandomStructureToo) {
  BatchingOptions other = options();
  other.models = {"tree_lstm_2type"};
  other.batches = {4};
  other.seed = 2;
  EXPECT_NE(study_batching(other).at(0).nodes, studied()[3].nodes);
}

TEST(StudyBatching, TellsWhatBegins) {
  BatchingOptions told = options();
  told.models = {"bilstm_tagger"};
  std::vector<std::string> heard;
  told.progress = [&](std::string_view text) { heard.emplace_back(text); };
  static_cast<void>(study_batching(told));
  EXPECT_EQ(heard, (std::vector<std::string>{"bilstm_tagger, batch 1", "bilstm_tagger, batch 4"}));
}

TEST(StudyBatching, UnknownModelSuggestsTheNearest) {
  const std::string message = test::message_of<base::UsageError>(
      [] { static_cast<void>(study_batching({.models = {"tree_lsmt"}})); });
  EXPECT_NE(message.find("did you mean 'tree_lstm'?"), std::string::npos) << message;
}

WorkloadFigures figures(const std::string& family, std::uint64_t bound, std::uint64_t depth,
                        std::uint64_t agenda, std::uint64_t critical) {
  WorkloadFigures workload;
  workload.model = "a_" + family;
  workload.family = family;
  workload.lower_bound = bound;
  workload.policies = {{.policy = "depth", .batches = depth},
                       {.policy = "agenda", .batches = agenda},
                       {.policy = "critical", .batches = critical}};
  return workload;
}

TEST(MeansByFamily, AreGeometricAndAgainstTheBetterOfDepthAndAgenda) {
  // Over the bound 1 and 4; saved 15 / 10 and 240 / 40.
  const auto means =
      means_by_family({figures("tree", 10, 20, 15, 10), figures("lattice", 3, 9, 9, 6),
                       figures("tree", 10, 240, 300, 40)});
  ASSERT_EQ(means.size(), 2U);
  EXPECT_EQ(means[0].family, "tree");
  EXPECT_DOUBLE_EQ(means[0].over_bound, 2);
  EXPECT_DOUBLE_EQ(means[0].saved, 3);
  EXPECT_EQ(means[1].family, "lattice");
  EXPECT_DOUBLE_EQ(means[1].over_bound, 2);
  EXPECT_DOUBLE_EQ(means[1].saved, 1.5);
}

TEST(MeansByFamily, OfNothingAreNone) { EXPECT_TRUE(means_by_family({}).empty()); }

}  // namespace
}  // namespace sheaf::study
