// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_lstm.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

// Positions 0..3. Into 1: a character; into 2: a character and a word from 0; into 3: a word from
// 1 and, after it, a character.
Lattice small_lattice() {
  return {.arc_begin = {0, 0, 1, 3, 5}, .arcs = {{0, 11}, {1, 12}, {0, 13}, {1, 14}, {2, 15}}};
}

class LatticeLstmTest : public ::testing::Test {
 protected:
  LatticeLstm model_{{.hidden = 16, .vocabulary = 20}};
  graph::Graph graph_{model_.network()};
};

TEST_F(LatticeLstmTest, FlopsPerCellAreThoseOfTheModelsPage) {
  for (const std::uint32_t h : {16U, 256U}) {
    const LatticeLstm model({.hidden = h, .vocabulary = 20});
    EXPECT_EQ(flops_of(model.network(), "character"), 16U * h * h);
    EXPECT_EQ(flops_of(model.network(), "word"), 16U * h * h);
    EXPECT_EQ(flops_of(model.network(), "head"), 2U * h * LatticeLstm::kTags);
    EXPECT_EQ(flops_of(model.network(), "start"), 0U);
  }
}

TEST_F(LatticeLstmTest, EveryArcIsACallAndEveryPositionAHead) {
  model_.append(small_lattice(), 0, graph_);
  graph_.verify();
  EXPECT_EQ(node_counts(graph_),
            (Counts{{"start", 1}, {"character", 3}, {"word", 2}, {"head", 4}}));
  // Two operands for each call that an arc's source is the sum of, one for a head.
  EXPECT_EQ(operand_counts(graph_),
            (std::map<std::string, std::size_t>{
                {"start", 0}, {"character", 2 + 2 + 4}, {"word", 2 + 2}, {"head", 1 + 1 + 2 + 2}}));
}

TEST_F(LatticeLstmTest, APositionIsTheSumOfItsIncomingArcsInFileOrder) {
  model_.append(small_lattice(), 0, graph_);
  // start 0, head 1 | character 2, head 3 | character 4, word 5, head 6 | word 7, character 8,
  // head 9
  EXPECT_EQ(operands(graph_, 1), (Operands{{0}}));
  EXPECT_EQ(operands(graph_, 2), (Operands{{0, 0}, {0, 1}}));
  EXPECT_EQ(operands(graph_, 3), (Operands{{2}}));
  EXPECT_EQ(operands(graph_, 4), (Operands{{2, 0}, {2, 1}}));
  EXPECT_EQ(operands(graph_, 5), (Operands{{0, 0}, {0, 1}}));
  EXPECT_EQ(operands(graph_, 6), (Operands{{4}, {5}}));
  EXPECT_EQ(operands(graph_, 7), (Operands{{2, 0}, {2, 1}}));
  EXPECT_EQ(operands(graph_, 8), (Operands{{4, 0}, {4, 1}, {5, 0}, {5, 1}}));
  EXPECT_EQ(operands(graph_, 9), (Operands{{7}, {8}}));
}

TEST_F(LatticeLstmTest, AnArcFromThePositionBeforeIsACharacter) {
  model_.append(small_lattice(), 0, graph_);
  const auto type_name = [&](graph::NodeId node) {
    return model_.network().type(graph_.type(node)).name;
  };
  EXPECT_EQ(type_name(4), "character");
  EXPECT_EQ(type_name(5), "word");
  EXPECT_EQ(type_name(7), "word");
  EXPECT_EQ(type_name(8), "character");
  EXPECT_EQ(graph_.payload(4), 12U);
  EXPECT_EQ(graph_.payload(5), 13U);
  EXPECT_EQ(graph_.payload(7), 14U);
}

TEST_F(LatticeLstmTest, CharacterAndWordArcsShareCellAndTableButNoWeights) {
  const graph::Network& network = model_.network();
  const graph::BatchType& character = network.type(1);
  const graph::BatchType& word = network.type(2);
  EXPECT_EQ(character.name, "character");
  EXPECT_EQ(word.name, "word");
  EXPECT_EQ(character.cell, word.cell);
  ASSERT_EQ(character.binding.size(), 13U);
  EXPECT_EQ(character.binding[0], network.parameters().find(kEmbedding));
  EXPECT_EQ(word.binding[0], character.binding[0]);
  for (std::size_t s = 1; s < 13; ++s) EXPECT_NE(character.binding[s], word.binding[s]) << s;
}

TEST_F(LatticeLstmTest, OutputsAreTheHeadsOfAllPositions) {
  model_.append(small_lattice(), 0, graph_);
  const auto outputs = graph_.outputs();
  EXPECT_EQ(Operands(outputs.begin(), outputs.end()), (Operands{{1}, {3}, {6}, {9}}));
  EXPECT_EQ(model_.network().type(graph_.type(1)).cell->output_width(0), LatticeLstm::kTags);
}

TEST_F(LatticeLstmTest, APositionWithoutArcsIsASumOfNothing) {
  model_.append(Lattice{.arc_begin = {0, 0, 0, 1}, .arcs = {{1, 5}}}, 0, graph_);
  graph_.verify();
  EXPECT_TRUE(operands(graph_, 2).empty());  // the head of position 1
  EXPECT_TRUE(operands(graph_, 3).empty());  // the arc that leads on from there
  EXPECT_EQ(operands(graph_, 4), (Operands{{3}}));
}

TEST_F(LatticeLstmTest, LatticesFollowEachOtherInOneGraph) {
  model_.append(small_lattice(), 0, graph_);
  model_.append(small_lattice(), 1, graph_);
  graph_.verify();
  ASSERT_EQ(graph_.size(), 20U);
  EXPECT_EQ(graph_.instance(9), 0U);
  EXPECT_EQ(graph_.instance(10), 1U);
  EXPECT_EQ(operands(graph_, 18), (Operands{{14, 0}, {14, 1}, {15, 0}, {15, 1}}));
}

TEST_F(LatticeLstmTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Tree{}, 0, graph_); }),
            "[model lattice_lstm] instance: got a tree, expected a lattice");
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Sentence{}, 0, graph_); }),
            "[model lattice_lstm] instance: got a sentence, expected a lattice");
  EXPECT_EQ(graph_.size(), 0U);
}

}  // namespace
}  // namespace sheaf::nn
