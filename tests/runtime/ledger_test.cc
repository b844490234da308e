// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/ledger.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/graph/small_network.h"

namespace sheaf::runtime {
namespace {

// Goes on by one whenever it is read.
class CountingClock final : public base::Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override { return ++now_; }
  mutable std::uint64_t now_ = 0;
};

class LedgerTest : public testing::Test {
 protected:
  // Two batches of type 0 in minibatch 0, one in minibatch 1.
  [[nodiscard]] Ledger ledger() const {
    Profile profile(network_, clock_);
    memory_plan::MemoryPlan plan;
    plan.batches = {{0, 3, 0, 0, 0}, {0, 2, 3, 0, 1}, {0, 5, 0, 0, 0}};
    profile.add_batch(plan, 0, 10, 17);
    profile.add_batch(plan, 1, 20, 22);
    profile.add_stage(Stage::execute, 10, 25);
    profile.begin_minibatch(1);
    profile.add_batch(plan, 2, 30, 60);
    profile.add_stage(Stage::execute, 30, 61);
    return ledger_of(profile, "cpu test");
  }

  const graph::SmallNetwork small_{};
  const graph::Network& network_ = small_.network;
  const CountingClock clock_{};
};

TEST_F(LedgerTest, ARowIsTheSumOfItsBatches) {
  const Ledger ledger = this->ledger();
  ASSERT_EQ(ledger.rows.size(), 1U);
  EXPECT_EQ(ledger.rows[0].name, network_.type(0).name);
  EXPECT_EQ(ledger.rows[0].component, "cpu");
  EXPECT_EQ(ledger.rows[0].batches, 3U);
  EXPECT_EQ(ledger.rows[0].nodes, 10U);
  EXPECT_EQ(ledger.rows[0].cost.ns, 7 + 2 + 30);
  ASSERT_EQ(ledger.batches.size(), 3U);
  double bytes = 0;
  for (const LedgerBatch& batch : ledger.batches) bytes += batch.cost.bytes;
  EXPECT_EQ(ledger.rows[0].cost.bytes, bytes);
}

TEST_F(LedgerTest, ABatchBelongsToTheMinibatchThatExecutedIt) {
  const Ledger ledger = this->ledger();
  EXPECT_EQ(ledger.batches[0].minibatch, 0U);
  EXPECT_EQ(ledger.batches[1].minibatch, 0U);
  EXPECT_EQ(ledger.batches[2].minibatch, 1U);
}

TEST_F(LedgerTest, WeightsAreReadOncePerBatchAndValuesOncePerNode) {
  const Ledger ledger = this->ledger();
  const double three = ledger.batches[0].cost.bytes;
  const double two = ledger.batches[1].cost.bytes;
  const double five = ledger.batches[2].cost.bytes;
  EXPECT_GT(three, two);
  EXPECT_EQ(three - two, (five - three) / 2);  // per node
}

// Of type `pair`: 2 x 3 numbers in, 3 + 5 out, and a matrix of 5 x 3 once per batch.
TEST_F(LedgerTest, BytesOfABatchAreThoseOfItsValuesAndOneSetOfWeights) {
  Profile profile(network_, clock_);
  memory_plan::MemoryPlan plan;
  plan.batches = {{graph::SmallNetwork::kPair, 3, 0, 0, 0},
                  {graph::SmallNetwork::kLeaf, 2, 3, 0, 1}};
  plan.inputs.resize(2);  // of `pair`, in place
  profile.add_batch(plan, 0, 10, 17);
  profile.add_batch(plan, 1, 20, 22);
  const Ledger ledger = ledger_of(profile, "cpu test");
  ASSERT_EQ(ledger.batches.size(), 2U);
  EXPECT_EQ(ledger.batches[0].cost.bytes, 4 * (15 + 3 * (6 + 8)));
  // A look-up reads a row of its table, which is no weight, and writes it.
  EXPECT_EQ(ledger.batches[1].cost.bytes, 4 * 2 * (3 + 3));
}

TEST_F(LedgerTest, TheEnergyOfACpuIsUnknown) {
  const Ledger ledger = this->ledger();
  EXPECT_TRUE(std::isnan(ledger.rows[0].cost.pj));
  EXPECT_TRUE(std::isnan(ledger.total().pj));
  EXPECT_EQ(ledger.total().conversions, 0);
}

TEST(Ledger, RowIsMadeOnce) {
  Ledger ledger;
  ledger.row("conv1", "adc").nodes = 3;
  ledger.row("conv1", "crossbar").nodes = 4;
  EXPECT_EQ(ledger.row("conv1", "adc").nodes, 3U);
  EXPECT_EQ(ledger.rows.size(), 2U);
}

TEST(Cost, IsNothingUnlessAColumnIsNotZero) {
  EXPECT_TRUE(Cost{}.is_nothing());
  for (std::size_t c = 0; c < kCostColumns; ++c) {
    for (const double value : {0.5, Cost::kUnknown}) {
      Cost cost;
      set_column(cost, c, value);
      EXPECT_FALSE(cost.is_nothing()) << kCostNames[c];
    }
  }
}

TEST(Cost, EveryColumnHasANameAndCanBeSet) {
  Cost cost;
  for (std::size_t c = 0; c < kCostColumns; ++c) set_column(cost, c, static_cast<double>(c + 1));
  EXPECT_EQ(cost.ns, 1);
  EXPECT_EQ(cost.flit_hops, 5);
  for (std::size_t c = 0; c < kCostColumns; ++c) {
    EXPECT_EQ(column(cost, c), static_cast<double>(c + 1)) << kCostNames[c];
  }
}

}  // namespace
}  // namespace sheaf::runtime
