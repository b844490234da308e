// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace sheaf::base {
namespace {

// The seed whose first number has all 64 bits set: the largest draw that there is.
constexpr std::uint64_t kLargestFirst = 0x31628af67b2131abULL;

TEST(Rng, IsSplitMix64) {
  // The numbers of the reference implementation for seed 0.
  Rng rng(0);
  EXPECT_EQ(rng.next(), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(rng.next(), 0x6e789e6aa1b965f4ULL);
  EXPECT_EQ(rng.next(), 0x06c45d188009454fULL);
}

TEST(Rng, SameSeedGivesTheSameNumbers) {
  Rng a(42);
  Rng b(42);
  Rng c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t number = a.next();
    ASSERT_EQ(number, b.next());
    differs = differs || number != c.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Rng, NamedStreamIsPinned) { EXPECT_EQ(Rng(1, "embedding/cat").next(), 0x9a7f82ae866cc8fbULL); }

TEST(Rng, StreamsOfDifferentNamesOrSeedsShareNoNumber) {
  std::set<std::uint64_t> seen;
  for (const std::uint64_t seed : {1U, 2U}) {
    for (const char* name : {"", "a", "b", "leaf.W_i"}) {
      Rng rng(seed, name);
      for (int i = 0; i < 1000; ++i) seen.insert(rng.next());
    }
  }
  EXPECT_EQ(seen.size(), 8000U);
}

TEST(Rng, BelowStaysBelowAndMeetsEveryValue) {
  Rng rng(7);
  std::array<int, 7> met{};
  for (int i = 0; i < 7000; ++i) {
    const std::uint32_t number = rng.below(7);
    ASSERT_LT(number, 7U);
    ++met[number];
  }
  // 1000 expected of each, with a standard deviation of 29.
  EXPECT_GT(*std::min_element(met.begin(), met.end()), 850);
  EXPECT_LT(*std::max_element(met.begin(), met.end()), 1150);
}

TEST(Rng, BelowOneIsZero) {
  EXPECT_EQ(Rng(kLargestFirst).below(1), 0U);
  EXPECT_EQ(Rng(5).below(1), 0U);
}

TEST(Rng, LargestDrawGivesTheLargestValueBelow) {
  EXPECT_EQ(Rng(kLargestFirst).next(), ~std::uint64_t{0});
  EXPECT_EQ(Rng(kLargestFirst).below(10), 9U);
  EXPECT_EQ(Rng(kLargestFirst).below(~0U), ~0U - 1);
}

TEST(Rng, UniformFillsItsRange) {
  Rng rng(3);
  float low = 1;
  float high = -1;
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const float number = rng.uniform(-0.1F, 0.1F);
    ASSERT_GE(number, -0.1F);
    ASSERT_LT(number, 0.1F);
    low = std::min(low, number);
    high = std::max(high, number);
    sum += number;
  }
  EXPECT_LT(low, -0.0999F);
  EXPECT_GT(high, 0.0999F);
  EXPECT_NEAR(sum / 10000, 0, 0.003);  // five standard deviations of the mean
}

TEST(Rng, UniformIsPinned) {
  // 0xe220a8 / 2^24, exactly.
  EXPECT_EQ(Rng(0).uniform(0, 1), static_cast<float>(0xe220a8) / 16777216.0F);
  EXPECT_EQ(Rng(0).uniform(-4, 4), static_cast<float>(0xe220a8) / 2097152.0F - 4);
}

TEST(Rng, UniformIsBelowHighForTheLargestDraw) {
  EXPECT_LT(Rng(kLargestFirst).uniform(0, 1), 1.0F);
  EXPECT_LT(Rng(kLargestFirst).uniform(-0.1F, 0.1F), 0.1F);
  EXPECT_LT(Rng(kLargestFirst).uniform(1, 2), 2.0F);
}

TEST(Hash, IsFnv1a) {
  // The values that the authors publish.
  EXPECT_EQ(hash(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(hash("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(hash("foobar"), 0x85944171f73967e8ULL);
}

TEST(Hash, ReadsBytesAsUnsignedAndCountsEveryOne) {
  EXPECT_EQ(hash("\xff"), (0xcbf29ce484222325ULL ^ 0xffU) * 0x100000001b3ULL);
  EXPECT_NE(hash(std::string_view("a\0", 2)), hash("a"));
}

}  // namespace
}  // namespace sheaf::base
