// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lac.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

class LacTest : public ::testing::Test {
 protected:
  Lac model_{10};
  graph::Graph graph_{model_.network()};
};

TEST_F(LacTest, FlopsPerCellAreTwoPerWeight) {
  constexpr std::uint64_t kH = Lac::kHidden;
  EXPECT_EQ(flops_of(model_.network(), "forward1"), 3 * 2 * (kH + kH) * kH);
  EXPECT_EQ(flops_of(model_.network(), "backward1"), 3 * 2 * (kH + kH) * kH);
  EXPECT_EQ(flops_of(model_.network(), "forward2"), 3 * 2 * (2 * kH + kH) * kH);
  EXPECT_EQ(flops_of(model_.network(), "backward2"), 3 * 2 * (2 * kH + kH) * kH);
  EXPECT_EQ(flops_of(model_.network(), "emission"), 2 * 2 * kH * Lac::kTags);
  EXPECT_EQ(flops_of(model_.network(), "crf_first"), 0U);
  EXPECT_EQ(flops_of(model_.network(), "crf_step"), 0U);
}

TEST_F(LacTest, ACharacterTakesOnePointZeroOneMflop) {
  model_.append(Sentence{{1, 2, 3, 4}}, 0, graph_);
  EXPECT_EQ(graph_.flops(graph_.seal()), 4U * 1'012'224);
}

TEST_F(LacTest, ACharacterIsSixCalls) {
  model_.append(Sentence{{1, 2, 3}}, 0, graph_);
  graph_.verify();
  EXPECT_EQ(node_counts(graph_), (Counts{{"forward1", 3},
                                         {"backward1", 3},
                                         {"forward2", 3},
                                         {"backward2", 3},
                                         {"emission", 3},
                                         {"crf_first", 1},
                                         {"crf_step", 2}}));
  EXPECT_EQ(operand_counts(graph_), (std::map<std::string, std::size_t>{{"forward1", 2},
                                                                        {"backward1", 2},
                                                                        {"forward2", 8},
                                                                        {"backward2", 8},
                                                                        {"emission", 6},
                                                                        {"crf_first", 1},
                                                                        {"crf_step", 4}}));
}

TEST_F(LacTest, BothLayersRunForwardAndBackward) {
  model_.append(Sentence{{7, 8}}, 0, graph_);
  ASSERT_EQ(graph_.size(), 12U);
  // Layer 1: forward 0, 1; backward, of the last character first, 2, 3.
  EXPECT_EQ(operands(graph_, 0), (Operands{}));
  EXPECT_EQ(operands(graph_, 1), (Operands{{0}}));
  EXPECT_EQ(operands(graph_, 2), (Operands{}));
  EXPECT_EQ(operands(graph_, 3), (Operands{{2}}));
  EXPECT_EQ(graph_.payload(0), 7U);
  EXPECT_EQ(graph_.payload(1), 8U);
  EXPECT_EQ(graph_.payload(2), 8U);
  EXPECT_EQ(graph_.payload(3), 7U);
  // Layer 2 alike, 4 .. 7: forward and backward state of its character, then its own before.
  EXPECT_EQ(operands(graph_, 4), (Operands{{0}, {3}}));
  EXPECT_EQ(operands(graph_, 5), (Operands{{1}, {2}, {4}}));
  EXPECT_EQ(operands(graph_, 6), (Operands{{1}, {2}}));
  EXPECT_EQ(operands(graph_, 7), (Operands{{0}, {3}, {6}}));
  // Emission 8 and CRF 9 of the first character, 10 and 11 of the second.
  EXPECT_EQ(operands(graph_, 8), (Operands{{4}, {7}}));
  EXPECT_EQ(operands(graph_, 9), (Operands{{8}}));
  EXPECT_EQ(operands(graph_, 10), (Operands{{5}, {6}}));
  EXPECT_EQ(operands(graph_, 11), (Operands{{9}, {10}}));
}

TEST_F(LacTest, EmissionsAreOutputsAndScoresAreDecoded) {
  model_.append(Sentence{{7, 8}}, 0, graph_);
  const auto outputs = graph_.outputs();
  const auto decoded = graph_.decoded();
  EXPECT_EQ(Operands(outputs.begin(), outputs.end()), (Operands{{8}, {10}}));
  EXPECT_EQ(Operands(decoded.begin(), decoded.end()), (Operands{{9}, {11}}));
  EXPECT_EQ(model_.network().type(graph_.type(8)).cell->output_width(0), Lac::kTags);
  EXPECT_EQ(model_.network().type(graph_.type(11)).cell->output_width(0), 2 * Lac::kTags);
}

TEST_F(LacTest, DirectionsShareACellPerLayer) {
  const graph::Network& network = model_.network();
  EXPECT_EQ(network.type(0).cell, network.type(1).cell);
  EXPECT_EQ(network.type(2).cell, network.type(3).cell);
  EXPECT_NE(network.type(0).cell, network.type(2).cell);
  EXPECT_EQ(network.type_names(),
            (std::vector<std::string>{"forward1", "backward1", "forward2", "backward2", "emission",
                                      "crf_first", "crf_step"}));
}

TEST_F(LacTest, TheCrfHasStartTransitionsAndStop) {
  const graph::ParameterStore& parameters = model_.network().parameters();
  EXPECT_EQ(parameters[parameters.find("crf.start")].shape, (tensor::Shape{1, 57}));
  EXPECT_EQ(parameters[parameters.find("crf.transitions")].shape, (tensor::Shape{57, 57}));
  EXPECT_EQ(parameters[parameters.find("crf.stop")].shape, (tensor::Shape{1, 57}));
}

TEST_F(LacTest, ASentenceOfOneCharacterHasNoStep) {
  model_.append(Sentence{{4}}, 0, graph_);
  graph_.verify();
  EXPECT_EQ(node_counts(graph_), (Counts{{"forward1", 1},
                                         {"backward1", 1},
                                         {"forward2", 1},
                                         {"backward2", 1},
                                         {"emission", 1},
                                         {"crf_first", 1}}));
}

TEST_F(LacTest, AnEmptySentenceAddsNothing) {
  model_.append(Sentence{}, 0, graph_);
  EXPECT_EQ(graph_.size(), 0U);
  EXPECT_TRUE(graph_.outputs().empty());
  EXPECT_TRUE(graph_.decoded().empty());
}

TEST_F(LacTest, SentencesFollowEachOtherInOneGraph) {
  model_.append(Sentence{{4}}, 0, graph_);
  model_.append(Sentence{{7, 8}}, 1, graph_);
  graph_.verify();
  ASSERT_EQ(graph_.size(), 18U);
  EXPECT_EQ(operands(graph_, 6 + 5), (Operands{{6 + 1}, {6 + 2}, {6 + 4}}));
  EXPECT_EQ(operands(graph_, 6 + 11), (Operands{{6 + 9}, {6 + 10}}));
}

TEST_F(LacTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Tree{}, 0, graph_); }),
            "[model lac] instance: got a tree, expected a sentence");
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Lattice{}, 0, graph_); }),
            "[model lac] instance: got a lattice, expected a sentence");
  EXPECT_EQ(graph_.size(), 0U);
}

}  // namespace
}  // namespace sheaf::nn
