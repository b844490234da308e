// SPDX-License-Identifier: Apache-2.0
//
// Integer lattices that are refused.
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/io/lattices.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

std::string refusal(std::string_view text, std::uint32_t rows = 0) {
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(read_lattices(text, "l.txt", rows)); });
}

TEST(LatticeErrors, ArcFromALaterPosition) {
  EXPECT_EQ(
      refusal("1\n3\n0 0 0\n0\n1 2 5\n1 0 5\n"),
      "[l.txt:5] an arc into position 1: got source position 2, expected an earlier position");
}

TEST(LatticeErrors, ArcFromItsOwnPosition) {
  EXPECT_EQ(
      refusal("1\n2\n0 0\n0\n1 1 5\n"),
      "[l.txt:5] an arc into position 1: got source position 1, expected an earlier position");
}

TEST(LatticeErrors, ArcFromAMissingPosition) {
  EXPECT_EQ(refusal("1\n3\n0 0 0\n0\n1 0 5\n2 1 5 17 5\n"),
            "[l.txt:6] an arc into position 2: got source position 17, expected an earlier "
            "position");
}

TEST(LatticeErrors, PositionWithoutAnArc) {
  EXPECT_EQ(refusal("1\n3\n0 0 0\n0\n0\n1 0 5\n"),
            "[l.txt:5] arcs of position 1: got 0, expected 1 or more");
}

TEST(LatticeErrors, ArcsIntoPositionZero) {
  EXPECT_EQ(refusal("1\n2\n0 0\n1 0 5\n1 0 5\n"),
            "[l.txt:4] arcs of position 0: got 1, expected 0");
}

TEST(LatticeErrors, TooFewTags) {
  EXPECT_EQ(refusal("1\n3\n0 0\n0\n1 0 5\n1 0 5\n"), "[l.txt:3] tags: got 2, expected 3");
  EXPECT_EQ(refusal("1\n1\n\n0\n"), "[l.txt:3] tags: got 0, expected 1");
}

TEST(LatticeErrors, TooManyTags) {
  EXPECT_EQ(refusal("1\n2\n0 0 0\n0\n1 0 5\n"), "[l.txt:3] tags: got 3, expected 2");
}

TEST(LatticeErrors, NoPositions) {
  EXPECT_EQ(refusal("1\n0\n\n"), "[l.txt:2] number of positions: got 0, expected 1 or more");
}

TEST(LatticeErrors, NumberOfSentencesThatIsNone) {
  EXPECT_EQ(refusal("many\n"),
            "[l.txt:1] number of sentences: got 'many', expected an integer from 0 on");
  EXPECT_EQ(
      refusal("\n1\n0\n0\n"),
      "[l.txt:1] number of sentences: got the end of the line, expected an integer from 0 on");
}

TEST(LatticeErrors, NumberOfPositionsThatIsNone) {
  EXPECT_EQ(refusal("1\n2.5\n"),
            "[l.txt:2] number of positions: got '2.5', expected an integer from 0 on");
}

TEST(LatticeErrors, TagThatIsNoNumber) {
  EXPECT_EQ(refusal("1\n2\n0 B\n0\n1 0 5\n"),
            "[l.txt:3] tag: got 'B', expected an integer from 0 on");
}

TEST(LatticeErrors, NumberOfArcsThatIsNone) {
  EXPECT_EQ(refusal("1\n2\n0 0\n-\n1 0 5\n"),
            "[l.txt:4] number of arcs: got '-', expected an integer from 0 on");
  EXPECT_EQ(refusal("1\n2\n0 0\n\n1 0 5\n"),
            "[l.txt:4] number of arcs: got the end of the line, expected an integer from 0 on");
}

TEST(LatticeErrors, SourceThatIsNoNumber) {
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n1 -1 5\n"),
            "[l.txt:5] source position: got '-1', expected an integer from 0 on");
}

TEST(LatticeErrors, IdThatIsNoNumber) {
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n1 0 5x\n"),
            "[l.txt:5] id: got '5x', expected an integer from 0 on");
}

TEST(LatticeErrors, NumberBeyond32Bits) {
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n1 0 4294967296\n"),
            "[l.txt:5] id: got '4294967296', expected an integer from 0 on");
}

TEST(LatticeErrors, FewerArcsThanCounted) {
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n2 0 5\n"),
            "[l.txt:5] source position: got the end of the line, expected an integer from 0 on");
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n1 0\n"),
            "[l.txt:5] id: got the end of the line, expected an integer from 0 on");
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n4294967295 0 5\n"),
            "[l.txt:5] source position: got the end of the line, expected an integer from 0 on");
}

TEST(LatticeErrors, MoreArcsThanCounted) {
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n1 0 5 0 6\n"),
            "[l.txt:5] after the end of the line: got '0 6', expected nothing");
}

TEST(LatticeErrors, TextAfterTheNumberOfSentences) {
  EXPECT_EQ(refusal("1 lattice\n1\n0\n0\n"),
            "[l.txt:1] after the end of the line: got 'lattice', expected nothing");
}

TEST(LatticeErrors, TextAfterTheNumberOfPositions) {
  EXPECT_EQ(refusal("1\n1 0\n0\n0\n"),
            "[l.txt:2] after the end of the line: got '0', expected nothing");
}

TEST(LatticeErrors, TextAfterTheLastSentence) {
  EXPECT_EQ(refusal("1\n1\n0\n0\n\n1\n0\n0\n"),
            "[l.txt:6] after the last sentence: got '1', expected 1 sentences");
}

TEST(LatticeErrors, FileThatEndsBeforeTheNumberOfPositions) {
  EXPECT_EQ(refusal("2\n1\n0\n0\n\n"),
            "[l.txt:5] the file ends too soon: got its end, expected the number of positions");
}

TEST(LatticeErrors, FileThatEndsBeforeTheTags) {
  EXPECT_EQ(refusal("1\n2\n"),
            "[l.txt:2] the file ends too soon: got its end, expected a line of tags");
}

TEST(LatticeErrors, FileThatEndsBeforeTheArcs) {
  EXPECT_EQ(refusal("1\n3\n0 0 0\n0\n1 0 5\n"),
            "[l.txt:5] the file ends too soon: got its end, expected the arcs of position 2");
}

TEST(LatticeErrors, EmptyFile) {
  const std::string message = refusal("");
  EXPECT_TRUE(message.starts_with("[l.txt:")) << message;
  EXPECT_TRUE(
      message.ends_with("the file ends too soon: got its end, expected the number of sentences"))
      << message;
}

TEST(LatticeErrors, MoreSentencesThanAnyFileHolds) {
  EXPECT_EQ(refusal("4294967295\n1\n0\n0\n"),
            "[l.txt:4] the file ends too soon: got its end, expected the number of positions");
}

TEST(LatticeErrors, IdBeyondTheTable) {
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n1 0 50\n", 50),
            "[l.txt:5] id: got 50, expected below 50; the embedding table has no such row");
}

TEST(LatticeErrors, IdBeyondAnyTable) {
  EXPECT_EQ(refusal("1\n2\n0 0\n0\n1 0 4194304\n"),
            "[l.txt:5] id: got 4194304, expected below 4194304");
}

TEST(LatticeErrors, BytesThatAreNotUtf8NameFileAndLine) {
  const std::string message = refusal("1\n2\n0 \xff\n0\n1 0 5\n");
  EXPECT_TRUE(message.starts_with("[l.txt:3] ")) << message;
}

}  // namespace
}  // namespace sheaf::io
