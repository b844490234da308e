// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/tagged_text.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Words = std::vector<std::string_view>;
using Numbers = std::vector<std::uint32_t>;

std::string tagged_refusal(std::string_view text, LabelIndex labels = {}) {
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(read_tagged_text(text, "t.txt", labels)); });
}

std::string bmes_refusal(std::string_view text, LabelIndex labels = {}) {
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(read_bmes(text, "n.bmes", labels)); });
}

TEST(TaggedText, HasASentencePerLineAndATagPerWord) {
  LabelIndex labels;
  const auto sentences = read_tagged_text("Mad|I-ORG Capsule|I-ORG .|O\n\nIt|O\n", "t", labels);
  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_EQ(sentences[0].words, (Words{"Mad", "Capsule", "."}));
  EXPECT_EQ(sentences[0].labels, (Numbers{0, 0, 1}));
  EXPECT_EQ(sentences[1].words, Words{"It"});
  EXPECT_EQ(sentences[1].labels, Numbers{1});
  EXPECT_EQ(labels.names(), (nn::Vocabulary{"I-ORG", "O"}));
}

TEST(TaggedText, LastBarSplitsAToken) {
  LabelIndex labels;
  const auto sentences = read_tagged_text("a|b|X ||Y c|Z\r\n", "t", labels);
  EXPECT_EQ(sentences[0].words, (Words{"a|b", "|", "c"}));
  EXPECT_EQ(labels.names(), (nn::Vocabulary{"X", "Y", "Z"}));
}

TEST(TaggedText, MiddleFieldIsDroppedWhereEveryTokenHasThree) {
  LabelIndex labels;
  const auto sentences = read_tagged_text("Paris|NNP|I-LOC is|VBZ|O\nbig|JJ|O\n", "t", labels);
  EXPECT_EQ(sentences[0].words, (Words{"Paris", "is"}));
  EXPECT_EQ(sentences[1].words, Words{"big"});
  EXPECT_EQ(labels.names(), (nn::Vocabulary{"I-LOC", "O"}));
}

TEST(TaggedText, EmptyTextHasNoSentences) {
  LabelIndex labels;
  EXPECT_TRUE(read_tagged_text("", "t", labels).empty());
  EXPECT_TRUE(read_tagged_text("\n  \n", "t", labels).empty());
}

TEST(TaggedText, WordsTakeTheRowsOfTheIndex) {
  LabelIndex labels;
  WordIndex words(nn::Vocabulary{"<unk>", "b", "a"});
  const auto instances = sentences_of(read_tagged_text("a|X c|Y b|X\n", "t", labels), words);
  const auto& sentence = std::get<nn::Sentence>(instances.at(0));
  EXPECT_EQ(sentence.ids, (Numbers{2, 0, 1}));
  EXPECT_EQ(sentence.labels, (Numbers{0, 1, 0}));
  EXPECT_TRUE(sentence.spelling_begin.empty());
}

TEST(TaggedTextErrors, TokenWithoutABar) {
  EXPECT_EQ(tagged_refusal("a|O\nb|O and\n"),
            "[t.txt:2] token 2: got 'and', expected word|tag; text without tags is read with "
            "--format text");
}

TEST(TaggedTextErrors, TokenWithoutAWordOrATag) {
  EXPECT_EQ(tagged_refusal("|O\n"), "[t.txt:1] token 1: got no word, expected a word and a tag");
  EXPECT_EQ(tagged_refusal("a|O b|\n"), "[t.txt:1] token 2: got no tag, expected a word and a tag");
}

TEST(TaggedTextErrors, TagThatTheWeightsLack) {
  EXPECT_EQ(tagged_refusal("a|O b|I-LCO\n", LabelIndex(nn::Vocabulary{"O", "I-LOC"})),
            "[t.txt:1] tag: got 'I-LCO', expected one of the 2 that the weights have; did you mean "
            "'I-LOC'?");
}

TEST(TaggedTextErrors, BytesThatAreNotUtf8) {
  EXPECT_EQ(tagged_refusal("a|O\n\xff|O\n"),
            "[t.txt:2] text: got byte 0xff, expected UTF-8; convert the file with iconv");
  EXPECT_EQ(bmes_refusal("\xff O\n"),
            "[n.bmes:1] text: got byte 0xff, expected UTF-8; convert the file with iconv");
}

TEST(Bmes, HasACharacterPerLineAndAnEmptyLineBetweenSentences) {
  LabelIndex labels;
  const auto sentences = read_bmes("\n吴 B-NAME\n阳\tE-NAME\n\n\n， O \n", "n", labels);
  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_EQ(sentences[0].words, (Words{"吴", "阳"}));
  EXPECT_EQ(sentences[0].labels, (Numbers{0, 1}));
  EXPECT_EQ(sentences[1].words, Words{"，"});
  EXPECT_EQ(labels.names(), (nn::Vocabulary{"B-NAME", "E-NAME", "O"}));
}

TEST(Bmes, IdeographicSpaceIsACharacter) {
  LabelIndex labels;
  EXPECT_EQ(read_bmes("\u3000 O\n", "n", labels).at(0).words, Words{"\u3000"});
}

TEST(BmesErrors, LineWithoutATag) {
  EXPECT_EQ(bmes_refusal("a O\nb\n"),
            "[n.bmes:2] line: got 'b', expected a character, a blank and its tag");
}

TEST(BmesErrors, LineWithoutACharacter) {
  EXPECT_EQ(bmes_refusal(" O\n"), "[n.bmes:1] line: got no word, expected a word and a tag");
}

TEST(BmesErrors, TagThatTheWeightsLack) {
  EXPECT_EQ(bmes_refusal("a X\n", LabelIndex(nn::Vocabulary{"O"})),
            "[n.bmes:1] tag: got 'X', expected one of the 1 that the weights have; known are 'O'");
}

TEST(PlainWords, HaveNoTags) {
  const auto sentences = read_words("\u00e9t\u00e9  is\there\n\nx|y\n", "w");
  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_EQ(sentences[0].words, (Words{"\u00e9t\u00e9", "is", "here"}));
  EXPECT_TRUE(sentences[0].labels.empty());
  EXPECT_EQ(sentences[1].words, Words{"x|y"});
}

TEST(PlainWords, MustBeUtf8) {
  EXPECT_EQ(
      test::message_of<base::DataError>([] { static_cast<void>(read_words("\xc0", "w.txt")); }),
      "[w.txt:1] text: got byte 0xc0, expected UTF-8; convert the file with iconv");
}

}  // namespace
}  // namespace sheaf::io
