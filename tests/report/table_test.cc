// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/table.h"

#include <gtest/gtest.h>

namespace sheaf::report {
namespace {

TEST(Table, SetsTheFirstColumnLeftAndTheOthersRight) {
  const Table table{{"name", "n", "rate"}, {{"a", "1", "2.50"}, {"longer", "12345", "3"}}};
  EXPECT_EQ(table.to_string(),
            "name        n  rate\n"
            "-------------------\n"
            "a           1  2.50\n"
            "longer  12345     3\n");
}

TEST(Table, AnEmptyRowIsARule) {
  const Table table{{"a", "b"}, {{"1", "2"}, {}, {"3", "4"}}};
  EXPECT_EQ(table.to_string(),
            "a  b\n"
            "----\n"
            "1  2\n"
            "----\n"
            "3  4\n");
}

TEST(Table, LinesHaveNoBlanksAtTheirEnd) {
  const Table table{{"a", "b"}, {{"long", ""}, {"", ""}}};
  EXPECT_EQ(table.to_string(),
            "a     b\n"
            "-------\n"
            "long\n"
            "\n");
}

TEST(Table, ARowMayHaveFewerCellsThanTheHead) {
  const Table table{{"a", "bb", "ccc"}, {{"1", "2"}}};
  EXPECT_EQ(table.to_string(),
            "a  bb  ccc\n"
            "----------\n"
            "1   2\n");
}

TEST(Table, OfTheHeadOnlyIsTwoLines) {
  EXPECT_EQ((Table{{"policy", "batches"}, {}}.to_string()),
            "policy  batches\n"
            "---------------\n");
}

TEST(WithCommas, SetsACommaBeforeEveryThreeDigits) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(12345), "12,345");
  EXPECT_EQ(with_commas(123456), "123,456");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(with_commas(18446744073709551615ULL), "18,446,744,073,709,551,615");
}

TEST(Table, MarkdownHasALinePerRowAndNoRules) {
  const Table table{{"a", "b"}, {{"x", "1"}, {}, {"y", "2"}}};
  EXPECT_EQ(table.to_markdown(), "| a | b |\n| --- | --- |\n| x | 1 |\n| y | 2 |\n");
}

}  // namespace
}  // namespace sheaf::report
