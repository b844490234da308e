// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "sheaf/batching/critical_heights.h"
#include "sheaf/batching/frontier_ratio.h"
#include "sheaf/batching/q_learning.h"
#include "tests/batching/random_graph.h"

namespace sheaf::study {
namespace {

using batching::CriticalHeights;
using batching::Dependencies;
using batching::Frontier;
using batching::FrontierRatio;
using batching::LocalId;
using batching::Schedule;
using graph::TypeId;

Dependencies random_dependencies(std::uint64_t seed, graph::Graph& graph) {
  base::Rng rng(seed);
  batching::add_random_nodes(rng, {.nodes = 60}, graph);
  return batching::dependencies_of(graph, graph.seal());
}

void expect_choice(const Choice& choice, const Frontier& frontier, const CriticalHeights& heights,
                   const FrontierRatio& ratio) {
  const TypeId a = choice.type;
  EXPECT_EQ(choice.ready, frontier.count(a));
  EXPECT_EQ(choice.critical, heights.critical(a));
  EXPECT_EQ(choice.blocked, heights.blocked(a));
  EXPECT_EQ(choice.typed, ratio.typed_count(a));
}

// The counters are kept step by step here, and are computed anew there.
void expect_counters_of_whole_batches(const Dependencies& dependencies, const Schedule& schedule) {
  const auto batches = explain_schedule(dependencies, schedule);
  ASSERT_EQ(batches.size(), schedule.batches.size());
  Frontier frontier(dependencies);
  CriticalHeights heights(dependencies, frontier);
  FrontierRatio ratio(dependencies, frontier);
  for (std::size_t b = 0; b < batches.size(); ++b) {
    EXPECT_EQ(batches[b].ran.type, schedule.batches[b].type);
    EXPECT_EQ(batches[b].size, batches[b].ran.ready);
    expect_choice(batches[b].ran, frontier, heights, ratio);
    std::vector<std::tuple<std::uint32_t, std::int64_t, TypeId>> others;
    for (TypeId a = 0; a < dependencies.type_count(); ++a) {
      if (a == batches[b].ran.type || frontier.count(a) == 0) continue;
      others.emplace_back(heights.blocked(a), -std::int64_t{frontier.count(a)}, a);
    }
    ASSERT_EQ(batches[b].has_runner_up, !others.empty());
    if (!others.empty()) {
      EXPECT_EQ(batches[b].runner_up.type,
                std::get<2>(*std::min_element(others.begin(), others.end())));
      expect_choice(batches[b].runner_up, frontier, heights, ratio);
    }
    const TypeId ran = batches[b].ran.type;
    const auto nodes = frontier.run(ran);
    heights.ran(ran, nodes, frontier);
    ratio.ran(ran, nodes);
  }
  EXPECT_TRUE(frontier.empty());
}

TEST(ExplainSchedule, HasTheCountersOfTheMomentAndTheBestOther) {
  const graph::Network network = batching::any_network(5);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    graph::Graph graph(network);
    const Dependencies dependencies = random_dependencies(seed, graph);
    for (const char* policy : {"agenda", "sufficient", "critical", "beam"}) {
      SCOPED_TRACE(policy + (" of seed " + std::to_string(seed)));
      const auto made = batching::make_policy(policy);
      ASSERT_NO_FATAL_FAILURE(
          expect_counters_of_whole_batches(dependencies, plan_with(*made, dependencies)));
    }
  }
}

TEST(ExplainSchedule, SaysHowManyOfTheReadyRun) {
  const graph::Network network = batching::any_network(3);
  for (const char* policy : {"single", "depth"}) {
    std::uint32_t split = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      graph::Graph graph(network);
      const Dependencies dependencies = random_dependencies(seed, graph);
      const Schedule schedule = plan_with(*batching::make_policy(policy), dependencies);
      const auto batches = explain_schedule(dependencies, schedule);
      ASSERT_EQ(batches.size(), schedule.batches.size());
      std::vector<bool> run(dependencies.size(), false);
      for (std::size_t b = 0; b < batches.size(); ++b) {
        std::uint32_t ready = 0;
        for (LocalId v = 0; v < dependencies.size(); ++v) {
          const auto from = dependencies.producers(v);
          ready += !run[v] && dependencies.type(v) == schedule.batches[b].type &&
                           std::all_of(from.begin(), from.end(), [&](LocalId u) { return run[u]; })
                       ? 1
                       : 0;
        }
        EXPECT_EQ(batches[b].ran.ready, ready);
        EXPECT_EQ(batches[b].size, schedule.batches[b].size());
        split += batches[b].size < ready ? 1 : 0;
        for (const graph::NodeId v : schedule.nodes(schedule.batches[b])) run[v] = true;
      }
    }
    EXPECT_GT(split, 0U) << policy;
  }
}

