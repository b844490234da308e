// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/shuffle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <vector>

namespace sheaf::train {
namespace {

using Order = std::vector<std::uint32_t>;

bool is_permutation_of(Order order, std::uint32_t size) {
  Order expected(size);
  std::iota(expected.begin(), expected.end(), 0U);
  std::sort(order.begin(), order.end());
  return order == expected;
}

TEST(Shuffle, IsAPermutationOfSeedAndEpoch) {
  std::set<Order> seen;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    for (std::uint64_t epoch = 0; epoch < 5; ++epoch) {
      const Order order = shuffled(100, seed, epoch);
      EXPECT_TRUE(is_permutation_of(order, 100));
      EXPECT_EQ(order, shuffled(100, seed, epoch));
      seen.insert(order);
    }
  }
  EXPECT_EQ(seen.size(), 25U);
  EXPECT_TRUE(shuffled(0, 1, 1).empty());
  EXPECT_EQ(shuffled(1, 1, 1), Order{0});
}

TEST(Shuffle, MeetsEveryPermutationEquallyOften) {
  std::map<Order, int> met;
  for (std::uint64_t epoch = 0; epoch < 6000; ++epoch) ++met[shuffled(3, 9, epoch)];
  ASSERT_EQ(met.size(), 6U);
  for (const auto& entry : met) {  // 1000 expected, with a standard deviation of 29
    EXPECT_GT(entry.second, 850);
    EXPECT_LT(entry.second, 1150);
  }
}

TEST(Shuffle, IsPinned) {
  // What a transcription into Python, with its long integers, gives.
  EXPECT_EQ(shuffled(8, 1, 0), (Order{6, 1, 4, 2, 3, 5, 0, 7}));
}

TEST(Bucketed, IsAPermutationOfSeedAndEpoch) {
  Order lengths(103);
  for (std::uint32_t i = 0; i < lengths.size(); ++i) lengths[i] = i * 37 % 29;
  const Order order = bucketed(lengths, 8, 4, 1, 0);
  EXPECT_TRUE(is_permutation_of(order, 103));
  EXPECT_EQ(order, bucketed(lengths, 8, 4, 1, 0));
  EXPECT_NE(order, bucketed(lengths, 8, 4, 1, 1));
  EXPECT_NE(order, bucketed(lengths, 8, 4, 2, 0));
}

TEST(Bucketed, MinibatchesHoldSimilarLengthsAndDoNotComeInTheirOrder) {
  Order lengths(96);
  std::iota(lengths.begin(), lengths.end(), 0U);
  const Order order = bucketed(lengths, 8, 12, 1, 0);  // one pool: sorted as a whole
  bool ascending = true;
  for (std::size_t begin = 0; begin < order.size(); begin += 8) {
    EXPECT_EQ(order[begin] % 8, 0U);
    for (std::size_t i = 1; i < 8; ++i) EXPECT_EQ(order[begin + i], order[begin] + i);
    ascending = ascending && (begin == 0 || order[begin] > order[begin - 8]);
  }
  EXPECT_FALSE(ascending);
}

TEST(Bucketed, TheMinibatchThatIsNotFullStaysTheLast) {
  const Order lengths(19, 5);
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    const Order order = bucketed(lengths, 8, 1, 1, epoch);
    const Order plain = shuffled(19, 1, epoch);
    EXPECT_TRUE(std::equal(order.begin() + 16, order.end(), plain.begin() + 16));
  }
}

}  // namespace
}  // namespace sheaf::train
