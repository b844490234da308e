// SPDX-License-Identifier: Apache-2.0
//
// What holds for every policy, and the policies without a test file of their own.
#include "sheaf/batching/policy.h"

#include <gtest/gtest.h>

#include <string>

#include "sheaf/base/error.h"
#include "sheaf/batching/q_learning.h"
#include "tests/base/small_stack.h"
#include "tests/batching/random_graph.h"
#include "tests/message_of.h"

namespace sheaf::batching {
namespace {

using graph::Operand;

// A table learned from one random graph, for graphs that it has not seen.
std::shared_ptr<const FsmTable> some_table(const graph::Network& network) {
  base::Rng rng(99);
  graph::Graph graph(network);
  add_random_nodes(rng, {}, graph);
  return std::make_shared<FsmTable>(
      learn_fsm(dependencies_of(graph, graph.seal()), network.type_names(), {.trials = 20}).table);
}

// Every type takes the same, and a search nothing, so that policy `cost` searches.
std::shared_ptr<const CostTable> some_costs(std::size_t types) {
  CostTable table{.batch_ns = 0, .greedy_node_ns = 0};
  table.types.assign(types, {{{1, 2}, {100, 101}}, 10});
  return std::make_shared<const CostTable>(std::move(table));
}

std::vector<std::unique_ptr<Policy>> all_policies(const graph::Network& network) {
  std::vector<std::unique_ptr<Policy>> policies;
  for (const std::string& name : policy_names()) {
    policies.push_back(
        make_policy(name, {.fsm = some_table(network), .costs = some_costs(network.type_count())}));
  }
  return policies;
}

TEST(MakePolicy, KnowsEveryListedName) {
  EXPECT_EQ(std::vector<std::string>(policy_names().begin(), policy_names().end()),
            (std::vector<std::string>{"single", "depth", "agenda", "fsm", "sufficient", "critical",
                                      "cost", "beam", "optimal"}));
  for (const std::string& name : policy_names()) {
    const auto policy =
        make_policy(name, {.fsm = std::make_shared<FsmTable>(), .costs = some_costs(1)});
    EXPECT_EQ(policy->name(), name);
    EXPECT_TRUE(policy->supports_growth());
  }
}

TEST(MakePolicy, DefaultIsCritical) {
  EXPECT_EQ(kDefaultPolicy, "critical");
  EXPECT_EQ(make_policy(kDefaultPolicy)->name(), "critical");
}

TEST(MakePolicy, MessageSuggestsTheNearestPolicy) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)make_policy("agendum"); }),
            "[--policy] unknown policy: got 'agendum'; did you mean 'agenda'?");
}

TEST(MakePolicy, MessageListsAllPoliciesWhenNoneIsNear) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)make_policy("xyzzy"); }),
            "[--policy] unknown policy: got 'xyzzy'; known are 'single' 'depth' 'agenda' 'fsm' "
            "'sufficient' 'critical' 'cost' 'beam' 'optimal'");
}

TEST(MakePolicy, MessageNamesABeamOfNoWidth) {
  EXPECT_EQ(test::message_of<base::UsageError>(
                [] { (void)make_policy("optimal", {.search = {.beam_width = 0}}); }),
            "[policy optimal] beam width: got 0, expected at least 1");
}

TEST(MakePolicy, MessageNamesATimeLimitWithoutClock) {
  EXPECT_EQ(test::message_of<base::UsageError>(
                [] { (void)make_policy("beam", {.search = {.time_limit_ns = 1}}); }),
            "[policy beam] a time limit without a clock: expected both or neither; limit the "
            "states instead to get the same schedule everywhere");
}

TEST(MakePolicy, MessageNamesAnFsmWithoutTable) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)make_policy("fsm"); }),
            "[policy fsm] no table: expected a learned one; learn one first (sheaf learn), or use "
            "'critical'");
}

TEST(Policies, SchedulesAreSoundAndNoShorterThanTheLowerBoundOnRandomGraphs) {
  base::Rng rng(20);
  for (const std::uint32_t types : {1U, 3U, 6U}) {
    const graph::Network network = any_network(types);
    const auto policies = all_policies(network);
    for (const std::uint32_t window : {1U, 5U, 40U}) {
      for (int round = 0; round < 8; ++round) {
        graph::Graph graph(network);
        add_random_nodes(rng, {.nodes = 60, .window = window}, graph);
        const graph::Segment segment = graph.seal();
        const Dependencies dependencies = dependencies_of(graph, segment);
        for (const auto& policy : policies) {
          const Schedule schedule = plan_with(*policy, dependencies);
          ASSERT_NO_THROW(schedule.verify(graph, segment)) << policy->name();
          ASSERT_GE(schedule.batches.size(), lower_bound(dependencies)) << policy->name();
        }
      }
    }
  }
}