TEST(ExplainedText, NamesTypesCountersAndTheNextBest) {
  const std::vector<std::string> names = {"leaf", "node"};
  const ExplainedBatch whole{
      .ran = {.type = 0, .ready = 4, .critical = 3, .blocked = 1, .typed = 6}, .size = 4};
  EXPECT_EQ(explained_text({whole}, names),
            "   1  leaf: leaves 1 of 3 critical behind, 4 of 6 ready\n");
  ExplainedBatch part = whole;
  part.size = 2;
  part.has_runner_up = true;
  part.runner_up = {.type = 1, .ready = 1, .critical = 2, .blocked = 2, .typed = 3};
  EXPECT_EQ(explained_text({whole, part}, names),
            "   1  leaf: leaves 1 of 3 critical behind, 4 of 6 ready\n"
            "   2  leaf: leaves 1 of 3 critical behind, 4 of 6 ready, 2 run   (next best: node: "
            "leaves 2 of 2 critical behind, 1 of 3 ready)\n");
}

// A full binary tree with a head on every node.
class MachineOfATree : public testing::Test {
 protected:
  MachineOfATree() {
    std::vector<graph::NodeId> level;
    for (int leaf = 0; leaf < 8; ++leaf) level.push_back(graph_.add(batching::kLeaf, {}));
    while (!level.empty()) {
      std::vector<graph::NodeId> above;
      for (const graph::NodeId node : level) graph_.add(batching::kHead, {graph::Operand{node}});
      for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
        above.push_back(
            graph_.add(batching::kNode, {graph::Operand{level[i]}, graph::Operand{level[i + 1]}}));
      }
      level = above;
    }
    dependencies_ = batching::dependencies_of(graph_, graph_.seal());
    table_.encoding = batching::StateEncoding::base;
    table_.type_names = network_.type_names();
    table_.states = {{key({batching::kLeaf}), {batching::kLeaf, 0}},
                     {key({batching::kNode, batching::kHead}), {batching::kNode, 0}},
                     {key({batching::kHead}), {batching::kHead, 0}}};
  }
  static batching::StateKey key(std::initializer_list<TypeId> types) {
    return {types.begin(), types.end()};
  }

  graph::Network network_ = batching::tree_network();
  graph::Graph graph_{network_};
  Dependencies dependencies_;
  batching::FsmTable table_;
};

TEST_F(MachineOfATree, HasTheStatesThatItMeetsAndItsStepsBetweenThem) {
  const report::MachinePicture picture = machine_picture(dependencies_, table_);
  const std::string names[] = {"leaf", "node, head", "head"};
  const std::string actions[] = {"leaf", "node", "head"};
  ASSERT_EQ(picture.states.size(), 3U);
  for (std::size_t s = 0; s < 3; ++s) {
    EXPECT_EQ(picture.states[s].name, names[s]);
    EXPECT_EQ(picture.states[s].action, actions[s]);
    EXPECT_TRUE(picture.states[s].known);
  }
  ASSERT_EQ(picture.steps.size(), 3U);  // leaves, three levels of nodes, heads
  const std::size_t ends[][2] = {{0, 1}, {1, 1}, {1, 2}};
  const std::uint32_t times[] = {1, 2, 1};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(picture.steps[i].from, ends[i][0]);
    EXPECT_EQ(picture.steps[i].to, ends[i][1]);
    EXPECT_EQ(picture.steps[i].times, times[i]);
  }
}

TEST_F(MachineOfATree, FallsBackWhereTheTableDoesNotKnowTheState) {
  table_.states.erase(key({batching::kNode, batching::kHead}));
  const report::MachinePicture picture = machine_picture(dependencies_, table_);
  ASSERT_EQ(picture.states.size(), 3U);
  EXPECT_TRUE(picture.states[0].known);
  EXPECT_FALSE(picture.states[1].known);
  EXPECT_EQ(picture.states[1].action, "node");
  EXPECT_TRUE(picture.states[2].known);
}

TEST_F(MachineOfATree, NamesPhases) {
  table_.encoding = batching::StateEncoding::phase;
  const report::MachinePicture picture = machine_picture(dependencies_, table_);
  EXPECT_EQ(picture.states.at(0).name, "leaf, phase 0");
}

TEST_F(MachineOfATree, OfNoNodesHasNoStates) {
  graph::Graph empty(network_);
  const auto none = batching::dependencies_of(empty, empty.seal());
  EXPECT_TRUE(machine_picture(none, table_).states.empty());
  EXPECT_TRUE(explain_schedule(none, {}).empty());
}

TEST(MachinePictureOfRandomGraphs, TakesTheStepsOfThePolicy) {
  const graph::Network network = batching::any_network(4);
  std::uint32_t fallbacks = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    graph::Graph learned_from(network);
    const Dependencies some = random_dependencies(seed, learned_from);
    const auto learned = batching::learn_fsm(some, network.type_names(), {.trials = 50});
    graph::Graph graph(network);
    const Dependencies dependencies = random_dependencies(seed + 100, graph);
    const auto table = std::make_shared<const batching::FsmTable>(learned.table);
    const auto schedule = plan_with(*batching::make_policy("fsm", {.fsm = table}), dependencies);
    const report::MachinePicture picture = machine_picture(dependencies, learned.table);
    std::uint32_t steps = 1;
    for (const auto& step : picture.steps) steps += step.times;
    EXPECT_EQ(steps, schedule.batches.size());
    const bool unknown = std::any_of(picture.states.begin(), picture.states.end(),
                                     [](const auto& state) { return !state.known; });
    EXPECT_EQ(unknown, schedule.fallback_steps > 0);
    fallbacks += schedule.fallback_steps;
  }
  EXPECT_GT(fallbacks, 0U);
}

}  // namespace
}  // namespace sheaf::study
