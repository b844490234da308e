// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;
using Types = std::vector<graph::TypeId>;

Types agenda_types(graph::Graph& graph) {
  return types_of(plan_with(*make_policy("agenda"), dependencies_of(graph, graph.seal())));
}

TEST(AgendaPolicy, TakesTheReadyTypeOfTheSmallestMeanDepth) {
  const graph::Network network = any_network(3);
  graph::Graph graph(network);
  graph.add(0, {});            // depth 0
  graph.add(1, {});            // depth 0
  graph.add(1, {Operand{1}});  // depth 1
  graph.add(2, {Operand{0}});  // depth 1
  graph.add(2, {Operand{3}});  // depth 2
  graph.add(2, {Operand{4}});  // depth 3
  graph.add(0, {Operand{5}});  // depth 4
  // Means: t0 2, t1 1/2, t2 2.
  EXPECT_EQ(agenda_types(graph), (Types{1, 1, 0, 2, 2, 2, 0}));
}

TEST(AgendaPolicy, MeanIsOverTheNodesThatHaveStillToRun) {
  const graph::Network network = any_network(3);
  graph::Graph graph(network);
  graph.add(0, {});
  for (graph::NodeId before = 0; before < 5; ++before) graph.add(1, {Operand{before}});
  graph.add(2, {Operand{4}});  // depth 5
  graph.add(0, {Operand{5}});  // depth 6
  // In the end one t0 and the t2 are ready. Over all its nodes the mean of t0 is 3, over the one
  // that is left 6.
  EXPECT_EQ(agenda_types(graph), (Types{0, 1, 1, 1, 1, 1, 2, 0}));
}

TEST(AgendaPolicy, TakesTheFirstOfTypesOfEqualMean) {
  const graph::Network network = any_network(3);
  graph::Graph graph(network);
  graph.add(2, {});
  graph.add(1, {});
  EXPECT_EQ(agenda_types(graph), (Types{1, 2}));
}

// Its known failure: heads of leaves lie as low as the first inner nodes and pull the mean of the
// heads below that of the upper nodes.
TEST(AgendaPolicy, TakesOutputNodesTooEarly) {
  const graph::Network network = tree_network();
  graph::Graph graph(network);
  for (int i = 0; i < 4; ++i) graph.add(kLeaf, {});
  graph.add(kNode, {Operand{0}, Operand{1}});
  graph.add(kNode, {Operand{2}, Operand{3}});
  graph.add(kNode, {Operand{4}, Operand{5}});
  for (graph::NodeId node = 0; node < 7; ++node) graph.add(kHead, {Operand{node}});
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  EXPECT_EQ(lower_bound(dependencies), 4U);
  EXPECT_EQ(types_of(plan_with(*make_policy("agenda"), dependencies)),
            (Types{kLeaf, kNode, kHead, kNode, kHead}));
  EXPECT_EQ(types_of(plan_with(*make_policy("sufficient"), dependencies)),
            (Types{kLeaf, kNode, kNode, kHead}));
}

}  // namespace
}  // namespace sheaf::batching
