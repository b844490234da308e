// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sheaf/batching/critical_heights.h"
#include "sheaf/batching/q_learning.h"
#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;
using Types = std::vector<graph::TypeId>;

Schedule plan_fsm(const FsmTable& table, const Dependencies& dependencies) {
  return plan_with(*make_policy("fsm", {.fsm = std::make_shared<FsmTable>(table)}), dependencies);
}

struct Steps {
  std::uint32_t known = 0;
  std::uint32_t unknown = 0;
};

// Goes through a schedule and checks every choice: that of the table where it knows the state, that
// of `critical` where it does not, and all ready nodes of the type in either case.
void expect_choices(const FsmTable& table, const Dependencies& dependencies,
                    const Schedule& schedule, Steps& steps) {
  Frontier frontier(dependencies);
  StateKey key;
  const std::uint32_t unknown_before = steps.unknown;
  for (const Batch& batch : schedule.batches) {
    encode_state(table.encoding, frontier, key);
    const std::optional<graph::TypeId> action = table.action(key);
    ++(action ? steps.known : steps.unknown);
    ASSERT_EQ(batch.type, action.value_or(CriticalHeights(dependencies, frontier).best(frontier)));
    ASSERT_EQ(batch.size(), frontier.count(batch.type));
    frontier.run(batch.type);
  }
  EXPECT_EQ(schedule.fallback_steps, steps.unknown - unknown_before);
}

TEST(FsmPolicy, SameFrontierGivesSameBatch) {
  base::Rng rng(6);
  const graph::Network network = any_network(4);
  Steps steps;
  for (const auto encoding :
       {StateEncoding::base, StateEncoding::max, StateEncoding::sort, StateEncoding::phase}) {
    graph::Graph learned_from(network);
    add_random_nodes(rng, {}, learned_from);
    const Learned learned = learn_fsm(dependencies_of(learned_from, learned_from.seal()),
                                      network.type_names(), {.encoding = encoding, .trials = 50});
    for (int round = 0; round < 10; ++round) {
      graph::Graph graph(network);
      add_random_nodes(rng, {}, graph);
      const Dependencies dependencies = dependencies_of(graph, graph.seal());
      ASSERT_NO_FATAL_FAILURE(expect_choices(learned.table, dependencies,
                                             plan_fsm(learned.table, dependencies), steps));
    }
  }
  EXPECT_GT(steps.known, 100U);
  EXPECT_GT(steps.unknown, 10U);
}

class FsmPolicyTest : public ::testing::Test {
 protected:
  // t0 and t1 ready, a t0 behind the t1: the ratio would take t1 first.
  FsmPolicyTest() {
    graph_.add(0, {});
    graph_.add(1, {});
    graph_.add(0, {Operand{1}});
    dependencies_.build(graph_, graph_.seal());
    table_.encoding = StateEncoding::base;
    table_.type_names = network_.type_names();
  }

  graph::Network network_ = any_network(2);
  graph::Graph graph_{network_};
  Dependencies dependencies_;
  FsmTable table_;
};

TEST_F(FsmPolicyTest, FollowsItsTableAgainstTheRatio) {
  table_.states[StateKey{0, 1}] = {0, 0};
  table_.states[StateKey{1}] = {1, 0};
  table_.states[StateKey{0}] = {0, 0};
  const Schedule schedule = plan_fsm(table_, dependencies_);
  EXPECT_EQ(types_of(schedule), (Types{0, 1, 0}));
  EXPECT_EQ(schedule.fallback_steps, 0U);
}

TEST_F(FsmPolicyTest, WithoutStatesFallsBackToSufficientInEveryStep) {
  const Schedule schedule = plan_fsm(table_, dependencies_);
  EXPECT_EQ(types_of(schedule), (Types{1, 0}));
  EXPECT_EQ(schedule.fallback_steps, 2U);
}

TEST_F(FsmPolicyTest, FallsBackInTheMiddleOfASchedule) {
  table_.states[StateKey{0, 1}] = {0, 0};
  const Schedule schedule = plan_fsm(table_, dependencies_);
  EXPECT_EQ(types_of(schedule), (Types{0, 1, 0}));
  EXPECT_EQ(schedule.fallback_steps, 2U);
}

TEST_F(FsmPolicyTest, FallsBackWhereItsActionIsNotReady) {
  table_.states[StateKey{0, 1}] = {1, 0};
  table_.states[StateKey{0}] = {1, 0};  // no t1 is ready then
  const Schedule schedule = plan_fsm(table_, dependencies_);
  EXPECT_EQ(types_of(schedule), (Types{1, 0}));
  EXPECT_EQ(schedule.fallback_steps, 1U);
}

TEST(FsmPolicy, WithoutStatesEqualsCriticalOnRandomGraphs) {
  base::Rng rng(8);
  const graph::Network network = any_network(4);
  const FsmTable empty{.type_names = network.type_names(), .states = {}};
  for (int round = 0; round < 20; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const Schedule fsm = plan_fsm(empty, dependencies);
    EXPECT_EQ(fsm.order, plan_with(*make_policy("critical"), dependencies).order);
    EXPECT_EQ(fsm.fallback_steps, fsm.batches.size());
  }
}

}  // namespace
}  // namespace sheaf::batching
