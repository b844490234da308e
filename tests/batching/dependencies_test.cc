// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/dependencies.h"

#include <gtest/gtest.h>

#include "tests/base/small_stack.h"
#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;
using Ids = std::vector<LocalId>;

Ids ids(std::span<const LocalId> span) { return {span.begin(), span.end()}; }

class DependenciesTest : public ::testing::Test {
 protected:
  // Two of t0, a t1 of both, a t2 of all three.
  void add_diamond() {
    const graph::NodeId first = graph_.size();
    graph_.add(0, {});
    graph_.add(0, {});
    graph_.add(1, {Operand{first}, Operand{first + 1}});
    graph_.add(2, {Operand{first + 2}, Operand{first}, Operand{first + 1}});
  }

  graph::Network network_ = any_network(3);
  graph::Graph graph_{network_};
};

TEST_F(DependenciesTest, ProducersAndConsumersAreThoseOfTheGraph) {
  add_diamond();
  const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  ASSERT_EQ(dependencies.size(), 4U);
  EXPECT_EQ(dependencies.first_node(), 0U);
  EXPECT_EQ(dependencies.type_count(), 3U);
  EXPECT_EQ(dependencies.type(2), 1U);
  EXPECT_EQ(ids(dependencies.producers(0)), (Ids{}));
  EXPECT_EQ(ids(dependencies.producers(2)), (Ids{0, 1}));
  EXPECT_EQ(ids(dependencies.producers(3)), (Ids{2, 0, 1}));
  EXPECT_EQ(ids(dependencies.consumers(0)), (Ids{2, 3}));
  EXPECT_EQ(ids(dependencies.consumers(1)), (Ids{2, 3}));
  EXPECT_EQ(ids(dependencies.consumers(2)), (Ids{3}));
  EXPECT_EQ(ids(dependencies.consumers(3)), (Ids{}));
}

TEST_F(DependenciesTest, AnOperandReadThroughSeveralPortsInARowCountsOnce) {
  graph_.add(0, {});
  graph_.add(0, {});
  graph_.add(1, {Operand{0, 0}, Operand{0, 1}, Operand{1, 1}, Operand{1, 0}});
  const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  EXPECT_EQ(ids(dependencies.producers(2)), (Ids{0, 1}));
  EXPECT_EQ(ids(dependencies.consumers(0)), (Ids{2}));
  EXPECT_EQ(ids(dependencies.consumers(1)), (Ids{2}));
}

TEST_F(DependenciesTest, OperandsOfEarlierSegmentsAreLeftOut) {
  add_diamond();
  graph_.seal();
  graph_.add(0, {Operand{3}});
  graph_.add(1, {Operand{4}, Operand{2}, Operand{4, 1}});
  graph_.add(2, {Operand{0}, Operand{5}});
  const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  ASSERT_EQ(dependencies.size(), 3U);
  EXPECT_EQ(dependencies.first_node(), 4U);
  EXPECT_EQ(dependencies.type(0), 0U);
  EXPECT_EQ(dependencies.type(2), 2U);
  EXPECT_EQ(ids(dependencies.producers(0)), (Ids{}));
  EXPECT_EQ(ids(dependencies.producers(1)), (Ids{0}));
  EXPECT_EQ(ids(dependencies.producers(2)), (Ids{1}));
  EXPECT_EQ(ids(dependencies.consumers(0)), (Ids{1}));
  EXPECT_EQ(ids(dependencies.consumers(2)), (Ids{}));
}

TEST_F(DependenciesTest, BuildReplacesWhatWasThere) {
  add_diamond();
  const graph::Segment large = graph_.seal();
  graph_.add(2, {Operand{3}});
  const graph::Segment small = graph_.seal();
  Dependencies dependencies;
  dependencies.build(graph_, large);
  dependencies.build(graph_, small);
  ASSERT_EQ(dependencies.size(), 1U);
  EXPECT_EQ(dependencies.type(0), 2U);
  EXPECT_TRUE(dependencies.producers(0).empty());
  EXPECT_TRUE(dependencies.consumers(0).empty());
  dependencies.build(graph_, large);
  EXPECT_EQ(ids(dependencies.consumers(0)), (Ids{2, 3}));
}

TEST_F(DependenciesTest, TypesFollowWhatTheirNodesRead) {
  add_diamond();
  Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  for (graph::TypeId before = 0; before < 3; ++before) {
    for (graph::TypeId after = 0; after < 3; ++after) {
      EXPECT_EQ(dependencies.type_follows(before, after), before < after) << before << after;
    }
  }
  graph_.add(1, {Operand{3}});  // of an earlier segment
  graph_.add(1, {Operand{4}});
  dependencies.build(graph_, graph_.seal());
  EXPECT_TRUE(dependencies.type_follows(1, 1));
  EXPECT_FALSE(dependencies.type_follows(2, 1));
  EXPECT_FALSE(dependencies.type_follows(0, 1));
}

