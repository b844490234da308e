// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/philox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace sheaf::base {
namespace {

constexpr std::uint32_t kOnes = 0xffffffff;

TEST(Philox, GivesTheKnownAnswersOfItsAuthors) {
  // Random123, tests/kat_vectors, philox4x32 with 10 rounds: counter, key, answer. The last
  // counter and key are digits of pi.
  static_assert(philox4x32({0, 0, 0, 0}, {0, 0}) ==
                PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, EveryBitOfStepAndIndexCounts) {
  const Philox philox(1, "x");
  std::set<PhiloxBlock> blocks{philox.block(0, 0)};
  for (unsigned bit = 0; bit < 64; ++bit) {
    blocks.insert(philox.block(std::uint64_t{1} << bit, 0));
    blocks.insert(philox.block(0, std::uint64_t{1} << bit));
  }
  EXPECT_EQ(blocks.size(), 129U);
}

TEST(Philox, SeedsAndNamesHaveKeysOfTheirOwn) {
  std::set<PhiloxKey> keys;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const char* name : {"", "shuffle", "dropout"}) keys.insert(Philox(seed, name).key());
  }
  EXPECT_EQ(keys.size(), 300U);
  EXPECT_EQ(Philox(7, "shuffle").key(), Philox(7, "shuffle").key());
}

TEST(Philox, BelowMeetsEveryValueEquallyOften) {
  const Philox philox(7, "below");
  std::array<int, 7> met{};
  for (std::uint64_t i = 0; i < 7000; ++i) {
    const std::uint32_t number = philox.below(7, 3, i);
    ASSERT_LT(number, 7U);
    ++met[number];
  }
  // 1000 expected of each, with a standard deviation of 29.
  EXPECT_GT(*std::min_element(met.begin(), met.end()), 850);
  EXPECT_LT(*std::max_element(met.begin(), met.end()), 1150);
  EXPECT_EQ(philox.below(1, 0, 0), 0U);
}

TEST(Philox, BelowIsTheFirstWordWhereTheBoundIsAllThereIs) {
  const Philox philox(7, "below");
  for (std::uint64_t i = 0; i < 100; ++i) {
    const PhiloxBlock words = philox.block(0, i);
    const std::uint32_t number = philox.below(kOnes, 0, i);
    // bound = 2^32 - 1: x * bound / 2^64 = x / 2^32 - x / 2^64.
    EXPECT_TRUE(number == words[0] || number + 1 == words[0]);
  }
}

TEST(Philox, UniformFillsItsRange) {
  const Philox philox(3, "uniform");
  double sum = 0;
  float low = 1;
  float high = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const float number = philox.uniform(i, 0);
    low = std::min(low, number);
    high = std::max(high, number);
    sum += number;
  }
  EXPECT_GE(low, 0.0F);
  EXPECT_LT(low, 0.001F);
  EXPECT_LT(high, 1.0F);
  EXPECT_GT(high, 0.999F);
  EXPECT_NEAR(sum / 10000, 0.5, 0.0145);  // five standard deviations of the mean
}

}  // namespace
}  // namespace sheaf::base
