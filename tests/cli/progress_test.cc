// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/progress.h"

#include <gtest/gtest.h>

namespace sheaf::cli {
namespace {

TEST(ProgressLine, HasABarInProportionAndTheTimeThatIsLeft) {
  EXPECT_EQ(progress_line("rounds", 5, 10, 3, 44), "[========>        ] 5 of 10 rounds, 3 s left");
}

TEST(ProgressLine, OfNothingDoneKnowsNoTime) {
  EXPECT_EQ(progress_line("rounds", 0, 10, 3, 30), "[>            ] 0 of 10 rounds");
}

TEST(ProgressLine, OfAllDoneIsFull) {
  EXPECT_EQ(progress_line("rounds", 10, 10, 3, 38), "[==========] 10 of 10 rounds, 0 s left");
}

TEST(ProgressLine, CountsInMinutesWhereTheyAreMany) {
  EXPECT_NE(progress_line("rounds", 1, 11, 60, 80).find(", 10 min left"), std::string::npos);
}

TEST(ProgressLine, IsNeverWiderThanTheTerminal) {
  for (std::size_t columns = 0; columns < 100; ++columns) {
    EXPECT_LE(progress_line("instances", 12'345, 1'000'000, 9, columns).size(), columns);
  }
}

}  // namespace
}  // namespace sheaf::cli
