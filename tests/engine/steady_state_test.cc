// SPDX-License-Identifier: Apache-2.0
//
// From the second time on that minibatches are met, a session takes no memory: not to build their
// graphs, to schedule, plan and run them, nor to read their outputs.
#include <gtest/gtest.h>

#include "sheaf/engine/minibatches.h"
#include "tests/allocations.h"
#include "tests/engine/instances.h"

namespace sheaf::engine {
namespace {

class SteadyState : public testing::TestWithParam<std::string> {
 protected:
  SteadyState()
      : model_(test::seeded_model(GetParam())),
        instances_(test::random_instances(GetParam(), 40, 9)),
        order_(make_order(instances_.size(), 8, std::nullopt)) {}

  std::shared_ptr<const batching::FsmTable> learned() const {
    batching::QLearningOptions learning;
    learning.trials = 20;
    return std::make_shared<const batching::FsmTable>(
        learn_policy(*model_, instances_, 2, learning).table);
  }

  void expect_none_in_the_second_pass(const std::string& policy, memory_plan::Keep keep) {
    Options options;
    options.policy = policy;
    options.keep = keep;
    options.verify = false;
    if (policy == "fsm") options.parts.fsm = learned();
    const auto session = compile(model_->network(), options);
    graph::Graph graph(model_->network());
    const auto pass = [&] {
      for (std::size_t m = 0; m < order_.minibatches(); ++m) {
        build_graph(*model_, instances_, order_.minibatch(m), graph);
        session->begin();
        session->step(graph);
        for (const graph::Operand& output : graph.outputs()) sum_ += session->read(output)[0];
      }
    };
    pass();
    const std::uint64_t before = test::allocations();
    EXPECT_GT(before, 0U) << "operator new counts";
    pass();
    EXPECT_EQ(test::allocations() - before, 0U) << policy;
  }

  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
  Order order_;
  float sum_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Models, SteadyState,
                         testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                         test::model_name);

TEST_P(SteadyState, TakesNoMemoryWithAnyPolicyThatDoesNotSearch) {
  for (const char* policy : {"critical", "fsm", "sufficient", "depth", "agenda", "single"}) {
    expect_none_in_the_second_pass(policy, memory_plan::Keep::outputs);
  }
}

TEST_P(SteadyState, TakesNoMemoryWhereEverythingIsKept) {
  expect_none_in_the_second_pass("critical", memory_plan::Keep::everything);
}

TEST_P(SteadyState, TakesNoMemoryForSingleInstances) {
  order_ = make_order(instances_.size(), 1, std::nullopt);
  expect_none_in_the_second_pass("critical", memory_plan::Keep::outputs);
}

}  // namespace
}  // namespace sheaf::engine
