// SPDX-License-Identifier: Apache-2.0
//
// lattice_gru, as far as it is not lattice_lstm, and dag_gru.
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/nn/dag_gru.h"
#include "sheaf/nn/lattice_gru.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

// Positions 0..2. Into 1: a character; into 2: a character and a word from 0.
Lattice small_lattice() { return {.arc_begin = {0, 0, 1, 3}, .arcs = {{0, 11}, {1, 12}, {0, 13}}}; }

TEST(LatticeGru, FlopsAreThoseOfTheModelsPage) {
  for (const std::uint32_t h : {16U, 256U}) {
    const LatticeGru model({.hidden = h, .vocabulary = 20});
    EXPECT_EQ(flops_of(model.network(), "character"), 12U * h * h);
    EXPECT_EQ(flops_of(model.network(), "word"), 12U * h * h);
    EXPECT_EQ(flops_of(model.network(), "head"), 2U * h * LatticeGru::kTags);
    EXPECT_EQ(flops_of(model.network(), "start"), 0U);
  }
}

TEST(LatticeGru, AnArcReadsOneStateOfEveryArcBeforeIt) {
  const LatticeGru model({.hidden = 16, .vocabulary = 20});
  graph::Graph graph(model.network());
  model.append(small_lattice(), 0, graph);
  graph.verify();
  EXPECT_EQ(node_counts(graph), (Counts{{"start", 1}, {"character", 2}, {"word", 1}, {"head", 3}}));
  // start 0, head 1 | character 2, head 3 | character 4, word 5, head 6
  EXPECT_EQ(operands(graph, 2), (Operands{{0}}));
  EXPECT_EQ(operands(graph, 4), (Operands{{2}}));
  EXPECT_EQ(operands(graph, 5), (Operands{{0}}));
  EXPECT_EQ(operands(graph, 6), (Operands{{4}, {5}}));
  const auto outputs = graph.outputs();
  EXPECT_EQ(Operands(outputs.begin(), outputs.end()), (Operands{{1}, {3}, {6}}));
}

TEST(LatticeGru, MessageNamesAnInstanceOfAnotherKind) {
  const LatticeGru model({.hidden = 16, .vocabulary = 20});
  graph::Graph graph(model.network());
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model.append(SentencePair{}, 0, graph); }),
            "[model lattice_gru] instance: got a pair of sentences, expected a lattice");
}

class DagGruTest : public ::testing::Test {
 protected:
  DagGru model_{{.hidden = 16, .vocabulary = 20}};
  graph::Graph graph_{model_.network()};
};

// 0 and 1 into 2; 2 and 0, in this order, into 3.
Dag small_dag() {
  return {.kinds = {4, 5, 6, 7}, .begin = {0, 0, 0, 2, 4}, .predecessors = {0, 1, 2, 0}};
}

TEST_F(DagGruTest, FlopsAreThoseOfTheModelsPage) {
  model_.append(small_dag(), 0, graph_);
  EXPECT_EQ(flops_of(model_.network(), "node"), 12U * 16 * 16);
  EXPECT_EQ(flops_of(model_.network(), "head"), 10U * 16);
  EXPECT_EQ(graph_.flops(graph_.seal()), 4U * (12 * 16 * 16 + 10 * 16));
}

TEST_F(DagGruTest, ANodeReadsItsPredecessorsInTheirOrder) {
  model_.append(small_dag(), 0, graph_);
  graph_.verify();
  EXPECT_EQ(node_counts(graph_), (Counts{{"node", 4}, {"head", 4}}));
  EXPECT_TRUE(operands(graph_, 0).empty());
  EXPECT_TRUE(operands(graph_, 2).empty());
  EXPECT_EQ(operands(graph_, 4), (Operands{{0}, {2}}));
  EXPECT_EQ(operands(graph_, 6), (Operands{{4}, {0}}));
  EXPECT_EQ(graph_.payload(4), 6U);
}

TEST_F(DagGruTest, OutputsAreTheHeadsOfAllNodes) {
  model_.append(small_dag(), 0, graph_);
  const auto outputs = graph_.outputs();
  EXPECT_EQ(Operands(outputs.begin(), outputs.end()), (Operands{{1}, {3}, {5}, {7}}));
  EXPECT_EQ(model_.network().type(graph_.type(1)).cell->output_width(0), DagGru::kClasses);
}

TEST_F(DagGruTest, GraphsFollowEachOtherInOneGraph) {
  model_.append(small_dag(), 0, graph_);
  model_.append(small_dag(), 1, graph_);
  graph_.verify();
  EXPECT_EQ(operands(graph_, 14), (Operands{{12}, {8}}));
}

TEST_F(DagGruTest, AGraphWithoutNodesAddsNothing) {
  model_.append(Dag{}, 0, graph_);
  EXPECT_EQ(graph_.size(), 0U);
}

TEST_F(DagGruTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Lattice{}, 0, graph_); }),
            "[model dag_gru] instance: got a lattice, expected a directed graph");
}

}  // namespace
}  // namespace sheaf::nn
