// SPDX-License-Identifier: Apache-2.0
//
// Sentences for the tagger, and the line that its labels make.
#include <gtest/gtest.h>

#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/lac_files.h"
#include "tests/io/lac_folder.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Ids = std::vector<std::uint32_t>;
using Characters = std::vector<std::string>;

class LacSentences : public testing::Test {
 protected:
  LacSentences() { test::write_lac_folder(folder_); }

  void read(std::string_view text) {
    LacFiles lac = read_lac(folder_.path());
    ids_.clear();
    lines_.clear();
    for (const nn::Instance& instance : read_sentences(text, "t.txt", lac, lines_)) {
      ids_.push_back(std::get<nn::Sentence>(instance).ids);
    }
  }

  const test::TempFolder folder_;
  std::vector<Ids> ids_;
  std::vector<Characters> lines_;
};

TEST_F(LacSentences, CharactersBecomeTheirRows) {
  read("北京我a\n");
  EXPECT_EQ(ids_, (std::vector<Ids>{{1, 2, 0, 5}}));
  EXPECT_EQ(lines_, (std::vector<Characters>{{"北", "京", "我", "a"}}));
}

TEST_F(LacSentences, UnknownCharactersBecomeTheUnknownRowAndKeepTheirText) {
  read("我海\U0001F333é");
  EXPECT_EQ(ids_, (std::vector<Ids>{{0, test::kLacUnknown, test::kLacUnknown, test::kLacUnknown}}));
  EXPECT_EQ(lines_, (std::vector<Characters>{{"我", "海", "\U0001F333", "é"}}));
}

TEST_F(LacSentences, EmptyLinesAreSentences) {
  read("\n我\n\n \u3000\n京\n\n");
  EXPECT_EQ(ids_, (std::vector<Ids>{{}, {0}, {}, {}, {2}, {}}));
  EXPECT_EQ(lines_.size(), 6U);
}

TEST_F(LacSentences, EmptyTextHasNone) {
  read("");
  EXPECT_TRUE(ids_.empty());
  EXPECT_TRUE(lines_.empty());
}

TEST_F(LacSentences, BlanksAtTheEndsAndCarriageReturnsAreCutOff) {
  read("\u3000我 a\t\r\n");
  EXPECT_EQ(lines_, (std::vector<Characters>{{"我", " ", "a"}}));
}

TEST_F(LacSentences, BytesThatAreNotUtf8NameFileAndLine) {
  EXPECT_EQ(test::message_of<base::DataError>([&] { read("我\n\xce\xd2\n"); }),
            "[t.txt:2] text: got byte 0xce, expected UTF-8; convert the file with iconv");
}

const std::vector<std::string>& labels() {
  static const std::vector<std::string> kLabels = {"n-B", "n-I", "v-B", "v-I", "O"};
  return kLabels;
}

// The line for characters a, b, c, ... with these tags.
std::string line_of(const Ids& tags) {
  Characters characters;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    characters.emplace_back(1, static_cast<char>('a' + i));
  }
  return tagged_line(characters, tags, labels());
}

constexpr std::uint32_t kNounBegins = 0;
constexpr std::uint32_t kNounGoesOn = 1;
constexpr std::uint32_t kVerbBegins = 2;
constexpr std::uint32_t kVerbGoesOn = 3;
constexpr std::uint32_t kOutside = 4;

TEST(TaggedLine, OfNoCharactersIsEmpty) { EXPECT_EQ(line_of({}), ""); }

TEST(TaggedLine, WordRunsUntilTheNextBegins) {
  EXPECT_EQ(line_of({kNounBegins, kNounGoesOn, kVerbBegins, kNounBegins, kNounGoesOn, kNounGoesOn}),
            "ab/n c/v def/n");
}

TEST(TaggedLine, OutsideAfterAWordBeginsOne) {
  EXPECT_EQ(line_of({kNounBegins, kOutside}), "a/n b/O");
}

TEST(TaggedLine, OutsideAfterOutsideGoesOn) {
  EXPECT_EQ(line_of({kOutside, kOutside, kNounBegins, kOutside}), "ab/O c/n d/O");
}

// As in the package's parse_result: the tag of a word is that of its first character.
TEST(TaggedLine, InsideOfAnotherTagGoesOn) {
  EXPECT_EQ(line_of({kNounBegins, kVerbGoesOn, kOutside, kNounGoesOn}), "ab/n cd/O");
}

TEST(TaggedLine, InsideAtTheStartBeginsAWord) {
  EXPECT_EQ(line_of({kVerbGoesOn, kVerbGoesOn}), "ab/v");
}

TEST(TaggedLine, KeepsTheBytesOfItsCharacters) {
  EXPECT_EQ(tagged_line({"北", "京"}, {kNounBegins, kNounGoesOn}, labels()), "北京/n");
}

}  // namespace
}  // namespace sheaf::io
