// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/critical_heights.h"

#include <gtest/gtest.h>

#include "sheaf/batching/frontier_ratio.h"
#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;

// Most a-nodes on one path that starts at `v`, by walking every path: from its definition.
std::uint32_t height_below(const Dependencies& dependencies, LocalId v, graph::TypeId a) {
  std::uint32_t below = 0;
  for (const LocalId w : dependencies.consumers(v)) {
    below = std::max(below, height_below(dependencies, w, a));
  }
  return below + (dependencies.type(v) == a ? 1 : 0);
}

void expect_counters(const Dependencies& dependencies, const Frontier& frontier,
                     const CriticalHeights& heights) {
  for (graph::TypeId a = 0; a < dependencies.type_count(); ++a) {
    std::uint32_t top = 0;
    std::uint32_t critical = 0;
    std::uint32_t ready = 0;
    for (LocalId v = 0; v < dependencies.size(); ++v) {
      if (dependencies.type(v) != a || frontier.has_run(v)) continue;
      const std::uint32_t height = height_below(dependencies, v, a);
      if (height > top) critical = ready = 0;
      top = std::max(top, height);
      if (height < top) continue;
      ++critical;
      for (const LocalId r : frontier.ready(a)) ready += r == v ? 1 : 0;
    }
    ASSERT_EQ(heights.top(a), top) << "type " << a;
    if (top == 0) continue;
    ASSERT_EQ(heights.critical(a), critical) << "type " << a;
    ASSERT_EQ(heights.blocked(a), critical - ready) << "type " << a;
  }
}

class CriticalHeightsOfRandomGraphs : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(CriticalHeightsOfRandomGraphs, CountersFollowTheirDefinitionToTheEnd) {
  base::Rng rng(40);
  const graph::Network network = any_network(GetParam());
  for (int round = 0; round < 20; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 25}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    Frontier frontier(dependencies);
    CriticalHeights heights(dependencies, frontier);
    for (LocalId v = 0; v < dependencies.size(); ++v) {
      ASSERT_EQ(heights.height(v), height_below(dependencies, v, dependencies.type(v)));
    }
    ASSERT_NO_FATAL_FAILURE(expect_counters(dependencies, frontier, heights));
    while (!frontier.empty()) {
      const graph::TypeId type = random_ready_type(rng, frontier);
      const auto batch = frontier.run(type);
      heights.ran(type, batch, frontier);
      ASSERT_NO_FATAL_FAILURE(expect_counters(dependencies, frontier, heights));
    }
  }
}

// One, two and four recurring types are swept apart from any other number.
INSTANTIATE_TEST_SUITE_P(Types, CriticalHeightsOfRandomGraphs, testing::Values(1, 2, 3, 4, 7));

TEST(CriticalHeights, MadeInTheMiddleOfAScheduleEqualThoseKeptFromItsBeginning) {
  base::Rng rng(41);
  const graph::Network network = any_network(3);
  for (int round = 0; round < 20; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    Frontier frontier(dependencies);
    CriticalHeights kept(dependencies, frontier);
    while (!frontier.empty()) {
      const graph::TypeId type = random_ready_type(rng, frontier);
      const auto batch = frontier.run(type);
      kept.ran(type, batch, frontier);
      const CriticalHeights made(dependencies, frontier);
      for (graph::TypeId a = 0; a < dependencies.type_count(); ++a) {
        ASSERT_EQ(made.top(a), kept.top(a));
        if (kept.top(a) > 0) {
          ASSERT_EQ(made.blocked(a), kept.blocked(a));
        }
      }
    }
  }
}

TEST(CriticalHeights, TopsOfAllTypesAddUpToTheLowerBound) {
  base::Rng rng(42);
  const graph::Network network = any_network(4);
  for (int round = 0; round < 50; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const CriticalHeights heights(dependencies, Frontier(dependencies));
    std::uint32_t sum = 0;
    for (graph::TypeId a = 0; a < network.type_count(); ++a) sum += heights.top(a);
    EXPECT_EQ(sum, lower_bound(dependencies));
  }
}

// Where ED-Batch's sufficient condition holds, no critical node is blocked; not the other way
// round.
TEST(CriticalHeights, ATypeOfRatioOneLeavesNoCriticalNodeBehind) {
  base::Rng rng(43);
  const graph::Network network = any_network(3);
  int same = 0;
  int weaker = 0;
  for (int round = 0; round < 100; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    Frontier frontier(dependencies);
    FrontierRatio ratio(dependencies, frontier);
    CriticalHeights heights(dependencies, frontier);
    while (!frontier.empty()) {
      for (graph::TypeId a = 0; a < network.type_count(); ++a) {
        if (frontier.count(a) == 0) continue;
        const bool sufficient = frontier.count(a) == ratio.typed_count(a);
        if (sufficient) {
          ASSERT_EQ(heights.blocked(a), 0U);
        }
        (sufficient ? same : weaker) += heights.blocked(a) == 0 ? 1 : 0;
      }
      const graph::TypeId type = random_ready_type(rng, frontier);
      const auto batch = frontier.run(type);
      ratio.ran(type, batch);
      heights.ran(type, batch, frontier);
    }
  }
  EXPECT_GT(same, 100);
  EXPECT_GT(weaker, 10);
}

TEST(CriticalHeights, BestLeavesTheFewestCriticalNodesBehind) {
  // t0: one of its two critical nodes waits for the t1. t1: its one critical node is ready.
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  graph.add(0, {});
  graph.add(1, {});
  graph.add(0, {Operand{1}});
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  const Frontier frontier(dependencies);
  const CriticalHeights heights(dependencies, frontier);
  EXPECT_EQ(heights.blocked(0), 1U);
  EXPECT_EQ(heights.blocked(1), 0U);
  EXPECT_EQ(heights.best(frontier), 1U);
}

TEST(CriticalHeights, BestOfEqualsHasMoreReadyNodes) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  graph.add(0, {});
  graph.add(1, {});
  graph.add(1, {});
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  const Frontier frontier(dependencies);
  EXPECT_EQ(CriticalHeights(dependencies, frontier).best(frontier), 1U);
}

TEST(CriticalPolicy, ReachesTheLowerBoundWhereOneTypeRecurs) {
  base::Rng rng(44);
  const graph::Network network = tree_network();
  for (int round = 0; round < 50; ++round) {
    graph::Graph graph(network);
    const std::uint32_t trees = 1 + rng.below(6);
    for (std::uint32_t i = 0; i < trees; ++i) {
      graph.begin_instance(i);
      add_random_tree(rng, 1 + rng.below(25), graph);
    }
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    EXPECT_EQ(plan_with(*make_policy("critical"), dependencies).batches.size(),
              lower_bound(dependencies));
  }
}

TEST(CriticalPolicy, NeedsFewerBatchesThanSufficientOnTheMeanOfRandomGraphs) {
  base::Rng rng(45);
  const graph::Network network = any_network(4);
  std::size_t critical = 0;
  std::size_t sufficient = 0;
  for (int round = 0; round < 200; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 120}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    critical += plan_with(*make_policy("critical"), dependencies).batches.size();
    sufficient += plan_with(*make_policy("sufficient"), dependencies).batches.size();
  }
  EXPECT_LT(critical, sufficient);
}

}  // namespace
}  // namespace sheaf::batching
