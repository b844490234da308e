// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/lstm_nmt.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

class LstmNmtTest : public ::testing::Test {
 protected:
  LstmNmt model_{{.hidden = 16, .vocabulary = 20, .classes = 30}};
  graph::Graph graph_{model_.network()};
};

TEST_F(LstmNmtTest, FlopsAreThoseOfTheModelsPage) {
  EXPECT_EQ(flops_of(model_.network(), "encoder"), 18U * 16 * 16);
  EXPECT_EQ(flops_of(model_.network(), "decoder"), 18U * 16 * 16);
  EXPECT_EQ(flops_of(model_.network(), "head"), 2U * 16 * 30);
  model_.append(SentencePair{{1, 2, 3}, {4, 5}}, 0, graph_);
  EXPECT_EQ(graph_.flops(graph_.seal()), 5U * 18 * 16 * 16 + 2U * 2 * 16 * 30);
}

// Encoder 0, 1; decoder 2, head 3; decoder 4, head 5.
TEST_F(LstmNmtTest, TheDecoderGoesOnFromTheEncoder) {
  model_.append(SentencePair{{7, 8}, {9, 29}}, 0, graph_);
  graph_.verify();
  EXPECT_EQ(node_counts(graph_), (Counts{{"encoder", 2}, {"decoder", 2}, {"head", 2}}));
  EXPECT_TRUE(operands(graph_, 0).empty());
  EXPECT_EQ(operands(graph_, 1), (Operands{{0, 0}, {0, 1}}));
  EXPECT_EQ(operands(graph_, 2), (Operands{{1, 0}, {1, 1}}));
  EXPECT_EQ(operands(graph_, 3), (Operands{{2}}));
  EXPECT_EQ(operands(graph_, 4), (Operands{{2, 0}, {2, 1}}));
  EXPECT_EQ(graph_.payload(1), 8U);
  EXPECT_EQ(graph_.payload(2), 0U) << "begins the sentence";
  EXPECT_EQ(graph_.payload(4), 9U) << "the word before";
  const auto outputs = graph_.outputs();
  EXPECT_EQ(Operands(outputs.begin(), outputs.end()), (Operands{{3}, {5}}));
}

TEST_F(LstmNmtTest, EachSideHasItsOwnTableAndParameters) {
  const graph::ParameterStore& parameters = model_.network().parameters();
  EXPECT_EQ(parameters[parameters.find(kEmbedding)].shape, (tensor::Shape{20, 16}));
  EXPECT_EQ(parameters[parameters.find(kTargetEmbedding)].shape, (tensor::Shape{30, 16}));
  const graph::BatchType& encoder = model_.network().type(0);
  const graph::BatchType& decoder = model_.network().type(1);
  EXPECT_EQ(encoder.cell, decoder.cell);
  for (std::size_t s = 0; s < encoder.binding.size(); ++s) {
    EXPECT_NE(encoder.binding[s], decoder.binding[s]) << s;
  }
}

TEST_F(LstmNmtTest, WithoutATargetThereAreNoOutputs) {
  model_.append(SentencePair{{1, 2}, {}}, 0, graph_);
  graph_.verify();
  EXPECT_EQ(node_counts(graph_), (Counts{{"encoder", 2}}));
  EXPECT_TRUE(graph_.outputs().empty());
}

TEST_F(LstmNmtTest, WithoutASourceTheDecoderHasNoStateBeforeIt) {
  model_.append(SentencePair{{}, {4}}, 0, graph_);
  graph_.verify();
  EXPECT_TRUE(operands(graph_, 0).empty());
}

TEST_F(LstmNmtTest, PairsFollowEachOtherWithoutSharingStates) {
  model_.append(SentencePair{{1}, {2}}, 0, graph_);
  model_.append(SentencePair{{1}, {2}}, 1, graph_);
  graph_.verify();
  EXPECT_TRUE(operands(graph_, 3).empty());
}

TEST_F(LstmNmtTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Sentence{}, 0, graph_); }),
            "[model lstm_nmt] instance: got a sentence, expected a pair of sentences");
}

}  // namespace
}  // namespace sheaf::nn
