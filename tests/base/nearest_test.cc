// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sheaf::base {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("depth", "depth"), 0U);
  EXPECT_EQ(edit_distance("", "fsm"), 3U);
  EXPECT_EQ(edit_distance("fsm", ""), 3U);
  EXPECT_EQ(edit_distance("depth", "dept"), 1U);
  EXPECT_EQ(edit_distance("depth", "deepth"), 1U);
  EXPECT_EQ(edit_distance("depth", "death"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("sunday", "saturday"), 3U);
}

TEST(EditDistance, CountsASwapOfNeighboursAsOne) {
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
  EXPECT_EQ(edit_distance("dpeth", "depth"), 1U);
  EXPECT_EQ(edit_distance("abcd", "badc"), 2U);
  EXPECT_EQ(edit_distance("abc", "cba"), 2U);  // no neighbours
}

TEST(EditDistance, IsSymmetric) {
  EXPECT_EQ(edit_distance("sitting", "kitten"), edit_distance("kitten", "sitting"));
  EXPECT_EQ(edit_distance("sufficient", "fsm"), edit_distance("fsm", "sufficient"));
}

const std::vector<std::string> kNames = {"single", "depth", "agenda"};

TEST(Suggest, NamesTheNearest) {
  EXPECT_EQ(suggest("sngle", kNames), "did you mean 'single'?");
  EXPECT_EQ(suggest("agendas", kNames), "did you mean 'agenda'?");
}

TEST(Suggest, ListsAllNamesWhenNoneIsNear) {
  EXPECT_EQ(suggest("xyz", kNames), "known are 'single' 'depth' 'agenda'");
}

TEST(Suggest, EditsOfHalfTheLongerWordAreStillNear) {
  const std::vector<std::string> names = {"abcd"};
  EXPECT_EQ(suggest("abxy", names), "did you mean 'abcd'?");
  EXPECT_EQ(suggest("axyz", names), "known are 'abcd'");
  EXPECT_EQ(suggest("ab", names), "did you mean 'abcd'?");
  EXPECT_EQ(suggest("a", names), "known are 'abcd'");
}

TEST(Suggest, TakesTheFirstOfEquallyNearNames) {
  const std::vector<std::string> names = {"max", "map"};
  EXPECT_EQ(suggest("mas", names), "did you mean 'max'?");
}

TEST(Suggest, AnEmptyWordIsNearNothing) {
  EXPECT_EQ(suggest("", kNames), "known are 'single' 'depth' 'agenda'");
}

}  // namespace
}  // namespace sheaf::base