TEST_F(DependenciesTest, MostProducersIsThatOfTheNodeThatHasTheMost) {
  add_diamond();
  Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  EXPECT_EQ(dependencies.most_producers(), 3U);
  graph_.add(0, {Operand{1}, Operand{2}, Operand{3}});
  graph_.add(0, {Operand{4, 0}, Operand{4, 1}});
  dependencies.build(graph_, graph_.seal());
  EXPECT_EQ(dependencies.most_producers(), 1U);
}

TEST_F(DependenciesTest, OfAnEmptySegmentAreEmpty) {
  const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  EXPECT_EQ(dependencies.size(), 0U);
  EXPECT_EQ(dependencies.most_producers(), 0U);
  EXPECT_TRUE(depths(dependencies).empty());
  EXPECT_EQ(lower_bound(dependencies), 0U);
}

TEST_F(DependenciesTest, ConsumersMirrorProducersOnRandomGraphs) {
  base::Rng rng(1);
  for (int round = 0; round < 20; ++round) {
    graph_.clear();
    add_random_nodes(rng, {}, graph_);
    const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
    std::vector<Ids> expected(dependencies.size());
    for (LocalId v = 0; v < dependencies.size(); ++v) {
      for (const LocalId u : dependencies.producers(v)) {
        ASSERT_LT(u, v);
        expected[u].push_back(v);
      }
    }
    for (LocalId u = 0; u < dependencies.size(); ++u) {
      ASSERT_EQ(ids(dependencies.consumers(u)), expected[u]);
    }
  }
}

TEST_F(DependenciesTest, DepthIsTheLongestPathFromANodeThatWaitsForNone) {
  add_diamond();
  graph_.add(0, {});
  graph_.add(0, {Operand{4}, Operand{3}, Operand{0}});
  EXPECT_EQ(depths(dependencies_of(graph_, graph_.seal())),
            (std::vector<std::uint32_t>{0, 0, 1, 2, 0, 3}));
}

TEST_F(DependenciesTest, DepthStartsAgainInANewSegment) {
  add_diamond();
  graph_.seal();
  graph_.add(0, {Operand{3}});
  graph_.add(0, {Operand{4}});
  EXPECT_EQ(depths(dependencies_of(graph_, graph_.seal())), (std::vector<std::uint32_t>{0, 1}));
}

TEST_F(DependenciesTest, LowerBoundAddsTheMostNodesOfEachTypeOnOnePath) {
  // t0 -> t1 -> t0 -> t0, and beside it t1 -> t1 -> t2: 3 + 2 + 1.
  graph_.add(0, {});
  graph_.add(1, {Operand{0}});
  graph_.add(0, {Operand{1}});
  graph_.add(0, {Operand{2}});
  graph_.add(1, {});
  graph_.add(1, {Operand{4}});
  graph_.add(2, {Operand{5}});
  EXPECT_EQ(lower_bound(dependencies_of(graph_, graph_.seal())), 6U);
}

TEST_F(DependenciesTest, LowerBoundOfNodesSideBySideIsOnePerType) {
  for (int i = 0; i < 5; ++i) {
    graph_.add(0, {});
    graph_.add(2, {});
  }
  EXPECT_EQ(lower_bound(dependencies_of(graph_, graph_.seal())), 2U);
}

TEST_F(DependenciesTest, LowerBoundDoesNotAddUpPathsThatMeet) {
  // Two t0 feed a t1: the two are on different paths.
  add_diamond();
  EXPECT_EQ(lower_bound(dependencies_of(graph_, graph_.seal())), 3U);
}

TEST_F(DependenciesTest, AChainOf100000NeedsNoRecursion) {
  constexpr std::uint32_t kLength = 100'000;
  for (std::uint32_t i = 0; i < kLength; ++i) {
    const Operand before{i - 1};
    graph_.add(static_cast<graph::TypeId>(i % 2), std::span(&before, i == 0 ? 0 : 1));
  }
  std::uint32_t bound = 0;
  std::uint32_t deepest = 0;
  ASSERT_TRUE(base::run_on_small_stack([&] {
    const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
    bound = lower_bound(dependencies);
    deepest = depths(dependencies).back();
  }));
  EXPECT_EQ(bound, kLength);
  EXPECT_EQ(deepest, kLength - 1);
}

}  // namespace
}  // namespace sheaf::batching
