// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/layout_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "sheaf/base/rng.h"

namespace sheaf::memory_plan {
namespace {

using Order = std::vector<std::uint32_t>;

TEST(LayoutOrder, PutsOperandsSideBySideInTheOrderOfTheResults) {
  // Results 0 1 2 of operands 5 3 4.
  const std::vector<LayoutBatch> batches = {{{{0, 1, 2}, {5, 3, 4}}, 1}};
  const LayoutOrder order = order_variables(6, batches);
  EXPECT_EQ(order.kept, std::vector<bool>{true});
  EXPECT_TRUE(is_laid_out(order.order, batches[0]));
}

TEST(LayoutOrder, KeepsTheOrderOfTheNumbersWhereNothingIsDemanded) {
  EXPECT_EQ(order_variables(4, {}).order, (Order{0, 1, 2, 3}));
}

TEST(LayoutOrder, CarriesWhatIsConsecutiveFromOneOperandToTheOther) {
  // The second batch wants two of the first one's results together, and so two of its operands.
  const std::vector<LayoutBatch> batches = {{{{0, 1, 2, 3}, {4, 5, 6, 7}}, 2}, {{{0, 2}}, 1}};
  const LayoutOrder order = order_variables(8, batches);
  EXPECT_EQ(order.kept, (std::vector<bool>{true, true}));
  EXPECT_TRUE(is_laid_out(order.order, batches[0]));
  EXPECT_TRUE(is_laid_out(order.order, batches[1]));
}

TEST(LayoutOrder, DropsTheCheapestOfBatchesThatExcludeEachOther) {
  const std::vector<LayoutBatch> batches = {{{{0, 1}}, 5}, {{{0, 2}}, 1}, {{{1, 2}}, 3}};
  const LayoutOrder order = order_variables(3, batches);
  EXPECT_EQ(order.kept, (std::vector<bool>{true, false, true}));
}

TEST(LayoutOrder, DropsABatchThatWantsItsOperandTurnedAround) {
  const std::vector<LayoutBatch> batches = {
      {{{0, 1}, {2, 3}}, 2}, {{{4, 5}, {3, 2}}, 2}, {{{0, 1}, {4, 5}}, 1}};
  const LayoutOrder order = order_variables(6, batches);
  EXPECT_EQ(order.kept, (std::vector<bool>{true, true, false}));
}

bool fit(const std::vector<LayoutBatch>& batches, const std::vector<bool>& wanted,
         std::uint32_t variables) {
  Order order(variables);
  std::iota(order.begin(), order.end(), 0U);
  do {
    bool all = true;
    for (std::size_t b = 0; b < batches.size() && all; ++b) {
      all = !wanted[b] || is_laid_out(order, batches[b]);
    }
    if (all) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

Order random_vector(base::Rng& rng, std::uint32_t variables, std::size_t length) {
  Order all(variables);
  std::iota(all.begin(), all.end(), 0U);
  for (std::uint32_t i = variables; i > 1; --i) std::swap(all[i - 1], all[rng.below(i)]);
  all.resize(length);
  return all;
}

// A batch is dropped only when no order at all suits it and those dearer than it that were kept;
// what is kept lies as it should.
TEST(LayoutOrder, DropsExactlyWhatNoOrderAllows) {
  base::Rng rng(5);
  std::size_t kept = 0;
  std::size_t dropped = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::uint32_t variables = 4 + rng.below(4);
    std::vector<LayoutBatch> batches(2 + rng.below(3));
    for (std::size_t b = 0; b < batches.size(); ++b) {
      batches[b].copy_bytes = batches.size() - b;  // dearest first
      const std::size_t length = 2 + rng.below(2);
      for (std::uint32_t v = 0; v < 1 + rng.below(3); ++v) {
        batches[b].vectors.push_back(random_vector(rng, variables, length));
      }
      if (batches[b].vectors.empty()) batches[b].vectors.push_back({0, 1});
    }
    const LayoutOrder order = order_variables(variables, batches);
    std::vector<bool> wanted(batches.size(), false);
    for (std::size_t b = 0; b < batches.size(); ++b) {
      wanted[b] = true;
      ASSERT_EQ(order.kept[b], fit(batches, wanted, variables)) << "round " << round;
      wanted[b] = order.kept[b];
      ASSERT_TRUE(!wanted[b] || is_laid_out(order.order, batches[b])) << "round " << round;
      ++(wanted[b] ? kept : dropped);
    }
  }
  EXPECT_GT(kept, 1000U);
  EXPECT_GT(dropped, 500U);
}

}  // namespace
}  // namespace sheaf::memory_plan
