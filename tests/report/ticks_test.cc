// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/ticks.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sheaf::report {
namespace {

TEST(Ticks, StepsAreOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_DOUBLE_EQ(tick_step(8), 1);
  EXPECT_DOUBLE_EQ(tick_step(8.1), 2);
  EXPECT_DOUBLE_EQ(tick_step(17), 5);
  EXPECT_DOUBLE_EQ(tick_step(60), 10);
  EXPECT_DOUBLE_EQ(tick_step(0.7), 0.1);
  EXPECT_DOUBLE_EQ(tick_step(100, 5), 20);
}

TEST(Ticks, AreAtMostAsManyAsAsked) {
  for (double length = 1e-4; length < 1e6; length *= 1.07) {
    for (const int most : {1, 4, 8, 13}) {
      const double steps = length / tick_step(length, most);
      EXPECT_LE(steps, most * (1 + 1e-12)) << length;
      EXPECT_GT(steps, most / 2.5 * (1 - 1e-12)) << length;
    }
  }
}

TEST(PlainNumber, HasNoExponentWhereItIsShort) {
  EXPECT_EQ(plain_number(4739.2), "4,739");
  EXPECT_EQ(plain_number(4739.2, 3), "4,739");
  EXPECT_EQ(plain_number(0.123456), "0.1235");
  EXPECT_EQ(plain_number(1234567), "1,234,567");
  EXPECT_EQ(plain_number(1.61e10, 3), "1.61e+10");
  EXPECT_EQ(plain_number(0), "0");
}

}  // namespace
}  // namespace sheaf::report
