// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/child_sum_tree_lstm.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/base/small_stack.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

constexpr std::uint32_t kRoot = DependencyTree::kRoot;

class ChildSumTest : public ::testing::Test {
 protected:
  void append(std::vector<std::uint32_t> heads) {
    DependencyTree tree{.heads = std::move(heads), .words = {}, .labels = {}};
    for (std::uint32_t w = 0; w < tree.heads.size(); ++w) tree.words.push_back(w % 10);
    model_.append(tree, index_++, graph_);
  }
  std::string refusal(const std::vector<std::uint32_t>& heads) {
    return test::message_of<base::InternalError>([&] { append(heads); });
  }

  ChildSumTreeLstm model_{{.hidden = 16, .vocabulary = 10, .classes = 7}};
  graph::Graph graph_{model_.network()};
  std::uint32_t index_ = 0;
};

TEST_F(ChildSumTest, FlopsAreThoseOfTheModelsPage) {
  constexpr std::uint64_t kH = 16;
  EXPECT_EQ(flops_of(model_.network(), "word"), 8 * kH * kH);
  EXPECT_EQ(flops_of(model_.network(), "edge"), 2 * kH * kH);
  EXPECT_EQ(flops_of(model_.network(), "node"), 6 * kH * kH);
  EXPECT_EQ(flops_of(model_.network(), "head"), 2 * kH * 7);
  append({1, kRoot, 1, 2});
  // i, o, u: 12 H^2; forget gates: 2 H^2 and 2 H^2 a child; four words, three of them children.
  EXPECT_EQ(graph_.flops(graph_.seal()), 4 * (12 + 2) * kH * kH + 3 * 2 * kH * kH + 4 * 14 * kH);
}

// Word 1 has the children 0 and 2, word 2 has 3. Calls: words 0 to 3, then 3 and its edge (4, 5),
// 2 (6, 7), 0 (8, 9), 1 (10), heads (11 to 14).
TEST_F(ChildSumTest, ANodeReadsStateAndForgottenCellOfItsChildrenInTheirOrder) {
  append({1, kRoot, 1, 2});
  graph_.verify();
  EXPECT_EQ(node_counts(graph_), (Counts{{"word", 4}, {"edge", 3}, {"node", 4}, {"head", 4}}));
  EXPECT_EQ(operands(graph_, 4), (Operands{{3, 0}, {3, 1}, {3, 2}}));
  EXPECT_EQ(operands(graph_, 5), (Operands{{2, 3}, {4, 0}, {4, 1}}));
  EXPECT_EQ(operands(graph_, 6), (Operands{{2, 0}, {2, 1}, {2, 2}, {4, 0}, {5, 0}}));
  EXPECT_EQ(operands(graph_, 7), (Operands{{1, 3}, {6, 0}, {6, 1}}));
  EXPECT_EQ(operands(graph_, 10),
            (Operands{{1, 0}, {1, 1}, {1, 2}, {8, 0}, {9, 0}, {6, 0}, {7, 0}}));
}

TEST_F(ChildSumTest, OutputsAreTheHeadsInTheOrderOfTheSentence) {
  append({1, kRoot, 1, 2});
  ASSERT_EQ(graph_.outputs().size(), 4U);
  const std::uint32_t nodes[] = {8, 10, 6, 4};
  for (std::uint32_t w = 0; w < 4; ++w) {
    EXPECT_EQ(graph_.outputs()[w], (graph::Operand{11 + w, 0}));
    EXPECT_EQ(operands(graph_, 11 + w), (Operands{{nodes[w]}}));
  }
  EXPECT_EQ(model_.network().type(graph_.type(11)).cell->output_width(0), 7U);
}

TEST_F(ChildSumTest, SentencesFollowEachOtherInOneGraph) {
  append({kRoot});
  append({1, kRoot});
  graph_.verify();
  EXPECT_EQ(graph_.instance(2), 0U);
  EXPECT_EQ(graph_.instance(3), 1U);
  EXPECT_EQ(node_counts(graph_), (Counts{{"word", 3}, {"edge", 1}, {"node", 3}, {"head", 3}}));
}

TEST_F(ChildSumTest, ASentenceWithoutWordsAddsNothing) {
  append({});
  EXPECT_EQ(graph_.size(), 0U);
}

TEST_F(ChildSumTest, AChainOf100000WordsIsAppendedWithoutRecursion) {
  constexpr std::uint32_t kWords = 100'000;
  std::vector<std::uint32_t> heads = {kRoot};
  for (std::uint32_t w = 1; w < kWords; ++w) heads.push_back(w - 1);
  ASSERT_TRUE(base::run_on_small_stack([&] {
    append(heads);
    graph_.verify();
  }));
  EXPECT_EQ(node_counts(graph_),
            (Counts{{"word", kWords}, {"edge", kWords - 1}, {"node", kWords}, {"head", kWords}}));
}

TEST_F(ChildSumTest, HeadsThatAreNoTreesAreRefused) {
  EXPECT_EQ(refusal({1, 0, kRoot}), "[child_sum_tree_lstm] the heads form a cycle");
  EXPECT_EQ(refusal({0}), "[child_sum_tree_lstm] the heads form a cycle");
  EXPECT_EQ(refusal({2, kRoot}), "[child_sum_tree_lstm] a head is no word of its sentence");
  EXPECT_EQ(graph_.size(), 0U);
}

TEST_F(ChildSumTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Tree{}, 0, graph_); }),
            "[model child_sum_tree_lstm] instance: got a tree, expected a dependency tree");
}

}  // namespace
}  // namespace sheaf::nn
