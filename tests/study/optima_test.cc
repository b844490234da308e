// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/optima.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sheaf/base/error.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

const base::ThreadCpuClock kClock;

engine::Workload random_workload(const std::string& model) {
  engine::Workload workload;
  workload.model = test::seeded_model(model);
  workload.instances = test::random_instances(model, 21, 24);
  return workload;
}

// Path of a file of SHEAF_DATA, "" where there is none.
std::string shared_file(const char* name) {
  const char* folder = std::getenv("SHEAF_DATA");
  const std::string path = folder == nullptr ? "" : std::string(folder) + "/" + name;
  return std::filesystem::exists(path) ? path : "";
}

TEST(Optima, BoundsOptimaAndPolicyFollowEachOther) {
  const engine::Workload workload = random_workload("tree_lstm_2type");
  const Optima optima = find_optima(workload, {.group = 4}, kClock);
  EXPECT_EQ(optima.groups, 5U);
  EXPECT_EQ(optima.proven, 5U);
  EXPECT_LT(optima.lower_bound, optima.tightened_lower_bound);
  EXPECT_LE(optima.tightened_lower_bound, optima.proven_bound);
  EXPECT_EQ(optima.proven_bound, optima.found_batches);
  EXPECT_EQ(optima.found_batches, optima.optimal_batches_of_proven);
  EXPECT_GE(optima.policy_batches, optima.found_batches);
  EXPECT_GE(optima.policy_ratio(), 1);
  EXPECT_EQ(optima.mean_gap(), 0);
}

TEST(Optima, AreTheSameWithEveryCall) {
  const engine::Workload workload = random_workload("tree_lstm_2type");
  const Optima one = find_optima(workload, {.group = 7}, kClock);
  const Optima other = find_optima(workload, {.group = 7}, kClock);
  EXPECT_EQ(one.found_batches, other.found_batches);
  EXPECT_EQ(one.proven_bound, other.proven_bound);
}

TEST(Optima, AreOfTheInstancesThatPassTheFilter) {
  const engine::Workload workload = random_workload("lattice_lstm");
  const auto few = [](const nn::Instance& instance) {
    return std::get<nn::Lattice>(instance).positions() <= 12;
  };
  const Optima all = find_optima(workload, {.group = 1}, kClock);
  const Optima filtered = find_optima(workload, {.group = 1, .filter = few}, kClock);
  EXPECT_EQ(all.groups, 21U);
  EXPECT_LT(filtered.groups, 21U);
  EXPECT_GT(filtered.groups, 0U);
  EXPECT_EQ(find_optima(workload, {.group = 1, .most_groups = 3}, kClock).groups, 3U);
}

TEST(Optima, MessageNamesGroupsOfNone) {
  EXPECT_EQ(test::message_of<base::UsageError>(
                [] { (void)find_optima(random_workload("tree_lstm"), {.group = 0}, kClock); }),
            "[optima] instances per group: got 0, expected at least 1");
}

TEST(Optima, OfPairsOfTreesAreProvenFor95PercentAtLeast) {
  const std::string trees = shared_file("trees/dev.txt");
  if (trees.empty()) GTEST_SKIP() << "SHEAF_DATA does not name a folder that has the data";
  const engine::Workload workload =
      engine::open_workload({.model = "tree_lstm_2type", .data = trees, .hidden = 4});
  const Optima optima = find_optima(workload, {.group = 2}, kClock);
  EXPECT_EQ(optima.groups, 550U);
  EXPECT_GE(optima.proven, 523U);
}

TEST(Optima, OfLatticesOfAtMost20PositionsAreProvenFor95PercentAtLeast) {
  const std::string lattices = shared_file("lattice/dev.txt");
  if (lattices.empty()) GTEST_SKIP() << "SHEAF_DATA does not name a folder that has the data";
  const engine::Workload workload =
      engine::open_workload({.model = "lattice_lstm", .data = lattices, .hidden = 4});
  const auto few = [](const nn::Instance& instance) {
    return std::get<nn::Lattice>(instance).positions() <= 20;
  };
  const Optima optima = find_optima(workload, {.group = 1, .filter = few}, kClock);
  EXPECT_GT(optima.groups, 0U);
  EXPECT_GE(optima.proven * 100, optima.groups * 95);
}

// ED-Batch's beam of width 20 to 60 reached 1.13 to 1.23 times the sum of depths.
TEST(Optima, OfMinibatchesOf32AreWithin12TenthsOfTheSumOfDepthsByBeamSearch) {
  for (const auto& [model, file] : {std::pair{"lattice_lstm", "lattice/train.txt"},
                                    std::pair{"lattice_gru", "lattice/train.txt"},
                                    std::pair{"tree_lstm_2type", "trees/dev.txt"}}) {
    const std::string data = shared_file(file);
    if (data.empty()) GTEST_SKIP() << "SHEAF_DATA does not name a folder that has the data";
    const engine::Workload workload =
        engine::open_workload({.model = model, .data = data, .hidden = 4});
    const Optima optima = find_optima(
        workload, {.group = 32, .most_groups = 10, .policy = "beam", .limits = {.state_limit = 0}},
        kClock);
    EXPECT_EQ(optima.groups, 10U);
    EXPECT_LE(optima.policy_batches * 10, optima.lower_bound * 12) << model;
  }
}

}  // namespace
}  // namespace sheaf::study
