// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/blocks.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

class BlocksTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> texts(const std::string& path, Records records,
                                               std::uint64_t block_bytes) const {
    std::vector<std::string> found;
    for (const Block& block : find_blocks(path, records, block_bytes)) {
      found.push_back(read_block(path, block));
    }
    return found;
  }
  const test::TempFolder folder_;
};

using Texts = std::vector<std::string>;

TEST_F(BlocksTest, OfLinesEndWithTheLineThatFillsThem) {
  const std::string path = folder_.write("f", "aa\nb\ncccc\n\nd");
  EXPECT_EQ(texts(path, Records::lines, 4), (Texts{"aa\nb\n", "cccc\n", "\nd"}));
  EXPECT_EQ(texts(path, Records::lines, 1), (Texts{"aa\n", "b\n", "cccc\n", "\n", "d"}));
  EXPECT_EQ(texts(path, Records::lines, 1000), (Texts{"aa\nb\ncccc\n\nd"}));
}

TEST_F(BlocksTest, OfParagraphsEndWithAnEmptyLine) {
  const std::string path = folder_.write("f", "a\nb\n\nc\n \t\r\nd\ne\n");
  EXPECT_EQ(texts(path, Records::paragraphs, 1), (Texts{"a\nb\n\n", "c\n \t\r\n", "d\ne\n"}));
}

TEST_F(BlocksTest, KnowTheirLines) {
  const auto blocks = find_blocks(folder_.write("f", "a\nb\nc\n"), Records::lines, 4);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].lines, 2U);
  EXPECT_EQ(blocks[1].first_line, 3U);
  EXPECT_EQ(blocks[1].lines, 1U);
  EXPECT_EQ(place_of("f", blocks[0]), "f");
  EXPECT_EQ(place_of("f", blocks[1]), "f (from line 3 on)");
}

TEST_F(BlocksTest, OfAnEmptyFileAreNone) {
  EXPECT_TRUE(find_blocks(folder_.write("f", ""), Records::lines).empty());
}

TEST_F(BlocksTest, OfATranslationHaveAsManyLines) {
  const std::string source = folder_.write("s", "a\nb\nc\n");
  const std::string target = folder_.write("t", "a longer line\nx\ny");
  const auto blocks = find_blocks(source, Records::lines, 4);
  const auto like = find_blocks(target, blocks, source);
  ASSERT_EQ(like.size(), 2U);
  EXPECT_EQ(read_block(target, like[0]), "a longer line\nx\n");
  EXPECT_EQ(read_block(target, like[1]), "y");
}

TEST_F(BlocksTest, OfATranslationWithFewerOrMoreLinesAreRefused) {
  const auto refusal = [&](const std::string& text) {
    const std::string source = folder_.write("s", "a\nb\nc\n");
    const std::string target = folder_.write("t", text);
    return test::message_of<base::DataError>([&] {
      static_cast<void>(find_blocks(target, find_blocks(source, Records::lines, 4), "s"));
    });
  };
  const std::string hint = "; line by line, one file translates the other";
  EXPECT_EQ(refusal("x\ny\n"),
            "[" + folder_.path("t") + "] lines: got 2, expected 3, as s has" + hint);
  EXPECT_EQ(refusal("x\ny\nz\nz\n"),
            "[" + folder_.path("t") + "] lines: got 4, expected 3, as s has" + hint);
}

TEST_F(BlocksTest, OfAFileThatIsNotThereAreRefused) {
  EXPECT_EQ(test::message_of<base::NotFoundError>(
                [] { static_cast<void>(find_blocks("no/such", Records::lines)); }),
            "[no/such] no such file");
}

TEST_F(BlocksTest, OfAFileThatBecameShorterAreRefused) {
  const std::string path = folder_.write("f", "abcdef\n");
  const auto blocks = find_blocks(path, Records::lines);
  folder_.write("f", "abc\n");
  EXPECT_EQ(
      test::message_of<base::IoError>([&] { static_cast<void>(read_block(path, blocks.at(0))); }),
      "[" + path +
          "] cannot read: got an end before byte 7; the file must not change while "
          "it is read");
}

TEST(Records, OfSentencesOverSeveralLinesEndAtEmptyLines) {
  EXPECT_EQ(records_of(Format::bmes), Records::paragraphs);
  EXPECT_EQ(records_of(Format::conllu), Records::paragraphs);
  for (const Format format : {Format::brackets, Format::tagged, Format::text, Format::dags}) {
    EXPECT_EQ(records_of(format), Records::lines);
    EXPECT_TRUE(is_cut(format));
  }
  EXPECT_FALSE(is_cut(Format::lattices));
  EXPECT_FALSE(is_cut(Format::slf));
}

}  // namespace
}  // namespace sheaf::io
