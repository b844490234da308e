// SPDX-License-Identifier: Apache-2.0
//
// Lattices that are made of text and a lexicon.
#include <gtest/gtest.h>

#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/lattices.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

const Lexicon& lexicon() {
  static const Lexicon kLexicon("北京 34488 ns\n北京大学 2053 nt\n大学 20025 n\n京大 5 j\n学 1 n\n",
                                "dict.txt");
  return kLexicon;
}

std::vector<nn::Lattice> lattices_of(std::string_view text, const Lexicon& lexicon,
                                     WordIndex& words) {
  std::vector<nn::Lattice> lattices;
  for (nn::Instance& instance : read_text_lattices(text, "t.txt", lexicon, words)) {
    lattices.push_back(std::get<nn::Lattice>(std::move(instance)));
  }
  return lattices;
}

// "source>word ... | ...": the arcs into each position.
std::string arcs_of(const nn::Lattice& lattice, const WordIndex& words) {
  std::string text;
  for (std::uint32_t p = 0; p < lattice.positions(); ++p) {
    if (p > 0) text += " |";
    for (std::uint32_t a = lattice.arc_begin[p]; a < lattice.arc_begin[p + 1]; ++a) {
      text += " " + std::to_string(lattice.arcs[a].source) + ">" +
              words.vocabulary().at(lattice.arcs[a].id);
    }
  }
  return text;
}

TEST(Lexicon, HoldsTheFirstColumn) {
  const Lexicon lexicon("北京 34488 ns\n大学\t20025\nabc\n", "dict.txt");
  EXPECT_EQ(lexicon.size(), 3U);
  EXPECT_TRUE(lexicon.contains("北京"));
  EXPECT_TRUE(lexicon.contains("大学"));
  EXPECT_TRUE(lexicon.contains("abc"));
  EXPECT_FALSE(lexicon.contains("ns"));
  EXPECT_FALSE(lexicon.contains("34488"));
  EXPECT_FALSE(lexicon.contains("北"));
}

TEST(Lexicon, LongestCountsCodePoints) {
  EXPECT_EQ(lexicon().longest(), 4U);
  EXPECT_EQ(Lexicon("", "dict.txt").longest(), 0U);
}

TEST(Lexicon, EmptyLinesAndCarriageReturnsAreNoWords) {
  const Lexicon lexicon("\r\n北京 3\r\n\n  \n大学\r\n", "dict.txt");
  EXPECT_EQ(lexicon.size(), 2U);
  EXPECT_TRUE(lexicon.contains("大学"));
}

TEST(Lexicon, WordThatComesTwiceCountsOnce) {
  EXPECT_EQ(Lexicon("大学 1 n\n大学 2 v\n", "dict.txt").size(), 1U);
}

TEST(Lexicon, BytesThatAreNotUtf8NameFileAndLine) {
  EXPECT_EQ(test::message_of<base::DataError>([] { Lexicon("北京\n\xb1\xb1\n", "dict.txt"); }),
            "[dict.txt:2] text: got byte 0xb1, expected UTF-8; convert the file with iconv");
}

TEST(TextLattices, HaveACharacterArcAndThenTheWordsLongestFirst) {
  WordIndex words;
  const auto lattices = lattices_of("北京大学\n", lexicon(), words);
  ASSERT_EQ(lattices.size(), 1U);
  EXPECT_EQ(arcs_of(lattices[0], words),
            " | 0>北 | 1>京 0>北京 | 2>大 1>京大 | 3>学 0>北京大学 2>大学");
}

TEST(TextLattices, RowsAreGivenInTheOrderOfTheArcs) {
  WordIndex words;
  static_cast<void>(lattices_of("北京\n大学\n", lexicon(), words));
  EXPECT_EQ(words.vocabulary(), (nn::Vocabulary{"<unk>", "北", "京", "北京", "大", "学", "大学"}));
}

TEST(TextLattices, WordOfOneCharacterIsItsCharacterArc) {
  WordIndex words;
  EXPECT_EQ(arcs_of(lattices_of("学", lexicon(), words).at(0), words), " | 0>学");
}

TEST(TextLattices, WithoutALexiconWordAreChains) {
  WordIndex words;
  EXPECT_EQ(arcs_of(lattices_of("北京", Lexicon("", "d"), words).at(0), words), " | 0>北 | 1>京");
}

TEST(TextLattices, EmptyLineIsALonePosition) {
  WordIndex words;
  const auto lattices = lattices_of("北\n\n \u3000\n京\n", lexicon(), words);
  ASSERT_EQ(lattices.size(), 4U);
  EXPECT_EQ(lattices[1].positions(), 1U);
  EXPECT_TRUE(lattices[1].arcs.empty());
  EXPECT_EQ(lattices[2].positions(), 1U);
  EXPECT_EQ(lattices[3].positions(), 2U);
}

TEST(TextLattices, EmptyTextHasNone) {
  WordIndex words;
  EXPECT_TRUE(lattices_of("", lexicon(), words).empty());
}

TEST(TextLattices, BlanksAtTheEndsAreCutOffAndThoseWithinAreCharacters) {
  WordIndex words;
  EXPECT_EQ(arcs_of(lattices_of("\u3000北 京 \r\n", lexicon(), words).at(0), words),
            " | 0>北 | 1>  | 2>京");
}

TEST(TextLattices, CharactersMayHaveOneToFourBytes) {
  WordIndex words;
  const auto lattices = lattices_of("aé京\U0001F333", lexicon(), words);
  EXPECT_EQ(arcs_of(lattices.at(0), words), " | 0>a | 1>é | 2>京 | 3>\U0001F333");
}

TEST(TextLattices, ClosedIndexGivesUnknownCharactersAndWordsRowZero) {
  WordIndex words(nn::Vocabulary{"<unk>", "北", "北京"});
  EXPECT_EQ(arcs_of(lattices_of("北京大", lexicon(), words).at(0), words),
            " | 0>北 | 1><unk> 0>北京 | 2><unk> 1><unk>");
}

TEST(TextLattices, BytesThatAreNotUtf8NameFileAndLine) {
  WordIndex words;
  EXPECT_EQ(
      test::message_of<base::DataError>([&] {
        static_cast<void>(read_text_lattices("北\n京\n\xe4\xba\n", "t.txt", lexicon(), words));
      }),
      "[t.txt:3] text: got byte 0xe4, expected UTF-8; convert the file with iconv");
}

}  // namespace
}  // namespace sheaf::io
