// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/sim/noc/traffic.h"
#include "tests/message_of.h"

namespace sheaf::sim::noc {
namespace {

std::string refusal(const std::string& text, std::uint32_t nodes = 2) {
  return test::message_of<base::DataError>(
      [&] { static_cast<void>(parse_matrix(text, "m.csv", nodes)); });
}

TEST(MatrixFile, CommasAndBlanksSeparateAlike) {
  const std::vector<double> expected = {0, 1.5, 2, 0};
  EXPECT_EQ(parse_matrix("0,1.5\n2, 0\n", "m.csv", 2), expected);
  EXPECT_EQ(parse_matrix("\xef\xbb\xbf# from, to\r\n0 1.5\r\n\r\n2\t0", "m.csv", 2), expected);
}

TEST(MatrixFile, ThreeWordsAreAPairAndPairsAddUp) {
  EXPECT_EQ(parse_matrix("0 1 1\n1 0 2e0\n0 1 0.5\n", "m.csv", 2),
            (std::vector<double>{0, 1.5, 2, 0}));
}

TEST(MatrixFile, ThreeNodesTakeAMatrix) {
  EXPECT_EQ(parse_matrix("0 1 2\n3 4 5\n6 7 8\n", "m.csv", 3),
            (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(MatrixFile, RefusesAFileWithoutNumbers) {
  EXPECT_EQ(refusal("\n# 1\n"),
            "[m.csv] no traffic: got no line with numbers, expected a square matrix, or lines "
            "SOURCE DESTINATION VALUE");
}

TEST(MatrixFile, RefusesARaggedLine) {
  EXPECT_EQ(refusal("0 1\n1\n"),
            "[m.csv:2] wrong number of words: got 1, expected 2 numbers, one per node");
  EXPECT_EQ(refusal("0 1 1\n1 0\n"),
            "[m.csv:2] wrong number of words: got 2, expected SOURCE DESTINATION VALUE");
}

TEST(MatrixFile, RefusesTooFewOrTooManyLines) {
  EXPECT_EQ(refusal("0 1\n"), "[m.csv:1] too few lines: got 1, expected 2 lines, one per node");
  EXPECT_EQ(refusal("0 1\n1 0\n0 1\n"),
            "[m.csv:3] too many lines: got 3, expected 2 lines, one per node");
}

TEST(MatrixFile, RefusesWhatIsNoVolume) {
  for (const char* word : {"x", "-1", "nan", "inf", "1e16", "1x"}) {
    EXPECT_EQ(refusal(std::string("0 1\n0 ") + word), "[m.csv:2] wrong volume: got '" +
                                                          std::string(word) +
                                                          "', expected a number from 0 to 1e15");
  }
}

TEST(MatrixFile, RefusesANodeThatDoesNotExist) {
  EXPECT_EQ(refusal("0 2 1\n"), "[m.csv:1] not a node: got '2', expected 0 to 1");
  EXPECT_EQ(refusal("0.5 1 1\n"), "[m.csv:1] not a node: got '0.5', expected 0 to 1");
}

TEST(MatrixFile, RefusesOnlyZeros) {
  EXPECT_EQ(refusal("0 0\n0 0\n"), "[m.csv] no traffic: got only zeros, expected a volume above 0");
}

}  // namespace
}  // namespace sheaf::sim::noc
