// SPDX-License-Identifier: Apache-2.0
//
// How many batches the policies need at batch 64.
#include <gtest/gtest.h>

#include <map>

#include "tests/cli/families.h"
#include "tests/cli/synthetic.h"

namespace sheaf::test {
namespace {

class Batches : public FamilyTest {
 protected:
  [[nodiscard]] std::uint64_t of(const std::string& policy) const {
    return bench(options_ + Arguments{"--policy", policy, "--batch", "64"}).at("batches");
  }
};

TEST_P(Batches, FsmAndSufficientAreNeverAboveAgendaAndDepth) {
  const std::uint64_t agenda = of("agenda");
  const std::uint64_t depth = of("depth");
  for (const char* policy : {"fsm", "sufficient", "critical"}) {
    const std::uint64_t batches = of(policy);
    EXPECT_LE(batches, agenda) << policy;
    EXPECT_LE(batches, depth) << policy;
  }
}

TEST_P(Batches, NoPolicyIsBelowTheLowerBoundOrAboveOnePerNode) {
  for (const char* policy : {"single", "depth", "agenda", "fsm", "sufficient"}) {
    const auto figures = bench(options_ + Arguments{"--policy", policy});
    EXPECT_GE(figures.at("batches"), figures.at("lower_bound")) << policy;
    EXPECT_LE(figures.at("batches"), figures.at("nodes")) << policy;
  }
}

TEST_P(Batches, SingleRunsOneNodeAtATime) {
  const auto figures = bench(options_ + Arguments{"--policy", "single"});
  EXPECT_EQ(figures.at("batches"), figures.at("nodes"));
}

TEST_P(Batches, LowerBoundAndNodesAreThoseOfTheDataNotOfThePolicy) {
  const auto depth = bench(options_ + Arguments{"--policy", "depth"});
  const auto sufficient = bench(options_ + Arguments{"--policy", "sufficient"});
  EXPECT_EQ(depth.at("lower_bound"), sufficient.at("lower_bound"));
  EXPECT_EQ(depth.at("nodes"), sufficient.at("nodes"));
}

INSTANTIATE_TEST_SUITE_P(Synthetic, Batches, testing::ValuesIn(synthetic_families()), family_name);
INSTANTIATE_TEST_SUITE_P(Real, Batches, testing::ValuesIn(dev_families()), family_name);

void expect_at_lower_bound(const std::string& trees) {
  for (const char* policy : {"fsm", "sufficient", "critical"}) {
    const auto figures = bench({"--model", "tree_lstm", "--data", trees, "--hidden", "16",
                                "--batch", "64", "--policy", policy});
    EXPECT_EQ(figures.at("batches"), figures.at("lower_bound")) << policy;
  }
}

using BatchesOfTrees = Cli;

TEST_F(BatchesOfTrees, AreTheLowerBound) {
  expect_at_lower_bound(folder_.write("trees", random_trees(300, 2)));
}

TEST_F(BatchesOfTrees, AreTheLowerBoundOnSstDev) {
  const std::string trees = shared_data("trees/dev.txt");
  if (trees.empty()) GTEST_SKIP() << kNoSharedData;
  expect_at_lower_bound(trees);
}

// Leaves, one batch per level, heads.
TEST_F(BatchesOfTrees, OfOneTreeAreItsHeightAndTwo) {
  const auto figures = bench({"--model", "tree_lstm", "--hidden", "16", "--data",
                              folder_.write("t", "(0 (0 (0 a) (0 b)) (0 (0 c) (0 d)))\n")});
  EXPECT_EQ(figures.at("nodes"), 14);
  EXPECT_EQ(figures.at("batches"), 4);
  EXPECT_EQ(figures.at("lower_bound"), 4);
}

// Learns on `train` and measures on `dev`.
void expect_few_fallback_steps(const TempFolder& folder, const std::string& model,
                               const std::string& train, const std::string& dev) {
  const Arguments options = {"--model", model, "--hidden", "16"};
  static_cast<void>(sheaf_output(Arguments{"learn"} + options +
                                 Arguments{"--data", train, "--out", folder.path("policy")}));
  const auto figures = bench(options + Arguments{"--data", dev, "--policy", "fsm", "--policy-file",
                                                 folder.path("policy")});
  const std::uint64_t batches = figures.at("batches");
  EXPECT_GT(figures.at("policy_states"), 0);
  EXPECT_LE(figures.at("fallback_steps").get<std::uint64_t>() * 20, batches)
      << figures.at("fallback_steps") << " of " << batches;
}

using FallbackSteps = Cli;

TEST_F(FallbackSteps, AreFewOnNewTrees) {
  expect_few_fallback_steps(folder_, "tree_lstm", folder_.write("train", random_trees(64, 3)),
                            folder_.write("dev", random_trees(300, 4)));
}

TEST_F(FallbackSteps, AreFewOnNewLattices) {
  expect_few_fallback_steps(folder_, "lattice_lstm", folder_.write("train", random_lattices(64, 3)),
                            folder_.write("dev", random_lattices(300, 4)));
}

TEST_F(FallbackSteps, AreFewOnSstDevWhenLearnedOnTrain) {
  const std::string train = shared_data("trees/train.txt");
  const std::string dev = shared_data("trees/dev.txt");
  if (train.empty() || dev.empty()) GTEST_SKIP() << kNoSharedData;
  expect_few_fallback_steps(folder_, "tree_lstm", train, dev);
}

TEST_F(FallbackSteps, AreFewOnLatticeDevWhenLearnedOnTrain) {
  const std::string train = shared_data("lattice/train.txt");
  const std::string dev = shared_data("lattice/dev.txt");
  if (train.empty() || dev.empty()) GTEST_SKIP() << kNoSharedData;
  expect_few_fallback_steps(folder_, "lattice_lstm", train, dev);
}

}  // namespace
}  // namespace sheaf::test
