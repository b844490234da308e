// SPDX-License-Identifier: Apache-2.0
//
// The variants of the tree models: types, calls, flops. What they share with tree_lstm is tested
// there.
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/nn/tree_gru.h"
#include "sheaf/nn/tree_lstm.h"
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

// Leaves joined from the left: ((((1 1) 1) 1) ...
Tree left_comb(std::uint32_t inner) {
  Tree tree{{leaf(1)}};
  for (std::uint32_t i = 0; i < inner; ++i) {
    const auto below = static_cast<std::uint32_t>(tree.nodes.size()) - 1;
    tree.nodes.push_back(leaf(1));
    tree.nodes.push_back(parent(below, below + 1));
  }
  return tree;
}

constexpr ModelOptions kSmall{.hidden = 16, .vocabulary = 10};

TEST(TreeModels, FlopsPerCellAreThoseOfTheModelsPage) {
  for (const std::uint32_t h : {16U, 256U}) {
    const ModelOptions options{.hidden = h, .vocabulary = 10};
    const TreeLstmNary nary(options);
    EXPECT_EQ(flops_of(nary.network(), "leaf"), 6U * h * h);
    EXPECT_EQ(flops_of(nary.network(), "node"), 20U * h * h);
    const TreeLstm2Type two(options);
    EXPECT_EQ(flops_of(two.network(), "node1"), 16U * h * h);
    EXPECT_EQ(flops_of(two.network(), "node2"), 16U * h * h);
    const TreeGru gru(options);
    EXPECT_EQ(flops_of(gru.network(), "leaf"), 6U * h * h);
    EXPECT_EQ(flops_of(gru.network(), "node"), 12U * h * h);
    for (const Model* model : {static_cast<const Model*>(&nary), static_cast<const Model*>(&two),
                               static_cast<const Model*>(&gru)}) {
      EXPECT_EQ(flops_of(model->network(), "head"), 10U * h) << model->name();
    }
  }
}

TEST(TreeModels, EveryTreeNodeIsACallAndItsHead) {
  for (const char* name : {"tree_lstm_nary", "tree_gru"}) {
    const auto model = make_model(name, kSmall);
    graph::Graph graph(model->network());
    model->append(small_tree(), 0, graph);
    graph.verify();
    EXPECT_EQ(node_counts(graph), (Counts{{"leaf", 3}, {"node", 2}, {"head", 5}})) << name;
    ASSERT_EQ(graph.outputs().size(), 5U);
    for (std::uint32_t k = 0; k < 5; ++k) {
      EXPECT_EQ(graph.outputs()[k], (graph::Operand{2 * k + 1, 0})) << name;
    }
  }
}

TEST(TreeModels, AGruParentReadsOneStateOfEachChild) {
  const TreeGru model(kSmall);
  graph::Graph graph(model.network());
  model.append(small_tree(), 0, graph);
  EXPECT_EQ(operands(graph, 6), (Operands{{2}, {4}}));
  EXPECT_EQ(operands(graph, 8), (Operands{{0}, {6}}));
  EXPECT_EQ(graph.payload(2), 5U);
}

// The types of the inner nodes, in post-order, as one string of 1 and 2.
std::string coins(const Tree& tree, std::uint64_t seed, std::uint32_t index = 0) {
  const TreeLstm2Type model({.hidden = 4, .vocabulary = 10, .seed = seed});
  graph::Graph graph(model.network());
  for (std::uint32_t before = 0; before < index; ++before) {
    model.append(left_comb(before + 2), before, graph);
  }
  const graph::NodeId first = graph.size();
  model.append(tree, index, graph);
  graph.verify();
  std::string types;
  for (graph::NodeId node = first; node < graph.size(); ++node) {
    const std::string& name = model.network().type(graph.type(node)).name;
    if (name.starts_with("node")) types += name.back();
  }
  return types;
}

TEST(TreeLstm2Type, TypesDependOnSeedAndShapeOnly) {
  const std::string wanted = coins(left_comb(40), 1);
  EXPECT_EQ(wanted.size(), 40U);
  EXPECT_EQ(coins(left_comb(40), 1), wanted);
  EXPECT_EQ(coins(left_comb(40), 1, 3), wanted) << "as the fourth of its batch";
  Tree other_words = left_comb(40);
  for (Tree::Node& node : other_words.nodes) node.word = 7;
  EXPECT_EQ(coins(other_words, 1), wanted);
  EXPECT_NE(coins(left_comb(40), 2), wanted);
  EXPECT_NE(coins(left_comb(41), 1).substr(0, 40), wanted);
}

// SplitMix64 and FNV-1a, worked out apart from this code.
TEST(TreeLstm2Type, TypesAreThoseOfTheDescribedGenerator) {
  EXPECT_EQ(coins(left_comb(12), 1), "212111121212");
  EXPECT_EQ(coins(small_tree(), 5), "11");
}

TEST(TreeLstm2Type, TheCoinIsFair) {
  constexpr std::uint32_t kNodes = 4000;
  const std::string types = coins(left_comb(kNodes), 3);
  const auto ones = std::count(types.begin(), types.end(), '1');
  EXPECT_NEAR(static_cast<double>(ones), kNodes / 2.0, 100) << "over three standard deviations";
}

TEST(TreeLstm2Type, BothTypesShareTheCellAndNoWeights) {
  const TreeLstm2Type model(kSmall);
  const graph::BatchType& one = model.network().type(1);
  const graph::BatchType& two = model.network().type(2);
  ASSERT_EQ(one.name, "node1");
  ASSERT_EQ(two.name, "node2");
  EXPECT_EQ(one.cell, two.cell);
  for (std::size_t s = 0; s < one.binding.size(); ++s) EXPECT_NE(one.binding[s], two.binding[s]);
}

TEST(TreeModels, MessageNamesAnInstanceOfAnotherKind) {
  for (const std::string name : {"tree_lstm_nary", "tree_lstm_2type", "tree_gru"}) {
    const auto model = make_model(name, kSmall);
    graph::Graph graph(model->network());
    EXPECT_EQ(test::message_of<base::UsageError>([&] { model->append(Dag{}, 0, graph); }),
              "[model " + name + "] instance: got a directed graph, expected a tree");
  }
}

}  // namespace
}  // namespace sheaf::nn
