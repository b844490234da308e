// SPDX-License-Identifier: Apache-2.0
//
// The theorems on which the policies rest, against a search of all schedules of small graphs.
#include <gtest/gtest.h>

#include "sheaf/batching/frontier_ratio.h"
#include "tests/batching/random_graph.h"
#include "tests/batching/shortest.h"

namespace sheaf::batching {
namespace {

using graph::Operand;

constexpr DagShape kSmall = {.nodes = 11, .most_operands = 2, .window = 5};

TEST(Shortest, OfTwoCrossedChainsIsThree) {
  // t0 -> t1 and t1 -> t0: the lower bound, 2, cannot be reached.
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  graph.add(0, {});
  graph.add(1, {Operand{0}});
  graph.add(1, {});
  graph.add(0, {Operand{2}});
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  EXPECT_EQ(Shortest(dependencies).from(0), 3U);
  EXPECT_EQ(lower_bound(dependencies), 2U);
  EXPECT_EQ(plan_with(*make_policy("sufficient"), dependencies).batches.size(), 3U);
}

TEST(LowerBound, IsNeverAboveTheShortestSchedule) {
  base::Rng rng(30);
  const graph::Network network = any_network(3);
  for (int round = 0; round < 150; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, kSmall, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    ASSERT_LE(lower_bound(dependencies), Shortest(dependencies).from(0)) << graph.to_string();
  }
}

// ED-Batch, lemma 2.1, from every state of random schedules.
TEST(FrontierRatio, ATypeOfRatioOneBeginsAShortestSchedule) {
  base::Rng rng(31);
  const graph::Network network = any_network(3);
  std::uint32_t choices = 0;
  for (int round = 0; round < 150; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, kSmall, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    Shortest shortest(dependencies);
    Frontier frontier(dependencies);
    FrontierRatio ratio(dependencies, frontier);
    std::uint32_t run = 0;
    while (!frontier.empty()) {
      for (graph::TypeId a = 0; a < network.type_count(); ++a) {
        if (frontier.count(a) == 0 || frontier.count(a) != ratio.typed_count(a)) continue;
        ++choices;
        ASSERT_EQ(1 + shortest.from(run | shortest.ready(run, a)), shortest.from(run))
            << "type " << a << " in\n"
            << graph.to_string();
      }
      const graph::TypeId type = random_ready_type(rng, frontier);
      run |= shortest.ready(run, type);
      ratio.ran(type, frontier.run(type));
    }
  }
  EXPECT_GT(choices, 1000U);
}

}  // namespace
}  // namespace sheaf::batching
