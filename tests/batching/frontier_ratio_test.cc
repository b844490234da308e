// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/frontier_ratio.h"

#include <gtest/gtest.h>

#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;

// Whether an a-node that has not run lies above `v`, by walking every path up from it.
bool waits_for(const Dependencies& dependencies, const Frontier& frontier, LocalId v,
               graph::TypeId a) {
  std::vector<bool> seen(dependencies.size(), false);
  std::vector<LocalId> stack = {v};
  while (!stack.empty()) {
    const LocalId at = stack.back();
    stack.pop_back();
    for (const LocalId u : dependencies.producers(at)) {
      if (seen[u]) continue;
      seen[u] = true;
      if (dependencies.type(u) == a && !frontier.has_run(u)) return true;
      stack.push_back(u);
    }
  }
  return false;
}

// |Frontier(G^a)|, from nothing but its definition.
std::uint32_t typed_count(const Dependencies& dependencies, const Frontier& frontier,
                          graph::TypeId a) {
  std::uint32_t count = 0;
  for (LocalId v = 0; v < dependencies.size(); ++v) {
    if (dependencies.type(v) != a || frontier.has_run(v)) continue;
    if (!waits_for(dependencies, frontier, v, a)) ++count;
  }
  return count;
}

void expect_counts(const Dependencies& dependencies, const Frontier& frontier,
                   const FrontierRatio& ratio) {
  for (std::size_t i = 0; i < dependencies.type_count(); ++i) {
    const auto a = static_cast<graph::TypeId>(i);
    ASSERT_EQ(ratio.typed_count(a), typed_count(dependencies, frontier, a)) << "type " << a;
  }
}

// Runs random batches to the end, comparing after each.
void expect_counts_to_the_end(const Dependencies& dependencies, base::Rng& rng, Frontier& frontier,
                              FrontierRatio& ratio) {
  ASSERT_NO_FATAL_FAILURE(expect_counts(dependencies, frontier, ratio));
  while (!frontier.empty()) {
    const graph::TypeId type = random_ready_type(rng, frontier);
    ratio.ran(type, frontier.run(type));
    ASSERT_NO_FATAL_FAILURE(expect_counts(dependencies, frontier, ratio));
  }
}