TEST(Policies, PlanEverySegmentOfAGrowingGraphByItself) {
  base::Rng rng(21);
  const graph::Network network = any_network(4);
  for (const auto& policy : all_policies(network)) {
    graph::Graph graph(network);
    for (int step = 0; step < 5; ++step) {
      add_random_nodes(rng, {.nodes = 15, .window = 25}, graph);
      const graph::Segment segment = graph.seal();
      const Schedule schedule = plan_with(*policy, dependencies_of(graph, segment));
      ASSERT_NO_THROW(schedule.verify(graph, segment)) << policy->name();
      ASSERT_EQ(schedule.order.size(), 15U);
    }
  }
}

TEST(Policies, OfAnEmptySegmentMakeNoBatch) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  for (const auto& policy : all_policies(network)) {
    EXPECT_TRUE(plan_with(*policy, dependencies).batches.empty()) << policy->name();
  }
}

TEST(Policies, HaveNoStateOfTheirOwn) {
  base::Rng rng(22);
  const graph::Network network = any_network(4);
  graph::Graph one(network);
  graph::Graph other(network);
  add_random_nodes(rng, {}, one);
  add_random_nodes(rng, {}, other);
  const Dependencies dependencies = dependencies_of(one, one.seal());
  const Dependencies others = dependencies_of(other, other.seal());
  for (const auto& policy : all_policies(network)) {
    const Schedule first = plan_with(*policy, dependencies);
    EXPECT_EQ(plan_with(*policy, others).order.size(), 40U);
    EXPECT_EQ(plan_with(*policy, dependencies).order, first.order) << policy->name();
  }
}

TEST(Policies, PlanAChainOf100000WithoutRecursion) {
  constexpr std::uint32_t kLength = 100'000;
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  graph.add(0, {});
  for (std::uint32_t i = 1; i < kLength; ++i) graph.add(1, {Operand{i - 1}});
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  for (const auto& policy : all_policies(network)) {
    Schedule schedule;
    ASSERT_TRUE(base::run_on_small_stack([&] { policy->plan(dependencies, schedule); }));
    EXPECT_EQ(schedule.batches.size(), kLength) << policy->name();
  }
}

TEST(SinglePolicy, RunsOneNodeAtATimeInTheOrderOfTheGraph) {
  base::Rng rng(23);
  const graph::Network network = any_network(3);
  graph::Graph graph(network);
  add_random_nodes(rng, {}, graph);
  graph.seal();
  add_random_nodes(rng, {}, graph);
  const Schedule schedule = plan_with(*make_policy("single"), dependencies_of(graph, graph.seal()));
  ASSERT_EQ(schedule.batches.size(), 40U);
  for (std::uint32_t i = 0; i < 40; ++i) {
    EXPECT_EQ(schedule.batches[i].size(), 1U);
    EXPECT_EQ(schedule.order[i], 40 + i);
  }
}

TEST(DepthPolicy, MakesOneBatchPerDepthAndTypeInThatOrder) {
  base::Rng rng(24);
  const graph::Network network = any_network(3);
  for (int round = 0; round < 10; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const std::vector<std::uint32_t> depth = depths(dependencies);
    std::map<std::pair<std::uint32_t, graph::TypeId>, std::vector<graph::NodeId>> expected;
    for (LocalId v = 0; v < dependencies.size(); ++v) {
      expected[{depth[v], dependencies.type(v)}].push_back(v);
    }
    const Schedule schedule = plan_with(*make_policy("depth"), dependencies);
    ASSERT_EQ(schedule.batches.size(), expected.size());
    auto batch = schedule.batches.begin();
    for (const auto& [key, nodes] : expected) {
      EXPECT_EQ(batch->type, key.second);
      const auto mine = schedule.nodes(*batch++);
      EXPECT_EQ(std::vector<graph::NodeId>(mine.begin(), mine.end()), nodes);
    }
  }
}

TEST(SufficientPolicy, ReachesTheLowerBoundOnRandomTrees) {
  base::Rng rng(25);
  const graph::Network network = tree_network();
  for (int round = 0; round < 50; ++round) {
    graph::Graph graph(network);
    const std::uint32_t trees = 1 + rng.below(6);
    for (std::uint32_t i = 0; i < trees; ++i) {
      graph.begin_instance(i);
      add_random_tree(rng, 1 + rng.below(25), graph);
    }
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    EXPECT_EQ(plan_with(*make_policy("sufficient"), dependencies).batches.size(),
              lower_bound(dependencies));
  }
}

}  // namespace
}  // namespace sheaf::batching
