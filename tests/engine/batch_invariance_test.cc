// SPDX-License-Identifier: Apache-2.0
//
// Promise 1: an instance's outputs are bit-identical whatever the batch size, the policy, the order
// of the inputs, the memory plan or the number of threads.
#include <gtest/gtest.h>

#include <tuple>

#include "sheaf/engine/minibatches.h"
#include "tests/backend/isas.h"
#include "tests/engine/instances.h"

namespace sheaf::engine {
namespace {

using memory_plan::LayoutMode;

constexpr std::uint32_t kInstances = 66;  // two minibatches of 64 at most

class BatchInvariance : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  BatchInvariance()
      : name_(std::get<0>(GetParam())),
        isa_(std::get<1>(GetParam())),
        model_(test::seeded_model(name_)),
        instances_(test::random_instances(name_, kInstances, name_ == "lac" ? 3 : 9)) {
    batching::QLearningOptions learning;
    learning.trials = 60;
    fsm_ = std::make_shared<const batching::FsmTable>(
        learn_policy(*model_, instances_, 8, learning).table);
  }

  std::vector<InstanceOutputs> run(const std::string& policy, std::uint32_t batch,
                                   LayoutMode layout, std::optional<std::uint64_t> shuffle) {
    Options options;
    options.policy = policy;
    options.parts.fsm = fsm_;
    options.parts.costs = test::some_costs(model_->network());
    options.layout = layout;
    options.isa = isa_;
    options.verify = true;
    options.pool = pool_.get();
    const auto session = compile(model_->network(), options);
    const Order order = make_order(instances_.size(), batch, shuffle);
    return run_all(*model_, instances_, order, *session);
  }

  std::string name_;
  std::string isa_;
  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
  std::shared_ptr<const batching::FsmTable> fsm_;
  std::unique_ptr<base::ThreadPool> pool_;  // null: one thread
};

TEST_P(BatchInvariance, OneDigestForEveryPolicyBatchLayoutAndOrder) {
  const auto wanted = run("single", 1, LayoutMode::planned, std::nullopt);
  const std::string digest = digest_of(wanted);
  for (const std::string& policy : batching::policy_names()) {
    for (const std::uint32_t batch : {1U, 7U, 64U}) {
      for (const LayoutMode layout : {LayoutMode::planned, LayoutMode::unplanned}) {
        for (const std::optional<std::uint64_t> shuffle : {std::optional<std::uint64_t>{}, {5}}) {
          const auto got = run(policy, batch, layout, shuffle);
          ASSERT_EQ(digest_of(got), digest)
              << policy << ", batch " << batch << (shuffle ? ", shuffled" : "")
              << (layout == LayoutMode::planned ? ", planned" : ", unplanned");
          for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i].labels, wanted[i].labels);
        }
      }
    }
  }
}

TEST_P(BatchInvariance, OneDigestForEveryNumberOfThreads) {
  const std::string digest = digest_of(run("critical", 64, LayoutMode::planned, std::nullopt));
  for (const std::uint32_t threads : {2U, 3U}) {
    pool_ = std::make_unique<base::ThreadPool>(threads);
    for (const LayoutMode layout : {LayoutMode::planned, LayoutMode::unplanned}) {
      ASSERT_EQ(digest_of(run("critical", 64, layout, std::nullopt)), digest) << threads;
    }
  }
}

TEST_P(BatchInvariance, ADifferentWeightGivesADifferentDigest) {
  const std::string digest = digest_of(run("sufficient", 64, LayoutMode::planned, std::nullopt));
  model_ = test::seeded_model(name_, 20, 2);
  EXPECT_NE(digest_of(run("sufficient", 64, LayoutMode::planned, std::nullopt)), digest);
}

TEST_P(BatchInvariance, InstructionSetsAgreeTo1e5) {
  const auto got = run("sufficient", 64, LayoutMode::planned, std::nullopt);
  isa_ = "reference";
  const auto wanted = run("sufficient", 64, LayoutMode::planned, std::nullopt);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(got[i].rows.size(), wanted[i].rows.size());
    for (std::size_t r = 0; r < wanted[i].rows.size(); ++r) {
      for (std::size_t j = 0; j < wanted[i].rows[r].size(); ++j) {
        ASSERT_NEAR(got[i].rows[r][j], wanted[i].rows[r][j], 1e-5);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, BatchInvariance,
    testing::Combine(testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                     testing::ValuesIn(test::isas())),
    [](const auto& info) { return std::get<0>(info.param) + "_" + std::get<1>(info.param); });

}  // namespace
}  // namespace sheaf::engine
