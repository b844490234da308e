// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/frontier.h"

#include <gtest/gtest.h>

#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;
using Ids = std::vector<LocalId>;

Ids ids(std::span<const LocalId> span) { return {span.begin(), span.end()}; }

// t0 twice; t1 of the first; t0 of the t1; t1 of both t0 above.
class FrontierTest : public ::testing::Test {
 protected:
  FrontierTest() {
    graph_.add(0, {});
    graph_.add(0, {});
    graph_.add(1, {Operand{0}});
    graph_.add(0, {Operand{2}});
    graph_.add(1, {Operand{0}, Operand{1}, Operand{0}});
    dependencies_.build(graph_, graph_.seal());
  }

  graph::Network network_ = any_network(3);
  graph::Graph graph_{network_};
  Dependencies dependencies_;
};

TEST_F(FrontierTest, BeginsWithTheNodesThatWaitForNone) {
  const Frontier frontier(dependencies_);
  EXPECT_FALSE(frontier.empty());
  EXPECT_EQ(frontier.type_count(), 3U);
  EXPECT_EQ(ids(frontier.ready(0)), (Ids{0, 1}));
  EXPECT_EQ(frontier.count(0), 2U);
  EXPECT_EQ(frontier.count(1), 0U);
  EXPECT_EQ(frontier.count(2), 0U);
  EXPECT_FALSE(frontier.has_run(0));
}

TEST_F(FrontierTest, RunReturnsTheBatchAndMakesItsConsumersReady) {
  Frontier frontier(dependencies_);
  EXPECT_EQ(ids(frontier.run(0)), (Ids{0, 1}));
  EXPECT_TRUE(frontier.has_run(0));
  EXPECT_TRUE(frontier.has_run(1));
  EXPECT_FALSE(frontier.has_run(2));
  EXPECT_EQ(frontier.count(0), 0U);
  EXPECT_EQ(ids(frontier.ready(1)), (Ids{2, 4}));
  EXPECT_EQ(ids(frontier.run(1)), (Ids{2, 4}));
  EXPECT_EQ(ids(frontier.ready(0)), (Ids{3}));
  EXPECT_FALSE(frontier.empty());
  EXPECT_EQ(ids(frontier.run(0)), (Ids{3}));
  EXPECT_TRUE(frontier.empty());
}

TEST_F(FrontierTest, ACopyIsASnapshot) {
  const Frontier first(dependencies_);
  Frontier frontier = first;
  frontier.run(0);
  frontier.run(1);
  EXPECT_EQ(ids(first.ready(0)), (Ids{0, 1}));
  EXPECT_EQ(first.count(1), 0U);
  EXPECT_FALSE(first.has_run(0));
  frontier = first;
  EXPECT_FALSE(frontier.has_run(0));
  frontier.run(0);
  frontier.run(1);
  frontier.run(0);
  EXPECT_TRUE(frontier.empty());
  EXPECT_FALSE(first.empty());
}

TEST_F(FrontierTest, OfAnEmptySegmentIsEmpty) {
  const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  EXPECT_TRUE(Frontier(dependencies).empty());
}

TEST_F(FrontierTest, AppendBatchWritesGraphIds) {
  graph_.add(2, {Operand{0}});
  graph_.add(2, {});
  const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  Schedule schedule;
  append_batch(dependencies, 2, Ids{1}, schedule);
  append_batch(dependencies, 2, Ids{0}, schedule);
  EXPECT_EQ(schedule.order, (std::vector<graph::NodeId>{6, 5}));
  ASSERT_EQ(schedule.batches.size(), 2U);
  EXPECT_EQ(schedule.batches[1].type, 2U);
  EXPECT_EQ(schedule.batches[1].begin, 1U);
  EXPECT_EQ(schedule.batches[1].end, 2U);
}

TEST(Frontier, IsWhatCanRunOnRandomGraphs) {
  base::Rng rng(2);
  const graph::Network network = any_network(4);
  for (int round = 0; round < 30; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    Frontier frontier(dependencies);
    while (!frontier.empty()) {
      for (LocalId v = 0; v < dependencies.size(); ++v) {
        const auto producers = dependencies.producers(v);
        const bool can_run =
            !frontier.has_run(v) && std::all_of(producers.begin(), producers.end(),
                                                [&](LocalId u) { return frontier.has_run(u); });
        const auto ready = frontier.ready(dependencies.type(v));
        ASSERT_EQ(std::count(ready.begin(), ready.end(), v), can_run ? 1 : 0) << v;
      }
      frontier.run(random_ready_type(rng, frontier));
    }
    for (LocalId v = 0; v < dependencies.size(); ++v) ASSERT_TRUE(frontier.has_run(v));
  }
}

}  // namespace
}  // namespace sheaf::batching
