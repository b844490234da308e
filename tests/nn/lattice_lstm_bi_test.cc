// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lattice_lstm_bi.h"

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

class LatticeLstmBiTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string type_name(graph::NodeId node) const {
    return model_.network().type(graph_.type(node)).name;
  }

  LatticeLstmBi model_{{.hidden = 16, .vocabulary = 20}};
  graph::Graph graph_{model_.network()};
};

TEST_F(LatticeLstmBiTest, FlopsPerCellAreThoseOfTheModelsPage) {
  for (const std::uint32_t h : {16U, 256U}) {
    const LatticeLstmBi model({.hidden = h, .vocabulary = 20});
    for (const std::string direction : {"forward", "backward"}) {
      EXPECT_EQ(flops_of(model.network(), direction + "_character"), 16U * h * h);
      EXPECT_EQ(flops_of(model.network(), direction + "_word"), 16U * h * h);
      EXPECT_EQ(flops_of(model.network(), direction + "_position"), 0U);
      EXPECT_EQ(flops_of(model.network(), direction + "_start"), 0U);
    }
    EXPECT_EQ(flops_of(model.network(), "head"), 4U * h * LatticeModel::kTags);
  }
}

TEST_F(LatticeLstmBiTest, EveryArcIsACallInEachDirection) {
  model_.append(small_lattice(), 0, graph_);
  graph_.verify();
  EXPECT_EQ(node_counts(graph_), (Counts{{"forward_start", 1},
                                         {"forward_character", 3},
                                         {"forward_word", 2},
                                         {"forward_position", 4},
                                         {"backward_start", 1},
                                         {"backward_character", 3},
                                         {"backward_word", 2},
                                         {"backward_position", 4},
                                         {"head", 4}}));
}

TEST_F(LatticeLstmBiTest, ForwardAPositionIsTheSumOfItsIncomingArcs) {
  model_.append(small_lattice(), 0, graph_);
  // start 0 | arcs 1 to 5 | positions 6 to 9
  EXPECT_EQ(operands(graph_, 1), (Operands{{0, 0}, {0, 1}}));
  EXPECT_EQ(operands(graph_, 2), (Operands{{1, 0}, {1, 1}}));
  EXPECT_EQ(operands(graph_, 3), (Operands{{0, 0}, {0, 1}}));
  EXPECT_EQ(operands(graph_, 5), (Operands{{2, 0}, {2, 1}, {3, 0}, {3, 1}}));
  EXPECT_EQ(operands(graph_, 6), (Operands{{0}}));
  EXPECT_EQ(operands(graph_, 9), (Operands{{4}, {5}}));
}

TEST_F(LatticeLstmBiTest, BackwardAPositionIsTheSumOfItsOutgoingArcsInFileOrder) {
  model_.append(small_lattice(), 0, graph_);
  // start 10 | arcs, the last first, 11 to 15 | positions 16 to 19
  EXPECT_EQ(type_name(10), "backward_start");
  for (graph::NodeId node = 11; node < 16; ++node) EXPECT_EQ(graph_.payload(node), 26 - node);
  EXPECT_EQ(type_name(11), "backward_character");
  EXPECT_EQ(type_name(12), "backward_word");
  EXPECT_EQ(type_name(13), "backward_word");
  EXPECT_EQ(type_name(14), "backward_character");
  EXPECT_EQ(operands(graph_, 11), (Operands{{10, 0}, {10, 1}}));
  EXPECT_EQ(operands(graph_, 13), (Operands{{11, 0}, {11, 1}}));
  EXPECT_EQ(operands(graph_, 15), (Operands{{14, 0}, {14, 1}, {12, 0}, {12, 1}}));
  EXPECT_EQ(operands(graph_, 16), (Operands{{15}, {13}}));
  EXPECT_EQ(operands(graph_, 19), (Operands{{10}}));
}

TEST_F(LatticeLstmBiTest, HeadsReadTheForwardStateAndTheBackwardStateOfThePositionBefore) {
  model_.append(small_lattice(), 0, graph_);
  EXPECT_EQ(operands(graph_, 20), (Operands{{6}, {16}}));
  EXPECT_EQ(operands(graph_, 21), (Operands{{7}, {16}}));
  EXPECT_EQ(operands(graph_, 23), (Operands{{9}, {18}}));
  const auto outputs = graph_.outputs();
  EXPECT_EQ(Operands(outputs.begin(), outputs.end()), (Operands{{20}, {21}, {22}, {23}}));
}

TEST_F(LatticeLstmBiTest, TheFourKindsOfArcsShareCellAndTableButNoWeights) {
  const graph::Network& network = model_.network();
  std::vector<const graph::BatchType*> arcs;
  for (graph::TypeId type = 0; type < network.type_count(); ++type) {
    if (network.type(type).binding.size() == 13) arcs.push_back(&network.type(type));
  }
  ASSERT_EQ(arcs.size(), 4U);
  for (const graph::BatchType* a : arcs) {
    EXPECT_EQ(a->cell, arcs[0]->cell);
    EXPECT_EQ(a->binding[0], network.parameters().find(kEmbedding));
    for (const graph::BatchType* b : arcs) {
      for (std::size_t s = 1; s < 13; ++s) EXPECT_EQ(a->binding[s] == b->binding[s], a == b) << s;
    }
  }
}

TEST_F(LatticeLstmBiTest, APositionWithoutArcsIsASumOfNothing) {
  model_.append(Lattice{.arc_begin = {0, 0, 0, 1}, .arcs = {{0, 5}}}, 0, graph_);
  graph_.verify();
  // start 0, arc 1, positions 2 to 4 | start 5, arc 6, positions 7 to 9
  EXPECT_TRUE(operands(graph_, 3).empty());
  EXPECT_TRUE(operands(graph_, 8).empty());
  EXPECT_EQ(operands(graph_, 7), (Operands{{6}}));
}

TEST_F(LatticeLstmBiTest, LatticesOfOneAndOfNoPositionHaveAsManyHeads) {
  model_.append(Lattice{.arc_begin = {0, 0}}, 0, graph_);
  model_.append(Lattice{}, 1, graph_);
  graph_.verify();
  EXPECT_EQ(graph_.outputs().size(), 1U);
}

TEST_F(LatticeLstmBiTest, LatticesFollowEachOtherInOneGraph) {
  model_.append(small_lattice(), 0, graph_);
  model_.append(small_lattice(), 1, graph_);
  graph_.verify();
  ASSERT_EQ(graph_.size(), 48U);
  for (graph::NodeId node = 0; node < 24; ++node) {
    Operands shifted = operands(graph_, node);
    for (graph::Operand& operand : shifted) operand.node += 24;
    EXPECT_EQ(operands(graph_, node + 24), shifted) << node;
  }
}

TEST_F(LatticeLstmBiTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Tree{}, 0, graph_); }),
            "[model lattice_lstm_bi] instance: got a tree, expected a lattice");
  EXPECT_EQ(graph_.size(), 0U);
}

}  // namespace
}  // namespace sheaf::nn
