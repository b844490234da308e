// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/bilstm_tagger.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"
#include "tests/nn/graph_facts.h"

namespace sheaf::nn {
namespace {

using Counts = std::map<std::string, std::uint32_t>;
using Operands = std::vector<graph::Operand>;

constexpr std::uint64_t kH = 16;
constexpr std::uint64_t kTags = 9;
constexpr ModelOptions kSmall{.hidden = kH, .vocabulary = 20, .characters = 8, .classes = kTags};

class BilstmTaggerTest : public ::testing::Test {
 protected:
  BilstmTagger model_{kSmall};
  graph::Graph graph_{model_.network()};
};

TEST_F(BilstmTaggerTest, FlopsOfATokenAreThoseOfTheModelsPage) {
  for (const char* type : {"forward1", "forward2", "backward1", "backward2"}) {
    EXPECT_EQ(flops_of(model_.network(), type), 16 * kH * kH) << type;
  }
  EXPECT_EQ(flops_of(model_.network(), "head"), 4 * kH * kH + 2 * kH * kTags);
  model_.append(Sentence{.ids = {1, 2, 3}}, 0, graph_);
  EXPECT_EQ(graph_.flops(graph_.seal()), 3 * (68 * kH * kH + 2 * kH * kTags));
}

// Calls: forward1 0, 1; forward2 2, 3; backward1 4 (word 1), 5 (word 0); backward2 6, 7; heads.
TEST_F(BilstmTaggerTest, TheStacksReadEachTheirOwnFirstLayer) {
  model_.append(Sentence{.ids = {7, 8}}, 0, graph_);
  graph_.verify();
  EXPECT_EQ(
      node_counts(graph_),
      (Counts{{"forward1", 2}, {"forward2", 2}, {"backward1", 2}, {"backward2", 2}, {"head", 2}}));
  EXPECT_TRUE(operands(graph_, 0).empty());
  EXPECT_EQ(operands(graph_, 1), (Operands{{0, 0}, {0, 1}}));
  EXPECT_EQ(operands(graph_, 2), (Operands{{0}}));
  EXPECT_EQ(operands(graph_, 3), (Operands{{1}, {2, 0}, {2, 1}}));
  EXPECT_EQ(graph_.payload(4), 8U);
  EXPECT_EQ(graph_.payload(5), 7U);
  EXPECT_EQ(operands(graph_, 7), (Operands{{5}, {6, 0}, {6, 1}}));
  EXPECT_EQ(operands(graph_, 8), (Operands{{2}, {7}}));
  EXPECT_EQ(operands(graph_, 9), (Operands{{3}, {6}}));
  const auto outputs = graph_.outputs();
  EXPECT_EQ(Operands(outputs.begin(), outputs.end()), (Operands{{8}, {9}}));
}

TEST_F(BilstmTaggerTest, ASentenceWithoutWordsAddsNothing) {
  model_.append(Sentence{}, 0, graph_);
  EXPECT_EQ(graph_.size(), 0U);
}

TEST_F(BilstmTaggerTest, SpellingsAreNotRead) {
  model_.append(Sentence{.ids = {1}, .labels = {}, .spelling_begin = {0, 2}, .spelling = {3, 4}}, 0,
                graph_);
  EXPECT_EQ(graph_.size(), 5U);
}

TEST_F(BilstmTaggerTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(SentencePair{}, 0, graph_); }),
            "[model bilstm_tagger] instance: got a pair of sentences, expected a sentence");
}

class BilstmTaggerCharTest : public ::testing::Test {
 protected:
  BilstmTaggerChar model_{kSmall};
  graph::Graph graph_{model_.network()};
};

// The second of three words is spelt with two characters.
Sentence spelt_sentence() {
  return {.ids = {7, 0, 8}, .labels = {}, .spelling_begin = {0, 0, 2, 2}, .spelling = {5, 6}};
}

TEST_F(BilstmTaggerCharTest, ACharacterAdds16HSquaredFlops) {
  constexpr std::uint64_t kWord = 68 * kH * kH + 2 * kH * kTags;
  model_.append(Sentence{.ids = {1, 2, 3}}, 0, graph_);
  EXPECT_EQ(graph_.flops(graph_.seal()), 3 * kWord);
  model_.append(spelt_sentence(), 1, graph_);
  EXPECT_EQ(graph_.flops(graph_.seal()), 3 * kWord + 2 * 16 * kH * kH);
}

// Calls: word 0; char_forward1 1, 2; char_forward2 3, 4; char_backward1 5, 6; char_backward2 7, 8;
// spelt 9; word 10.
TEST_F(BilstmTaggerCharTest, ASpeltWordIsTheLastStatesOfItsCharacters) {
  model_.append(spelt_sentence(), 0, graph_);
  graph_.verify();
  EXPECT_EQ(graph_.payload(0), 7U);
  EXPECT_EQ(graph_.payload(1), 5U);
  EXPECT_EQ(graph_.payload(2), 6U);
  EXPECT_EQ(graph_.payload(5), 6U);
  EXPECT_EQ(graph_.payload(6), 5U);
  EXPECT_EQ(operands(graph_, 9), (Operands{{4}, {8}}));
  EXPECT_EQ(graph_.payload(10), 8U);
}

TEST_F(BilstmTaggerCharTest, StepsOverWordsAreOfOneTypeWhateverAWordIs) {
  model_.append(spelt_sentence(), 0, graph_);
  EXPECT_EQ(node_counts(graph_), (Counts{{"word", 2},
                                         {"spelt", 1},
                                         {"char_forward1", 2},
                                         {"char_forward2", 2},
                                         {"char_backward1", 2},
                                         {"char_backward2", 2},
                                         {"forward1", 3},
                                         {"forward2", 3},
                                         {"backward1", 3},
                                         {"backward2", 3},
                                         {"head", 3}}));
  EXPECT_EQ(operands(graph_, 11), (Operands{{0}}));
  EXPECT_EQ(operands(graph_, 12), (Operands{{9}, {11, 0}, {11, 1}}));
  EXPECT_EQ(graph_.outputs().size(), 3U);
}

TEST_F(BilstmTaggerCharTest, TheTableOfCharactersIsHalfAsWide) {
  const graph::ParameterStore& parameters = model_.network().parameters();
  EXPECT_EQ(parameters[parameters.find(kCharacters)].shape, (tensor::Shape{8, kH / 2}));
}

TEST_F(BilstmTaggerCharTest, MessageNamesAnOddHiddenSize) {
  EXPECT_EQ(
      test::message_of<base::UsageError>([] { BilstmTaggerChar({.hidden = 33, .vocabulary = 2}); }),
      "[model bilstm_tagger_char] hidden size: got 33, expected an even number; each of the "
      "two character LSTMs makes half of a word");
}

TEST_F(BilstmTaggerCharTest, MessageNamesAnInstanceOfAnotherKind) {
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model_.append(Tree{}, 0, graph_); }),
            "[model bilstm_tagger_char] instance: got a tree, expected a sentence");
}

}  // namespace
}  // namespace sheaf::nn
