// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/colours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sheaf::report {
namespace {

struct Colour {
  int hue = -1, saturation = -1, lightness = -1;
};

Colour parse(std::size_t number) {
  Colour colour;
  const std::string text = colour_of(number);
  EXPECT_EQ(std::sscanf(text.c_str(), "hsl(%d,%d%%,%d%%)", &colour.hue, &colour.saturation,
                        &colour.lightness),
            3)
      << text;
  return colour;
}

TEST(Colours, NeighboursInNumberLieFarApartOnTheColourCircle) {
  for (std::size_t i = 0; i < 200; ++i) {
    for (const std::size_t step : {1U, 2U}) {
      const int apart = std::abs(parse(i).hue - parse(i + step).hue);
      EXPECT_GE(std::min(apart, 360 - apart), 60) << i << " and " << i + step;
    }
  }
}

TEST(Colours, AreLightEnoughToBeWrittenOn) {
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_GE(parse(i).lightness, 60);
    EXPECT_LT(parse(i).lightness, 95);  // and no white
  }
}

TEST(Colours, OfTheFirst21AreAllDifferent) {
  for (std::size_t a = 0; a < 21; ++a) {
    for (std::size_t b = 0; b < a; ++b) EXPECT_NE(colour_of(a), colour_of(b));
  }
}

TEST(Colours, OfLinesAreEightAndThenTheSameAgain) {
  for (std::size_t a = 0; a < 8; ++a) {
    for (std::size_t b = 0; b < a; ++b) EXPECT_STRNE(line_colour(a), line_colour(b));
    EXPECT_STREQ(line_colour(a + 8), line_colour(a));
  }
}

}  // namespace
}  // namespace sheaf::report
