// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/spelling.h"

#include <gtest/gtest.h>

namespace sheaf::io {
namespace {

using Numbers = std::vector<std::uint32_t>;

TEST(FrequentWords, AreThoseSeenOftenInTheOrderOfTheirFirstAppearance) {
  const auto sentences = read_words("b a a\na b c <unk> <unk>\n", "w");
  EXPECT_EQ(frequent_words(sentences, 2), (nn::Vocabulary{"<unk>", "b", "a"}));
  EXPECT_EQ(frequent_words(sentences, 3), (nn::Vocabulary{"<unk>", "a"}));
}

TEST(FrequentWords, AreSeenFiveTimesByDefault) {
  EXPECT_EQ(frequent_words(read_words("a a a a b b b b b\n", "w")), (nn::Vocabulary{"<unk>", "b"}));
}

TEST(SpeltSentences, SpellTheWordsWithoutARow) {
  const WordIndex words(nn::Vocabulary{"<unk>", "the"});
  WordIndex characters;
  const auto instances =
      spelt_sentences(read_words("the \u00e9t\u00e9 the so\n", "w"), words, characters);
  const auto& sentence = std::get<nn::Sentence>(instances.at(0));
  EXPECT_EQ(sentence.ids, (Numbers{1, 0, 1, 0}));
  EXPECT_EQ(sentence.spelling_begin, (Numbers{0, 0, 3, 3, 5}));
  EXPECT_EQ(sentence.spelling, (Numbers{1, 2, 1, 3, 4}));
  EXPECT_EQ(characters.vocabulary(), (nn::Vocabulary{"<unk>", "\u00e9", "t", "s", "o"}));
}

TEST(SpeltSentences, CharactersThatAClosedIndexLacksHaveRowZero) {
  const WordIndex words(nn::Vocabulary{"<unk>"});
  WordIndex characters(nn::Vocabulary{"<unk>", "a"});
  const auto instances = spelt_sentences(read_words("ab\n", "w"), words, characters);
  EXPECT_EQ(std::get<nn::Sentence>(instances.at(0)).spelling, (Numbers{1, 0}));
}

TEST(SpeltSentences, HaveNoSpellingsWhereEveryWordHasARow) {
  const WordIndex words(nn::Vocabulary{"<unk>", "a"});
  WordIndex characters;
  const auto instances = spelt_sentences(read_words("a a\n", "w"), words, characters);
  EXPECT_TRUE(std::get<nn::Sentence>(instances.at(0)).spelling_begin.empty());
  EXPECT_TRUE(std::get<nn::Sentence>(instances.at(0)).spelling.empty());
}

TEST(SpeltSentences, KeepTheirLabels) {
  LabelIndex labels;
  const WordIndex words(nn::Vocabulary{"<unk>"});
  WordIndex characters;
  const auto sentences = read_tagged_text("a|X b|Y\n", "t", labels);
  const auto instances = spelt_sentences(sentences, words, characters);
  EXPECT_EQ(std::get<nn::Sentence>(instances.at(0)).labels, (Numbers{0, 1}));
}

}  // namespace
}  // namespace sheaf::io
