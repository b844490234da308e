// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/q_learning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;

std::size_t batches_with(const FsmTable& table, const Dependencies& dependencies) {
  return plan_with(*make_policy("fsm", {.fsm = std::make_shared<FsmTable>(table)}), dependencies)
      .batches.size();
}

TEST(LearnFsm, SameSeedGivesTheSameTable) {
  base::Rng rng(9);
  const graph::Network network = any_network(5);
  graph::Graph graph(network);
  add_random_nodes(rng, {.nodes = 80}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  const QLearningOptions options{.trials = 60, .seed = 17};
  const Learned a = learn_fsm(dependencies, network.type_names(), options);
  const Learned b = learn_fsm(dependencies, network.type_names(), options);
  EXPECT_GT(a.table.states.size(), 5U);
  EXPECT_EQ(to_json(a.table), to_json(b.table));
  EXPECT_EQ(a.trials, b.trials);
  EXPECT_EQ(a.batches, b.batches);
}

TEST(LearnFsm, ReachesTheLowerBoundOnTreesWithEveryEncoding) {
  base::Rng rng(10);
  const graph::Network network = tree_network();
  for (const auto encoding : {StateEncoding::base, StateEncoding::max, StateEncoding::sort}) {
    graph::Graph graph(network);
    for (std::uint32_t i = 0; i < 4; ++i) {
      graph.begin_instance(i);
      add_random_tree(rng, 10 + rng.below(20), graph);
    }
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const Learned learned = learn_fsm(dependencies, network.type_names(), {.encoding = encoding});
    EXPECT_EQ(learned.lower_bound, lower_bound(dependencies));
    EXPECT_EQ(learned.batches, learned.lower_bound) << name(encoding);
    EXPECT_EQ(batches_with(learned.table, dependencies), learned.lower_bound) << name(encoding);
    EXPECT_EQ(learned.table.encoding, encoding);
    EXPECT_EQ(learned.table.type_names, network.type_names());
  }
}

TEST(LearnFsm, ReachesTheLowerBoundOnTreesThatItHasNotSeen) {
  base::Rng rng(11);
  const graph::Network network = tree_network();
  graph::Graph seen(network);
  for (int i = 0; i < 8; ++i) add_random_tree(rng, 12, seen);
  const Learned learned = learn_fsm(dependencies_of(seen, seen.seal()), network.type_names(), {});
  for (int round = 0; round < 10; ++round) {
    graph::Graph graph(network);
    for (int i = 0; i < 8; ++i) add_random_tree(rng, 2 + rng.below(30), graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    EXPECT_EQ(batches_with(learned.table, dependencies), lower_bound(dependencies));
  }
}

TEST(LearnFsm, TableNeedsAsManyBatchesAsItSays) {
  base::Rng rng(12);
  for (const std::uint32_t types : {2U, 4U, 6U}) {
    const graph::Network network = any_network(types);
    for (const auto encoding : {StateEncoding::base, StateEncoding::max, StateEncoding::sort}) {
      graph::Graph graph(network);
      add_random_nodes(rng, {.nodes = 60}, graph);
      const Dependencies dependencies = dependencies_of(graph, graph.seal());
      const Learned learned = learn_fsm(dependencies, network.type_names(),
                                        {.encoding = encoding, .trials = 30, .check_every = 10});
      EXPECT_EQ(batches_with(learned.table, dependencies), learned.batches);
      EXPECT_GE(learned.batches, learned.lower_bound);
    }
  }
}

TEST(LearnFsm, TableMayBeWrittenAndReadBack) {
  base::Rng rng(13);
  const graph::Network network = any_network(4);
  graph::Graph graph(network);
  add_random_nodes(rng, {}, graph);
  const Learned learned = learn_fsm(dependencies_of(graph, graph.seal()), network.type_names(),
                                    {.encoding = StateEncoding::max, .trials = 20});
  const std::string text = to_json(learned.table);
  // The reader refuses an action that its state does not name, so every action was ready.
  EXPECT_EQ(to_json(parse_fsm_table(text, "p.json")), text);
}

TEST(LearnFsm, RunsNoMoreTrialsThanAskedForAndEvaluatesTheLast) {
  base::Rng rng(14);
  const graph::Network network = any_network(5);
  graph::Graph graph(network);
  add_random_nodes(rng, {.nodes = 80}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  const Learned learned =
      learn_fsm(dependencies, network.type_names(), {.trials = 7, .check_every = 50, .accept = 0});
  EXPECT_EQ(learned.trials, 7U);
  EXPECT_EQ(learned.batches, batches_with(learned.table, dependencies));
}

TEST(LearnFsm, StopsAtTheFirstEvaluationThatIsGoodEnough) {
  const graph::Network network = any_network(1);
  graph::Graph graph(network);
  graph.add(0, {});
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  EXPECT_EQ(learn_fsm(dependencies, network.type_names(), {.check_every = 3}).trials, 3U);
  // Never good enough: fewer batches than the lower bound are asked for.
  EXPECT_EQ(
      learn_fsm(dependencies, network.type_names(), {.trials = 10, .check_every = 3, .accept = 1})
          .trials,
      10U);
}

// A chain of three t0, in which every step is in the same state.
class LearnChain : public ::testing::Test {
 protected:
  LearnChain() {
    graph_.add(0, {});
    graph_.add(0, {Operand{0}});
    graph_.add(0, {Operand{1}});
    dependencies_.build(graph_, graph_.seal());
  }
  float value(const QLearningOptions& options) const {
    return learn_fsm(dependencies_, network_.type_names(), options)
        .table.states.at(StateKey{0})
        .value;
  }

  graph::Network network_ = any_network(1);
  graph::Graph graph_{network_};
  Dependencies dependencies_;
};

TEST_F(LearnChain, ValueMovesTowardsTheReturnOfWhatIsLeft) {
  // Returns -3, -2, -1; from 0 by halves: -1.5, -1.75, -1.375.
  EXPECT_EQ(value({.trials = 1, .learning_rate = 0.5F, .ratio_weight = 0}), -1.375F);
}

TEST_F(LearnChain, ReturnOfOneStepLeansOnTheValueOfTheNext) {
  // Targets -1 + 0, -1 - 0.5, -1 (nothing comes after the last); from 0 by halves: -0.5, -1, -1.
  EXPECT_EQ(value({.trials = 1, .learning_rate = 0.5F, .ratio_weight = 0, .steps = 1}), -1.0F);
}

TEST_F(LearnChain, DiscountShrinksWhatComesLater) {
  // Returns -1.75, -1.5, -1; the last is taken whole.
  EXPECT_EQ(value({.trials = 1, .learning_rate = 1, .discount = 0.5F, .ratio_weight = 0}), -1.0F);
  // From 0 by halves: -0.875, -1.1875, -1.09375.
  EXPECT_EQ(value({.trials = 1, .learning_rate = 0.5F, .discount = 0.5F, .ratio_weight = 0}),
            -1.09375F);
}

TEST_F(LearnChain, AStepOfRatioOneCostsNothing) { EXPECT_EQ(value({.trials = 1}), 0.0F); }

TEST(LearnFsm, OfEqualValuesTakesTheFirstType) {
  // The state is (t1, t0), since more of t1 are ready; whatever is taken costs nothing.
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  graph.add(0, {});
  graph.add(1, {});
  graph.add(1, {});
  const Learned learned = learn_fsm(dependencies_of(graph, graph.seal()), network.type_names(),
                                    {.trials = 20, .epsilon = 1, .epsilon_decay = 1});
  EXPECT_EQ(learned.teacher, "");
  EXPECT_EQ(learned.table.states.at(StateKey{1, 0}).action, 0U);
  EXPECT_EQ(learned.table.states.at(StateKey{1, 0}).value, 0.0F);
}

// t0 and t1 ready, a t0 behind the t1: 2 batches when t1 is taken first, otherwise 3.
class LearnChoice : public ::testing::Test {
 protected:
  LearnChoice() {
    graph_.add(0, {});
    graph_.add(1, {});
    graph_.add(0, {Operand{1}});
    dependencies_.build(graph_, graph_.seal());
  }
  Learned learn(const QLearningOptions& options) const {
    return learn_fsm(dependencies_, network_.type_names(), options);
  }

  graph::Network network_ = any_network(2);
  graph::Graph graph_{network_};
  Dependencies dependencies_;
};

TEST_F(LearnChoice, TakesTheActionOfTheHighestValue) {
  const Learned learned =
      learn({.trials = 20, .learning_rate = 1, .epsilon = 1, .epsilon_decay = 1});
  EXPECT_EQ(learned.teacher, "");
  ASSERT_EQ(learned.table.states.size(), 3U);
  const FsmState state = learned.table.states.at(StateKey{0, 1});
  EXPECT_EQ(state.action, 1U);
  EXPECT_EQ(state.value, 0.0F);  // ratio 1 in both steps; t0 first would be 1/2 less
  EXPECT_EQ(learned.batches, 2U);
}

TEST_F(LearnChoice, LeavesOutStatesInWhichAReadyTypeWasNotTried) {
  // Without exploring, the first type of equal values is taken: t0. Nothing is known of t1 then.
  const Learned learned = learn({.trials = 1, .epsilon = 0, .epsilon_min = 0});
  EXPECT_EQ(learned.teacher, "");
  EXPECT_FALSE(learned.table.states.contains(StateKey{0, 1}));
  EXPECT_TRUE(learned.table.states.contains(StateKey{0}));
  EXPECT_TRUE(learned.table.states.contains(StateKey{1}));
  EXPECT_EQ(learned.batches, 2U);  // the ratio decides in the state that was left out
}

TEST_F(LearnChoice, TakesTheChoicesOfATeacherWhereLearningEndsAboveIt) {
  // A reward that is the better the lower the ratio, and that looks no step ahead.
  const QLearningOptions wrong{
      .trials = 20, .discount = 0, .ratio_weight = -1, .epsilon = 1, .epsilon_decay = 1};
  const Learned learned = learn(wrong);
  EXPECT_NE(learned.teacher, "");
  EXPECT_EQ(learned.batches, 2U);
  EXPECT_EQ(learned.trials, 20U);
  ASSERT_EQ(learned.table.states.size(), 3U);  // two of the teacher, {t1} of Q-learning
  EXPECT_EQ(learned.table.states.at(StateKey{0, 1}).action, 1U);
  EXPECT_EQ(learned.table.states.at(StateKey{0}).action, 0U);
}

// Choices of a policy by state; the most frequent, where it chooses now this and now that.
std::map<StateKey, graph::TypeId> choices_of(const std::string& policy,
                                             const Dependencies& dependencies,
                                             StateEncoding encoding) {
  std::map<StateKey, std::map<graph::TypeId, int>> all;
  Frontier frontier(dependencies);
  StateKey key;
  for (const graph::TypeId type : types_of(plan_with(*make_policy(policy), dependencies))) {
    encode_state(encoding, frontier, key);
    ++all[key][type];
    frontier.run(type);
  }
  std::map<StateKey, graph::TypeId> choices;
  for (const auto& [state, counts] : all) {
    choices[state] = std::max_element(counts.begin(), counts.end(), [](auto a, auto b) {
                       return a.second < b.second;
                     })->first;
  }
  return choices;
}

TEST(LearnFsm, OfTablesThatAreAsGoodTakesTheOneOfHalfTheStates) {
  base::Rng rng(17);
  const graph::Network network = any_network(4);
  int distilled = 0;
  int learned_itself = 0;
  for (int round = 0; round < 60; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 30}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const Learned learned =
        learn_fsm(dependencies, network.type_names(), {.trials = 100, .teachers = {"sufficient"}});
    const auto choices = choices_of("sufficient", dependencies, StateEncoding::sort);
    if (learned.teacher == "sufficient") {
      ++distilled;
      ASSERT_GE(learned.table.states.size(), choices.size());
      for (const auto& [key, type] : choices) ASSERT_EQ(learned.table.action(key), type);
      continue;
    }
    FsmTable distilled_table{.type_names = network.type_names(), .states = {}};
    for (const auto& [key, type] : choices) distilled_table.states[key] = {type, 0};
    if (learned.batches == batches_with(distilled_table, dependencies)) {
      ++learned_itself;
      ASSERT_LT(learned.table.states.size(), 2 * choices.size());
    }
  }
  EXPECT_GT(distilled, 0);
  EXPECT_GT(learned_itself, 0);
}

TEST(LearnFsm, IsNeverWorseThanItsTeachersOnWhatItLearnedFrom) {
  base::Rng rng(15);
  for (const std::uint32_t types : {2U, 3U, 5U}) {
    const graph::Network network = any_network(types);
    for (const auto encoding : {StateEncoding::base, StateEncoding::max, StateEncoding::sort}) {
      for (int round = 0; round < 20; ++round) {
        graph::Graph graph(network);
        add_random_nodes(rng, {}, graph);
        const Dependencies dependencies = dependencies_of(graph, graph.seal());
        const Learned learned =
            learn_fsm(dependencies, network.type_names(), {.encoding = encoding, .trials = 5});
        for (const char* teacher : {"critical", "sufficient"}) {
          const auto choices = choices_of(teacher, dependencies, encoding);
          FsmTable table{.encoding = encoding, .type_names = network.type_names(), .states = {}};
          for (const auto& [key, type] : choices) table.states[key] = {type, 0};
          ASSERT_LE(learned.batches, batches_with(table, dependencies))
              << teacher << ", " << name(encoding) << ", " << types << " types, round " << round;
        }
      }
    }
  }
}

TEST(LearnFsm, WithoutTeachersTakesWhatQLearningFoundHoweverBad) {
  base::Rng rng(18);
  const graph::Network network = any_network(5);
  graph::Graph graph(network);
  add_random_nodes(rng, {.nodes = 80}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  const Learned learned = learn_fsm(dependencies, network.type_names(),
                                    {.trials = 20, .ratio_weight = -1, .teachers = {}});
  EXPECT_EQ(learned.teacher, "");
  EXPECT_FALSE(learned.table.states.empty());
  EXPECT_EQ(batches_with(learned.table, dependencies), learned.batches);
}

TEST(LearnFsm, TakesNoTableOfMoreStatesThanAllowed) {
  base::Rng rng(19);
  const graph::Network network = any_network(5);
  graph::Graph graph(network);
  add_random_nodes(rng, {.nodes = 80}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  for (const std::uint32_t most : {0U, 3U, 20U, 300U}) {
    const Learned learned =
        learn_fsm(dependencies, network.type_names(), {.trials = 20, .most_states = most});
    EXPECT_LE(learned.table.states.size(), most);
    EXPECT_EQ(batches_with(learned.table, dependencies), learned.batches);
  }
}

// Two minibatches of one network.
class LearnOn : public ::testing::Test {
 protected:
  LearnOn() {
    base::Rng rng(20);
    add_random_nodes(rng, {.nodes = 60}, first_graph_);
    add_random_nodes(rng, {.nodes = 60}, second_graph_);
    first_ = dependencies_of(first_graph_, first_graph_.seal());
    second_ = dependencies_of(second_graph_, second_graph_.seal());
  }
  graph::Network network_ = any_network(4);
  graph::Graph first_graph_{network_};
  graph::Graph second_graph_{network_};
  Dependencies first_;
  Dependencies second_;
  const QLearningOptions options_{.trials = 60, .teachers = {}};
};

TEST_F(LearnOn, KeepsTheStatesThatItKnew) {
  const FsmTable start = learn_fsm(first_, network_.type_names(), options_).table;
  const FsmTable table = learn_fsm(second_, network_.type_names(), options_, &start).table;
  EXPECT_GT(table.states.size(), start.states.size());
  for (const auto& [key, state] : start.states) EXPECT_TRUE(table.states.contains(key));
}

TEST_F(LearnOn, IsNeverWorseThanWhatItStartedFrom) {
  const FsmTable start = learn_fsm(first_, network_.type_names(), options_).table;
  for (const std::uint32_t trials : {1U, 5U, 60U}) {
    QLearningOptions options = options_;
    options.trials = trials;
    const Learned learned = learn_fsm(second_, network_.type_names(), options, &start);
    EXPECT_LE(learned.batches, batches_with(start, second_));
  }
}

// ED-Batch, appendix A.4 and figure 10, in its smallest form: two chains whose types are swapped
// half-way. Where one has A ready and the other B, A has to run first in the first half and B in
// the second.
class LearnTwoPhases : public ::testing::Test {
 protected:
  LearnTwoPhases() {
    for (const std::vector<graph::TypeId>& chain : {Chain{0, 1, 1, 0}, Chain{1, 0}}) {
      for (std::size_t i = 0; i < chain.size(); ++i) {
        if (i == 0) {
          graph_.add(chain[i], {});
        } else {
          graph_.add(chain[i], {Operand{graph_.size() - 1}});
        }
      }
    }
    dependencies_.build(graph_, graph_.seal());
  }
  using Chain = std::vector<graph::TypeId>;

  graph::Network network_ = any_network(2);
  graph::Graph graph_{network_};
  Dependencies dependencies_;
};

TEST_F(LearnTwoPhases, NoTableOfTheSortEncodingIsOptimal) {
  for (const graph::TypeId first : {graph::TypeId{0}, graph::TypeId{1}}) {
    FsmTable table{.type_names = network_.type_names(), .states = {}};
    table.states[StateKey{0, 1}] = {first, 0};
    table.states[StateKey{0}] = {0, 0};
    table.states[StateKey{1}] = {1, 0};
    EXPECT_EQ(batches_with(table, dependencies_), 5U);
  }
}

// With a reward in which a step costs something even where its ratio is 1: the code's weight of 1
// makes both orders cost the same.
TEST_F(LearnTwoPhases, ThePhaseEncodingIsOptimal) {
  const Learned learned = learn_fsm(
      dependencies_, network_.type_names(),
      {.encoding = StateEncoding::phase, .ratio_weight = 0.5F, .accept = 0, .teachers = {}});
  EXPECT_EQ(learned.batches, 4U);
  EXPECT_EQ(batches_with(learned.table, dependencies_), 4U);
}

TEST(LearnFsm, MoreTrialsNeverMakeItWorse) {
  base::Rng rng(16);
  const graph::Network network = any_network(5);
  for (int round = 0; round < 5; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 80}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    std::uint32_t before = ~0U;
    for (std::uint32_t trials = 1; trials <= 20; ++trials) {
      const Learned learned = learn_fsm(dependencies, network.type_names(),
                                        {.trials = trials, .check_every = 1, .accept = 0});
      ASSERT_LE(learned.batches, before) << trials << " trials";
      before = learned.batches;
    }
  }
}

}  // namespace
}  // namespace sheaf::batching