template <typename Check>
void on_random_graphs(std::uint64_t seed, Check&& check) {
  base::Rng rng(seed);
  // Eight types are a machine word, so that there are one, two and three of them.
  for (const std::uint32_t types : {1U, 2U, 3U, 5U, 8U, 9U, 17U}) {
    const graph::Network network = any_network(types);
    for (const std::uint32_t window : {2U, 6U, 30U}) {
      for (int round = 0; round < 5; ++round) {
        graph::Graph graph(network);
        add_random_nodes(rng, {.nodes = 50, .window = window}, graph);
        const Dependencies dependencies = dependencies_of(graph, graph.seal());
        check(dependencies, rng);
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

TEST(FrontierRatio, EqualsItsDefinitionAfterEveryStep) {
  on_random_graphs(3, [](const Dependencies& dependencies, base::Rng& rng) {
    Frontier frontier(dependencies);
    FrontierRatio ratio(dependencies, frontier);
    expect_counts_to_the_end(dependencies, rng, frontier, ratio);
  });
}

TEST(FrontierRatio, EqualsItsDefinitionWhenMadeInTheMiddleOfASchedule) {
  on_random_graphs(4, [](const Dependencies& dependencies, base::Rng& rng) {
    Frontier frontier(dependencies);
    const std::uint32_t steps = 1 + rng.below(8);
    for (std::uint32_t i = 0; i < steps && !frontier.empty(); ++i) {
      frontier.run(random_ready_type(rng, frontier));
    }
    FrontierRatio ratio(dependencies, frontier);
    expect_counts_to_the_end(dependencies, rng, frontier, ratio);
  });
}

TEST(FrontierRatio, ACopyIsASnapshot) {
  on_random_graphs(5, [](const Dependencies& dependencies, base::Rng& rng) {
    const Frontier first(dependencies);
    const FrontierRatio first_ratio(dependencies, first);
    Frontier frontier = first;
    FrontierRatio ratio = first_ratio;
    for (int i = 0; i < 5 && !frontier.empty(); ++i) {
      const graph::TypeId type = random_ready_type(rng, frontier);
      ratio.ran(type, frontier.run(type));
    }
    frontier = first;
    ratio = first_ratio;
    expect_counts_to_the_end(dependencies, rng, frontier, ratio);
  });
}

// Types follow each other in a fixed way, so that some come after themselves and some do not.
TEST(FrontierRatio, EqualsItsDefinitionWhereNotEveryTypeFollowsEveryOther) {
  base::Rng rng(26);
  for (int round = 0; round < 60; ++round) {
    const std::uint32_t types = 2 + rng.below(10);
    const graph::Network network = any_network(types);
    std::vector<bool> may_follow(std::size_t{types} * types);
    for (std::size_t i = 0; i < may_follow.size(); ++i) may_follow[i] = rng.below(types) < 2;
    graph::Graph graph(network);
    for (graph::NodeId v = 0; v < 60; ++v) {
      const auto type = static_cast<graph::TypeId>(rng.below(types));
      std::vector<Operand> operands;
      for (graph::NodeId u = v - std::min(v, 15U); u < v && operands.size() < 3; ++u) {
        const bool fits = may_follow[std::size_t{graph.type(u)} * types + type];
        if (fits && rng.below(2) == 0) operands.push_back({u});
      }
      graph.add(type, operands);
    }
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    Frontier frontier(dependencies);
    FrontierRatio ratio(dependencies, frontier);
    ASSERT_NO_FATAL_FAILURE(expect_counts_to_the_end(dependencies, rng, frontier, ratio));
  }
}

// Counts are kept in 8 bits where they fit: a node of 255 operands still does, one of 256 does not.
TEST(FrontierRatio, EqualsItsDefinitionForNodesOfVeryManyOperands) {
  base::Rng rng(27);
  for (const std::uint32_t types : {2U, 3U, 9U}) {
    const graph::Network network = any_network(types);
    for (const std::uint32_t many : {127U, 128U, 255U, 256U, 257U, 600U}) {
      graph::Graph graph(network);
      graph.add(0, {});
      std::vector<Operand> operands;
      for (graph::NodeId u = 1; u <= many; ++u) {
        graph.add(1, {Operand{0}});
        operands.push_back({u});
      }
      graph.add(0, operands);
      graph.add(1, operands);
      graph.add(static_cast<graph::TypeId>(types - 1), {Operand{many + 1}, Operand{many + 2}});
      const Dependencies dependencies = dependencies_of(graph, graph.seal());
      ASSERT_EQ(dependencies.most_producers(), many);
      Frontier frontier(dependencies);
      FrontierRatio ratio(dependencies, frontier);
      ASSERT_NO_FATAL_FAILURE(expect_counts_to_the_end(dependencies, rng, frontier, ratio));
    }
  }
}

class FrontierRatioBest : public ::testing::Test {
 protected:
  graph::TypeId best() {
    const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
    const Frontier frontier(dependencies);
    return FrontierRatio(dependencies, frontier).best(frontier);
  }

  graph::Network network_ = any_network(3);
  graph::Graph graph_{network_};
};

TEST_F(FrontierRatioBest, IsTheHighestRatioNotTheMostNodes) {
  // Three of t0 are ready and four more wait for t1 alone: 3 / 7. One t1 is ready: 1 / 1.
  for (int i = 0; i < 3; ++i) graph_.add(0, {});
  graph_.add(1, {});
  for (int i = 0; i < 4; ++i) graph_.add(0, {Operand{3}});
  EXPECT_EQ(best(), 1U);
}

TEST_F(FrontierRatioBest, OfEqualRatiosIsTheTypeWithMoreReadyNodes) {
  graph_.add(0, {});
  graph_.add(2, {});
  graph_.add(2, {});
  EXPECT_EQ(best(), 2U);
}

TEST_F(FrontierRatioBest, OfEqualRatiosAndCountsIsTheFirstType) {
  graph_.add(2, {});
  graph_.add(1, {});
  EXPECT_EQ(best(), 1U);
}

TEST_F(FrontierRatioBest, ComparesRatiosAndNotDifferences) {
  // t0: 1 of 2; t1: 3 of 5, though it lacks more. The waiting ones wait for t2: 1 of 3.
  graph_.add(2, {});
  graph_.add(0, {});
  graph_.add(0, {Operand{0}});
  for (int i = 0; i < 3; ++i) graph_.add(1, {});
  for (int i = 0; i < 2; ++i) graph_.add(1, {Operand{0}});
  graph_.add(2, {Operand{1}});
  graph_.add(2, {Operand{1}});
  EXPECT_EQ(best(), 1U);
}

TEST_F(FrontierRatioBest, RatioIsReadyNodesOverTypedFrontier) {
  for (int i = 0; i < 3; ++i) graph_.add(0, {});
  graph_.add(1, {});
  graph_.add(0, {Operand{3}});
  graph_.add(0, {Operand{4}});  // behind a t0: not in the frontier of t0 alone
  const Dependencies dependencies = dependencies_of(graph_, graph_.seal());
  const Frontier frontier(dependencies);
  const FrontierRatio ratio(dependencies, frontier);
  EXPECT_EQ(ratio.typed_count(0), 4U);
  EXPECT_EQ(ratio.ratio(frontier, 0), 0.75F);
  EXPECT_EQ(ratio.ratio(frontier, 1), 1.0F);
  EXPECT_EQ(ratio.typed_count(2), 0U);
}

}  // namespace
}  // namespace sheaf::batching
