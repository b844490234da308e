// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/placement/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "sheaf/base/rng.h"

namespace sheaf::sim::placement {
namespace {

double least_of_all(const std::vector<double>& costs, std::uint32_t size) {
  std::vector<std::uint32_t> columns(size);
  std::iota(columns.begin(), columns.end(), 0U);
  double least = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::uint32_t row = 0; row < size; ++row) sum += costs[row * size + columns[row]];
    least = std::min(least, sum);
  } while (std::next_permutation(columns.begin(), columns.end()));
  return least;
}

TEST(Assignment, IsTheBestOfAllPermutations) {
  base::Rng rng(3);
  for (std::uint32_t size = 1; size <= 6; ++size) {
    for (int i = 0; i < 20; ++i) {
      std::vector<double> costs(std::size_t{size} * size);
      for (double& cost : costs) cost = static_cast<double>(rng.below(20)) - 5;
      EXPECT_DOUBLE_EQ(least_assignment(costs, size), least_of_all(costs, size));
    }
  }
}

TEST(Assignment, OfNothingCostsNothing) { EXPECT_EQ(least_assignment({}, 0), 0); }

}  // namespace
}  // namespace sheaf::sim::placement
