// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/parallel.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Numbers = std::vector<std::uint32_t>;

std::string refusal(std::string_view source, std::string_view target) {
  WordIndex words;
  WordIndex target_words;
  return test::message_of<base::DataError>([&] {
    static_cast<void>(read_parallel({source, "s"}, {target, "t"}, 0, words, target_words));
  });
}

TEST(Parallel, FullVocabularyEndsEveryTarget) {
  WordIndex source;
  WordIndex target;
  const auto pairs = read_parallel({"a b\nb\n", "s"}, {"x\ny  x\n", "t"}, 0, source, target);
  ASSERT_EQ(pairs.size(), 2U);
  const auto& first = std::get<nn::SentencePair>(pairs[0]);
  const auto& second = std::get<nn::SentencePair>(pairs[1]);
  EXPECT_EQ(first.source, (Numbers{1, 2}));
  EXPECT_EQ(second.source, Numbers{2});
  EXPECT_EQ(target.vocabulary(), (nn::Vocabulary{"<unk>", "x", "</s>", "y"}));
  EXPECT_EQ(first.target, (Numbers{1, 2}));
  EXPECT_EQ(second.target, (Numbers{3, 1, 2}));
}

TEST(Parallel, FoldedTargetTakesNumbersModuloItsRows) {
  WordIndex source;
  WordIndex target;
  const auto pairs = read_parallel({"a\nb\n", "s"}, {"v w x\ny v\n", "t"}, 3, source, target);
  EXPECT_EQ(std::get<nn::SentencePair>(pairs[0]).target, (Numbers{1, 2, 0}));
  EXPECT_EQ(std::get<nn::SentencePair>(pairs[1]).target, (Numbers{1, 1}));
  EXPECT_EQ(target.vocabulary(), nn::Vocabulary{"<unk>"}) << "left as it was";
}

TEST(Parallel, ClosedVocabulariesGiveUnknownWordsRowZero) {
  WordIndex source(nn::Vocabulary{"<unk>", "a"});
  WordIndex target(nn::Vocabulary{"<unk>", "</s>", "x"});
  const auto pairs = read_parallel({"a b\n", "s"}, {"y x\n", "t"}, 0, source, target);
  EXPECT_EQ(std::get<nn::SentencePair>(pairs[0]).source, (Numbers{1, 0}));
  EXPECT_EQ(std::get<nn::SentencePair>(pairs[0]).target, (Numbers{0, 2, 1}));
}

TEST(Parallel, PairsOfEmptyLinesAreSkipped) {
  WordIndex source;
  WordIndex target;
  EXPECT_EQ(read_parallel({"a\n\n \nb\n", "s"}, {"x\n\n\ny\n", "t"}, 0, source, target).size(), 2U);
}

TEST(Parallel, SourcesAloneHaveEmptyTargets) {
  WordIndex words(nn::Vocabulary{"<unk>", "a"});
  const auto pairs = read_sources({"a b\n\n \na", "s"}, words);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(std::get<nn::SentencePair>(pairs[0]).source, (Numbers{1, 0}));
  EXPECT_EQ(std::get<nn::SentencePair>(pairs[1]).source, Numbers{1});
  EXPECT_TRUE(std::get<nn::SentencePair>(pairs[0]).target.empty());
}

TEST(ParallelErrors, TextsOfDifferentLength) {
  const std::string hint = "; line by line, one file translates the other";
  EXPECT_EQ(refusal("a\nb\n", "x\n"), "[t:1] lines: got 1, expected 2, as s has" + hint);
  EXPECT_EQ(refusal("a\n", "x\ny\nz\n"), "[t:3] lines: got 3, expected 1, as s has" + hint);
  EXPECT_EQ(refusal("a\n", ""), "[t:0] lines: got 0, expected 1, as s has" + hint);
}

TEST(ParallelErrors, SentenceWithoutATranslation) {
  EXPECT_EQ(refusal("a\nb c\n", "x\n\n"),
            "[t:2] sentence: got an empty line, expected words, as s:2 has 2");
  EXPECT_EQ(refusal("a\n\n", "x\ny\n"),
            "[s:2] sentence: got an empty line, expected words, as t:2 has 1");
}

TEST(ParallelErrors, BytesThatAreNotUtf8) {
  const std::string rest = "text: got byte 0xff, expected UTF-8; convert the file with iconv";
  EXPECT_EQ(refusal("\xff\n", "x\n"), "[s:1] " + rest);
  EXPECT_EQ(refusal("a\n", "\xff\n"), "[t:1] " + rest);
}

}  // namespace
}  // namespace sheaf::io
