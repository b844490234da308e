// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/translations.h"

#include <gtest/gtest.h>

namespace sheaf::train {
namespace {

const nn::Vocabulary kTarget = {"<unk>", "x", "</s>", "y"};

TEST(Translations, AreWordsOfTheTarget) {
  EXPECT_EQ(words_of({.words = {3, 0, 1}}, kTarget), (Bleu::Sentence{"y", "<unk>", "x"}));
  EXPECT_TRUE(words_of({}, kTarget).empty());
}

TEST(Translations, ReferencesHaveNoEndAndUnknownWordsThatNothingMatches) {
  EXPECT_EQ(reference_of(nn::SentencePair{.source = {1}, .target = {1, 0, 3, 2}}, kTarget),
            (Bleu::Sentence{"x", "", "y"}));
  EXPECT_TRUE(reference_of(nn::SentencePair{}, kTarget).empty());
}

TEST(Translations, OneModelTranslates) {
  EXPECT_NE(as_translator(*nn::make_model("lstm_nmt", {.hidden = 4})), nullptr);
  EXPECT_EQ(as_translator(*nn::make_model("tree_lstm", {.hidden = 4})), nullptr);
}

}  // namespace
}  // namespace sheaf::train
