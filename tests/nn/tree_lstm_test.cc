// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/tree_lstm.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/base/small_stack.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

Tree::Node leaf(std::uint32_t word) { return {.word = word}; }
Tree::Node parent(std::uint32_t left, std::uint32_t right) {
  return {.left = left, .right = right};
}

// (3 (5 4))
Tree small_tree() { return {{leaf(3), leaf(5), leaf(4), parent(1, 2), parent(0, 3)}}; }

TEST(TreeLstm, FlopsPerCellAreThoseOfTheModelsPage) {
  for (const std::uint32_t h : {16U, 256U}) {
    const TreeLstm model({.hidden = h, .vocabulary = 10});
    EXPECT_EQ(flops_of(model.network(), "leaf"), 6U * h * h);
    EXPECT_EQ(flops_of(model.network(), "node"), 16U * h * h);
    EXPECT_EQ(flops_of(model.network(), "head"), 10U * h);
  }
}

TEST(TreeLstm, EveryTreeNodeIsACallAndItsHead) {
  const TreeLstm model({.hidden = 16, .vocabulary = 10});
  graph::Graph graph(model.network());
  model.append(small_tree(), 0, graph);
  graph.verify();
  EXPECT_EQ(node_counts(graph), (Counts{{"leaf", 3}, {"node", 2}, {"head", 5}}));
  EXPECT_EQ(operand_counts(graph),
            (std::map<std::string, std::size_t>{{"leaf", 0}, {"node", 8}, {"head", 5}}));
  EXPECT_EQ(graph.flops(graph.seal()), 3U * 6 * 256 + 2U * 16 * 256 + 5U * 10 * 16);
}

TEST(TreeLstm, AParentReadsStateAndCellOfItsChildrenFromTheLeft) {
  const TreeLstm model({.hidden = 16, .vocabulary = 10});
  graph::Graph graph(model.network());
  model.append(small_tree(), 0, graph);
  // Tree node k is call 2 k, its head call 2 k + 1.
  EXPECT_EQ(operands(graph, 6), (Operands{{2, 0}, {2, 1}, {4, 0}, {4, 1}}));
  EXPECT_EQ(operands(graph, 8), (Operands{{0, 0}, {0, 1}, {6, 0}, {6, 1}}));
  for (graph::NodeId k = 0; k < 5; ++k) {
    EXPECT_EQ(operands(graph, 2 * k + 1), (Operands{{2 * k, 0}}));
  }
  EXPECT_EQ(graph.payload(0), 3U);
  EXPECT_EQ(graph.payload(2), 5U);
  EXPECT_EQ(graph.payload(4), 4U);
}

TEST(TreeLstm, OutputsAreTheHeadsInPostOrder) {
  const TreeLstm model({.hidden = 16, .vocabulary = 10});
  graph::Graph graph(model.network());
  model.append(small_tree(), 0, graph);
  ASSERT_EQ(graph.outputs().size(), 5U);
  for (std::uint32_t k = 0; k < 5; ++k) {
    EXPECT_EQ(graph.outputs()[k], (graph::Operand{2 * k + 1, 0}));
  }
  EXPECT_TRUE(graph.decoded().empty());
  EXPECT_EQ(model.network().type(graph.type(1)).cell->output_width(0), TreeLstm::kClasses);
}

TEST(TreeLstm, TreesFollowEachOtherInOneGraph) {
  const TreeLstm model({.hidden = 16, .vocabulary = 10});
  graph::Graph graph(model.network());
  model.append(Tree{{leaf(1)}}, 0, graph);
  model.append(small_tree(), 1, graph);
  graph.verify();
  EXPECT_EQ(graph.size(), 12U);
  EXPECT_EQ(graph.instance(1), 0U);
  EXPECT_EQ(graph.instance(2), 1U);
  EXPECT_EQ(operands(graph, 8), (Operands{{4, 0}, {4, 1}, {6, 0}, {6, 1}}));
}

TEST(TreeLstm, ATreeWithoutNodesAddsNothing) {
  const TreeLstm model({.hidden = 16, .vocabulary = 10});
  graph::Graph graph(model.network());
  model.append(Tree{}, 0, graph);
  EXPECT_EQ(graph.size(), 0U);
  EXPECT_TRUE(graph.outputs().empty());
}

TEST(TreeLstm, ATree100000DeepIsAppendedWithoutRecursion) {
  constexpr std::uint32_t kDepth = 100'000;
  Tree comb{{leaf(0)}};
  for (std::uint32_t d = 0; d < kDepth; ++d) {
    const auto below = static_cast<std::uint32_t>(comb.nodes.size()) - 1;
    comb.nodes.push_back(leaf(1));
    comb.nodes.push_back(parent(below, below + 1));
  }
  const TreeLstm model({.hidden = 4, .vocabulary = 2});
  graph::Graph graph(model.network());
  ASSERT_TRUE(base::run_on_small_stack([&] {
    model.append(comb, 0, graph);
    graph.verify();
  }));
  EXPECT_EQ(node_counts(graph),
            (Counts{{"leaf", kDepth + 1}, {"node", kDepth}, {"head", 2 * kDepth + 1}}));
}

TEST(TreeLstm, MessageNamesAnInstanceOfAnotherKind) {
  const TreeLstm model({.hidden = 16, .vocabulary = 10});
  graph::Graph graph(model.network());
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model.append(Lattice{}, 0, graph); }),
            "[model tree_lstm] instance: got a lattice, expected a tree");
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model.append(Sentence{}, 0, graph); }),
            "[model tree_lstm] instance: got a sentence, expected a tree");
  EXPECT_EQ(graph.size(), 0U);
}

TEST(TreeLstm, HasNoDecoder) {
  const TreeLstm model({.hidden = 16, .vocabulary = 10});
  const std::vector<float> row(5, 1.0F);
  const std::span<const float> rows[] = {row};
  EXPECT_TRUE(model.decode(rows).empty());
}

}  // namespace
}  // namespace sheaf::nn
