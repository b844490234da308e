// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/minibatches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "sheaf/base/error.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

std::vector<std::uint32_t> counted(std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(MakeOrder, CountsWithoutASeed) {
  EXPECT_EQ(make_order(5, 2, std::nullopt).indices, counted(5));
}

TEST(MakeOrder, ASeedGivesTheSameOrderEveryTime) {
  const auto first = make_order(100, 10, 7).indices;
  EXPECT_EQ(make_order(100, 10, 7).indices, first);
  EXPECT_NE(first, counted(100));
  EXPECT_NE(make_order(100, 10, 8).indices, first);
}

TEST(MakeOrder, AShuffleHasEveryInstanceOnce) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto indices = make_order(33, 10, seed).indices;
    std::sort(indices.begin(), indices.end());
    EXPECT_EQ(indices, counted(33));
  }
}

TEST(Order, CutsMinibatchesAndTheLastMayBeShorter) {
  const Order order = make_order(10, 4, std::nullopt);
  ASSERT_EQ(order.minibatches(), 3U);
  EXPECT_EQ(order.minibatch(0).size(), 4U);
  EXPECT_EQ(order.minibatch(1).front(), 4U);
  EXPECT_EQ(order.minibatch(2).size(), 2U);
  EXPECT_EQ(order.minibatch(2).back(), 9U);
}

TEST(Order, OfNothingHasNoMinibatch) { EXPECT_EQ(make_order(0, 4, 1).minibatches(), 0U); }

TEST(BuildGraph, ClearsAndAppendsTheInstancesNamed) {
  const auto model = test::seeded_model("tree_lstm");
  const auto instances = test::random_instances("tree_lstm", 5, 6);
  const auto nodes = [&](std::uint32_t i) {
    return 2 * std::get<nn::Tree>(instances[i]).nodes.size();
  };
  graph::Graph graph(model->network());
  build_graph(*model, instances, std::vector<std::uint32_t>{0, 1}, graph);
  build_graph(*model, instances, std::vector<std::uint32_t>{4, 2}, graph);
  ASSERT_EQ(graph.size(), nodes(4) + nodes(2));
  EXPECT_EQ(graph.instance(0), 4U);
  EXPECT_EQ(graph.instance(graph.size() - 1), 2U);
}

TEST(RunAll, GivesOutputsInTheOrderOfTheInstances) {
  const auto model = test::seeded_model("tree_lstm");
  const auto instances = test::random_instances("tree_lstm", 20, 6);
  const auto session = compile(model->network());
  const auto outputs = run_all(*model, instances, make_order(20, 6, 3), *session);
  ASSERT_EQ(outputs.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(outputs[i].rows.size(), std::get<nn::Tree>(instances[i]).nodes.size());
    EXPECT_TRUE(outputs[i].labels.empty());
  }
}

TEST(RunAll, DecodesALabelPerCharacter) {
  const auto model = test::seeded_model("lac");
  auto instances = test::random_instances("lac", 6, 5);
  instances.insert(instances.begin() + 2, nn::Sentence{});
  const auto session = compile(model->network());
  const auto outputs = run_all(*model, instances, make_order(7, 3, std::nullopt), *session);
  for (std::size_t i = 0; i < 7; ++i) {
    const std::size_t characters = std::get<nn::Sentence>(instances[i]).ids.size();
    EXPECT_EQ(outputs[i].rows.size(), characters);
    EXPECT_EQ(outputs[i].labels.size(), characters);
  }
  EXPECT_TRUE(outputs[2].rows.empty());
}

TEST(RunAll, RunsMinibatchesWithoutAnyNode) {
  const auto model = test::seeded_model("lac");
  const std::vector<nn::Instance> instances(3, nn::Sentence{});
  const auto session = compile(model->network());
  const auto outputs = run_all(*model, instances, make_order(3, 1, std::nullopt), *session);
  EXPECT_EQ(outputs.size(), 3U);
}

TEST(RunAll, LeavesInstancesThatTheOrderOmitsEmpty) {
  const auto model = test::seeded_model("tree_lstm");
  const auto instances = test::random_instances("tree_lstm", 4, 6);
  const auto session = compile(model->network());
  const auto outputs = run_all(*model, instances, Order{{2, 0}, 1}, *session);
  EXPECT_FALSE(outputs[0].rows.empty());
  EXPECT_TRUE(outputs[1].rows.empty());
  EXPECT_FALSE(outputs[2].rows.empty());
  EXPECT_TRUE(outputs[3].rows.empty());
}

// printf '\0\0\0\0' | sha256sum
TEST(DigestOf, IsSha256OfTheBytesOfAllRows) {
  const std::vector<InstanceOutputs> outputs(1, {{{0.0F}}, {}});
  EXPECT_EQ(digest_of(outputs), "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119");
}

TEST(DigestOf, DependsOnTheOrderOfInstances) {
  const InstanceOutputs one{{{1.0F}}, {}};
  const InstanceOutputs two{{{2.0F}}, {}};
  EXPECT_NE(digest_of(std::vector{one, two}), digest_of(std::vector{two, one}));
}

class LearnPolicy : public testing::TestWithParam<std::string> {
 protected:
  LearnPolicy()
      : model_(test::seeded_model(GetParam())),
        instances_(test::random_instances(GetParam(), 40, 7)) {
    options_.trials = 200;
  }
  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
  batching::QLearningOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Models, LearnPolicy, testing::Values("tree_lstm", "lattice_lstm", "lac"),
                         [](const auto& info) { return info.param; });

TEST_P(LearnPolicy, RunsTheBatchesThatItPromises) {
  const auto learned = learn_policy(*model_, instances_, 16, options_);
  EXPECT_GE(learned.batches, learned.lower_bound);
  EXPECT_EQ(learned.table.type_names, model_->network().type_names());
  const auto session =
      compile(model_->network(),
              {.policy = "fsm",
               .parts = {.fsm = std::make_shared<const batching::FsmTable>(learned.table)},
               .dump_after = {},
               .dump = {}});
  graph::Graph graph(model_->network());
  build_graph(*model_, instances_, make_order(16, 16, {}).indices, graph);
  EXPECT_EQ(session->step(graph).batches, learned.batches);
}

TEST_P(LearnPolicy, GivesTheSameTableForTheSameSeed) {
  EXPECT_EQ(batching::to_json(learn_policy(*model_, instances_, 16, options_).table),
            batching::to_json(learn_policy(*model_, instances_, 16, options_).table));
}

TEST_P(LearnPolicy, LooksAtTheFirstMinibatchOnly) {
  const auto all = learn_policy(*model_, instances_, 16, options_);
  instances_.resize(16);
  EXPECT_EQ(batching::to_json(learn_policy(*model_, instances_, 16, options_).table),
            batching::to_json(all.table));
}

TEST_P(LearnPolicy, LearnsFromFewerInstancesThanAMinibatch) {
  instances_.resize(2);
  const auto learned = learn_policy(*model_, instances_, 32, options_);
  EXPECT_GT(learned.lower_bound, 0U);
  EXPECT_GE(learned.batches, learned.lower_bound);
}

TEST_P(LearnPolicy, RefusesToLearnFromNothing) {
  instances_.clear();
  EXPECT_EQ(test::message_of<base::DataError>(
                [&] { static_cast<void>(learn_policy(*model_, instances_, 32, options_)); }),
            "[--data] nothing to learn from: got no instances");
}

}  // namespace
}  // namespace sheaf::engine
