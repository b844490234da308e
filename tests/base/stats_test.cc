// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/stats.h"

#include <gtest/gtest.h>

namespace sheaf::base {
namespace {

TEST(Quantile, TakesTheSampleOfNearestRank) {
  const std::vector<double> samples = {50, 10, 40, 20, 30};
  EXPECT_EQ(quantile(samples, 0), 10);
  EXPECT_EQ(quantile(samples, 0.25), 20);
  EXPECT_EQ(quantile(samples, 0.3), 20);   // rank 1.2
  EXPECT_EQ(quantile(samples, 0.45), 30);  // rank 1.8
  EXPECT_EQ(quantile(samples, 0.9), 50);   // rank 3.6
  EXPECT_EQ(quantile(samples, 1), 50);
}

TEST(Quantile, OfNoSamplesIsZero) { EXPECT_EQ(quantile({}, 0.5), 0); }

TEST(Quantile, OfOneSampleIsThatSample) {
  EXPECT_EQ(quantile({3.5}, 0), 3.5);
  EXPECT_EQ(quantile({3.5}, 1), 3.5);
}

TEST(Median, OfAnOddNumberIsTheMiddleSample) { EXPECT_EQ(median({9, 1, 5}), 5); }

TEST(Median, OfAnEvenNumberIsTheUpperMiddleSample) { EXPECT_EQ(median({4, 1, 3, 2}), 3); }

TEST(Median, DoesNotMindEqualSamples) { EXPECT_EQ(median({2, 2, 1, 2, 7}), 2); }

}  // namespace
}  // namespace sheaf::base
