// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/vocabulary.h"

#include <gtest/gtest.h>

namespace sheaf::io {
namespace {

TEST(WordIndex, OpenIndexBeginsWithTheUnknownWord) {
  WordIndex words;
  EXPECT_EQ(words.vocabulary(), nn::Vocabulary{"<unk>"});
  EXPECT_EQ(words.row("<unk>"), 0U);
}

TEST(WordIndex, OpenIndexGivesNewWordsTheNextRow) {
  WordIndex words;
  EXPECT_EQ(words.row("b"), 1U);
  EXPECT_EQ(words.row("a"), 2U);
  EXPECT_EQ(words.row("b"), 1U);
  EXPECT_EQ(words.row(""), 3U);
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "b", "a", ""}));
}

TEST(WordIndex, ClosedIndexKnowsItsWordsOnly) {
  WordIndex words(nn::Vocabulary{"<unk>", "b", "a"});
  EXPECT_EQ(words.row("b"), 1U);
  EXPECT_EQ(words.row("a"), 2U);
  EXPECT_EQ(words.row("c"), 0U);
  EXPECT_EQ(words.row(""), 0U);
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "b", "a"}));
}

TEST(WordIndex, FirstOfTwoEqualWordsCounts) {
  WordIndex words(nn::Vocabulary{"<unk>", "a", "b", "a"});
  EXPECT_EQ(words.row("a"), 1U);
}

TEST(WordIndex, WordsDifferInCase) {
  WordIndex words;
  EXPECT_NE(words.row("The"), words.row("the"));
}

}  // namespace
}  // namespace sheaf::io
