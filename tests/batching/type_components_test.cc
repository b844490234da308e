// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/type_components.h"

#include <gtest/gtest.h>

#include "tests/batching/random_graph.h"

namespace sheaf::batching {
namespace {

using graph::Operand;
using graph::TypeId;

std::vector<TypeId> types_in(const TypeComponents& components, std::uint32_t component) {
  const auto types = components.types(component);
  return {types.begin(), types.end()};
}

TEST(TypeComponents, OfATreeAreItsTypesInOrder) {
  base::Rng rng(1);
  const graph::Network network = tree_network();
  graph::Graph graph(network);
  add_random_tree(rng, 9, graph);
  const TypeComponents components(dependencies_of(graph, graph.seal()));
  ASSERT_EQ(components.size(), 3U);
  EXPECT_EQ(types_in(components, 0), std::vector<TypeId>{kLeaf});
  EXPECT_EQ(types_in(components, 1), std::vector<TypeId>{kNode});
  EXPECT_EQ(types_in(components, 2), std::vector<TypeId>{kHead});
}

TEST(TypeComponents, ShareTypesThatComeAfterEachOther) {
  const graph::Network network = any_network(4);
  graph::Graph graph(network);
  // 3 -> 1 -> 2 -> 1, and 2 -> 0.
  graph.add(3, {});
  graph.add(1, {Operand{0}});
  graph.add(2, {Operand{1}});
  graph.add(1, {Operand{2}});
  graph.add(0, {Operand{2}});
  const TypeComponents components(dependencies_of(graph, graph.seal()));
  ASSERT_EQ(components.size(), 3U);
  EXPECT_EQ(types_in(components, 0), std::vector<TypeId>{3});
  EXPECT_EQ(types_in(components, 1), (std::vector<TypeId>{1, 2}));
  EXPECT_EQ(types_in(components, 2), std::vector<TypeId>{0});
  EXPECT_EQ(components.of(2), 1U);
}

TEST(TypeComponents, ShareTypesOfALongerCircle) {
  const graph::Network network = any_network(3);
  graph::Graph graph(network);
  for (graph::NodeId i = 0; i < 4; ++i) {
    const std::vector<Operand> before(i == 0 ? 0 : 1, Operand{i - 1});
    graph.add(static_cast<TypeId>(i % 3), before);
  }
  const TypeComponents components(dependencies_of(graph, graph.seal()));
  ASSERT_EQ(components.size(), 1U);
  EXPECT_EQ(components.types(0).size(), 3U);
}

TEST(TypeComponents, HoldForMoreTypesThanBitsInAWord) {
  constexpr std::uint32_t kTypes = 130;
  const graph::Network network = any_network(kTypes);
  graph::Graph graph(network);
  graph.add(129, {});
  for (graph::NodeId i = 1; i < kTypes; ++i) {
    graph.add(static_cast<TypeId>(129 - i), {Operand{i - 1}});
  }
  const TypeComponents components(dependencies_of(graph, graph.seal()));
  ASSERT_EQ(components.size(), kTypes);
  for (std::uint32_t c = 0; c < kTypes; ++c) {
    EXPECT_EQ(types_in(components, c), std::vector<TypeId>{static_cast<TypeId>(129 - c)});
  }
}

TEST(TypeComponents, NoEdgeLeadsToAnEarlierComponentOnRandomGraphs) {
  base::Rng rng(2);
  const graph::Network network = any_network(9);
  for (int round = 0; round < 50; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 14, .most_operands = 2}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const TypeComponents components(dependencies);
    for (LocalId v = 0; v < dependencies.size(); ++v) {
      for (const LocalId u : dependencies.producers(v)) {
        EXPECT_LE(components.of(dependencies.type(u)), components.of(dependencies.type(v)));
      }
    }
  }
}

}  // namespace
}  // namespace sheaf::batching
