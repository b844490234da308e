// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/batching/policy.h"
#include "tests/batching/random_graph.h"
#include "tests/message_of.h"

namespace sheaf::batching {
namespace {

using graph::Operand;

// Every type takes `curve` and `switch_ns`; searching takes nothing.
CostTable uniform(std::size_t types, CostCurve curve, double switch_ns = 0) {
  CostTable table{.batch_ns = 0, .greedy_node_ns = 0};
  table.types.assign(types, {std::move(curve), switch_ns});
  return table;
}

CostCurve cheap_rows() { return {{1, 2}, {100, 101}}; }

Schedule plan_by(const CostTable& table, const Dependencies& dependencies) {
  return plan_with(*make_policy("cost", {.costs = std::make_shared<const CostTable>(table)}),
                   dependencies);
}

std::size_t changes_of_type(const Schedule& schedule) {
  const auto types = types_of(schedule);
  std::size_t changes = 0;
  for (std::size_t i = 1; i < types.size(); ++i) changes += types[i] != types[i - 1];
  return changes;
}

TEST(CostPolicy, ReachesTheLowerBoundOnRandomTrees) {
  base::Rng rng(31);
  const graph::Network network = tree_network();
  for (int round = 0; round < 30; ++round) {
    graph::Graph graph(network);
    const std::uint32_t trees = 1 + rng.below(6);
    for (std::uint32_t i = 0; i < trees; ++i) add_random_tree(rng, 1 + rng.below(25), graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    EXPECT_EQ(plan_by(uniform(3, cheap_rows()), dependencies).batches.size(),
              lower_bound(dependencies));
  }
}

// Types that do not come after each other, in chains that join: a component each.
TEST(CostPolicy, ReachesTheLowerBoundWhereEveryComponentIsOneType) {
  base::Rng rng(32);
  const graph::Network network = any_network(4);
  for (int round = 0; round < 30; ++round) {
    graph::Graph graph(network);
    for (std::uint32_t i = 0; i < 60; ++i) {
      const auto type = static_cast<graph::TypeId>(i / 15);
      std::vector<Operand> operands;
      for (std::uint32_t k = rng.below(3); k > 0 && i > 0; --k) operands.push_back({rng.below(i)});
      graph.add(type, operands);
    }
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    EXPECT_EQ(plan_by(uniform(4, cheap_rows()), dependencies).batches.size(),
              lower_bound(dependencies));
  }
}

TEST(CostPolicy, RunsNodesOneByOneWhereBatchingCostsMore) {
  base::Rng rng(33);
  const graph::Network network = tree_network();
  graph::Graph graph(network);
  for (int i = 0; i < 4; ++i) add_random_tree(rng, 8, graph);
  const graph::Segment segment = graph.seal();
  const Schedule schedule =
      plan_by(uniform(3, {{1, 2, 4}, {10, 30, 90}}), dependencies_of(graph, segment));
  EXPECT_EQ(schedule.batches.size(), graph.size());
  EXPECT_NO_THROW(schedule.verify(graph, segment));
}

TEST(CostPolicy, CutsBatchesWithMoreRowsThanPayIntoEqualParts) {
  const graph::Network network = any_network(1);
  graph::Graph graph(network);
  for (int i = 0; i < 10; ++i) graph.add(0, {});
  const graph::Segment segment = graph.seal();
  const Schedule schedule =
      plan_by(uniform(1, {{1, 4, 8}, {10, 12, 60}}), dependencies_of(graph, segment));
  ASSERT_EQ(schedule.batches.size(), 3U);
  EXPECT_EQ(schedule.batches[0].size(), 3U);
  EXPECT_EQ(schedule.batches[1].size(), 3U);
  EXPECT_EQ(schedule.batches[2].size(), 4U);
  EXPECT_NO_THROW(schedule.verify(graph, segment));
}

TEST(CostPolicy, IsNeverSlowerThanLevelsByItsTable) {
  base::Rng rng(34);
  const graph::Network network = any_network(3);
  for (const double switch_ns : {0.0, 50.0, 1000.0}) {
    const CostTable table = uniform(3, cheap_rows(), switch_ns);
    for (int round = 0; round < 20; ++round) {
      graph::Graph graph(network);
      add_random_nodes(rng, {.nodes = 80, .window = 30}, graph);
      const Dependencies dependencies = dependencies_of(graph, graph.seal());
      const Schedule by_levels = plan_with(*make_policy("depth"), dependencies);
      EXPECT_LE(table.ns(plan_by(table, dependencies).batches), table.ns(by_levels.batches));
    }
  }
}

TEST(CostPolicy, ChangesTypeLessOftenThanLevelsWhereItIsDear) {
  base::Rng rng(35);
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  add_random_nodes(rng, {.nodes = 400, .window = 100}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  const Schedule by_levels = plan_with(*make_policy("depth"), dependencies);
  const Schedule schedule = plan_by(uniform(2, cheap_rows(), 1000), dependencies);
  EXPECT_LT(changes_of_type(schedule), changes_of_type(by_levels));
}

TEST(CostPolicy, SearchesOnlyWhereThatMayPay) {
  base::Rng rng(36);
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  add_random_nodes(rng, {.nodes = 400, .window = 100}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  CostTable table = uniform(2, cheap_rows());
  const std::size_t searched = plan_by(table, dependencies).batches.size();
  table.greedy_node_ns = 1e+9;
  const std::size_t by_levels = plan_by(table, dependencies).batches.size();
  EXPECT_LT(searched, by_levels);
  EXPECT_EQ(by_levels, plan_with(*make_policy("depth"), dependencies).batches.size());
}

TEST(CostPolicy, RefusesATableOfAnotherNetwork) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  graph.add(0, {});
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  EXPECT_EQ(test::message_of<base::InternalError>(
                [&] { static_cast<void>(plan_by(uniform(3, cheap_rows()), dependencies)); }),
            "[policy cost] the cost table is of another network");
}

TEST(CostPolicy, RefusesATableThatIsNone) {
  const auto table = std::make_shared<const CostTable>(uniform(2, {{2}, {1}}));
  EXPECT_EQ(test::message_of<base::InternalError>(
                [&] { static_cast<void>(make_policy("cost", {.costs = table})); }),
            "[cost table] a curve does not begin at 1 row");
}

TEST(CostPolicy, MessageAsksForATable) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { static_cast<void>(make_policy("cost")); }),
            "[policy cost] no table: expected a measured one; measure one first (sheaf calibrate), "
            "or use 'critical'");
}

}  // namespace
}  // namespace sheaf::batching
