// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/cost_table.h"

#include <gtest/gtest.h>

#include <limits>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::batching {
namespace {

// 1 row: 10, 2: 12, 4: 20.
CostCurve some_curve() { return {{1, 2, 4}, {10, 12, 20}}; }

CostTable table_of(CostCurve curve) { return {.types = {{std::move(curve), 0}}, .batch_ns = 0}; }

TEST(CostCurve, GivesWhatWasMeasured) {
  EXPECT_DOUBLE_EQ(some_curve().at(1), 10);
  EXPECT_DOUBLE_EQ(some_curve().at(2), 12);
  EXPECT_DOUBLE_EQ(some_curve().at(4), 20);
}

TEST(CostCurve, InterpolatesBetweenTwoEntries) { EXPECT_DOUBLE_EQ(some_curve().at(3), 16); }

TEST(CostCurve, GoesOnStraightBeyondTheLastEntry) {
  EXPECT_DOUBLE_EQ(some_curve().row_ns(), 4);
  EXPECT_DOUBLE_EQ(some_curve().at(5), 24);
  EXPECT_DOUBLE_EQ(some_curve().at(104), 420);
}

TEST(CostCurve, OfOneEntryGrowsWithTheRows) {
  const CostCurve curve{{1}, {7}};
  EXPECT_DOUBLE_EQ(curve.at(1), 7);
  EXPECT_DOUBLE_EQ(curve.at(3), 21);
}

TEST(CostTable, BestRowsAreAnyNumberWhereLargeBatchesAreTheCheapest) {
  EXPECT_EQ(table_of(some_curve()).best_rows(0), std::numeric_limits<std::uint32_t>::max());
}

TEST(CostTable, BestRowsAreOneWhereBatchingCostsMore) {
  EXPECT_EQ(table_of({{1, 2, 4}, {10, 25, 60}}).best_rows(0), 1U);
}

TEST(CostTable, BestRowsAreThoseOfTheCheapestRow) {
  EXPECT_EQ(table_of({{1, 2, 4, 8}, {10, 12, 60, 200}}).best_rows(0), 2U);
}

TEST(CostTable, BestRowsDoNotFollowNoise) {
  EXPECT_EQ(table_of({{1, 2, 4}, {10, 20, 40.5}}).best_rows(0),
            std::numeric_limits<std::uint32_t>::max());
}

TEST(CostTable, WhatPlanningABatchTakesSpeaksForLargerOnes) {
  CostTable table = table_of({{1, 2}, {10, 25}});
  EXPECT_EQ(table.best_rows(0), 1U);
  table.batch_ns = 100;
  EXPECT_EQ(table.best_rows(0), std::numeric_limits<std::uint32_t>::max());
}

TEST(CostTable, SumsBatchesPlanningAndChangesOfType) {
  const CostTable table{.types = {{some_curve(), 100}, {{{1}, {5}}, 1000}}, .batch_ns = 0.5};
  EXPECT_DOUBLE_EQ(table.ns(0, 2, 0), 12.5);
  EXPECT_DOUBLE_EQ(table.ns(0, 2, 1), 112.5);
  const Batch batches[] = {{0, 0, 2}, {0, 2, 3}, {1, 3, 4}, {0, 4, 8}};
  EXPECT_DOUBLE_EQ(table.ns(batches), 100 + 12 + 10 + 1000 + 5 + 100 + 20 + 4 * 0.5);
}

std::string refusal(CostCurve curve, double switch_ns = 0, double batch_ns = 0) {
  const CostTable table{.types = {{std::move(curve), switch_ns}}, .batch_ns = batch_ns};
  return test::message_of<base::InternalError>([&] { table.verify(); });
}

TEST(CostTable, VerifyAcceptsATable) { EXPECT_EQ(refusal(some_curve()), "nothing was thrown"); }

TEST(CostTable, VerifyNamesACurveThatDoesNotBeginAtOneRow) {
  constexpr const char* kMessage = "[cost table] a curve does not begin at 1 row";
  EXPECT_EQ(refusal({{}, {}}), kMessage);
  EXPECT_EQ(refusal({{2, 4}, {1, 2}}), kMessage);
  EXPECT_EQ(refusal({{1, 4}, {1}}), kMessage);
}

TEST(CostTable, VerifyNamesRowsThatDoNotGrow) {
  EXPECT_EQ(refusal({{1, 4, 4}, {1, 2, 3}}), "[cost table] the rows of a curve do not grow");
}

TEST(CostTable, VerifyNamesATimeThatIsNone) {
  constexpr const char* kMessage = "[cost table] a time is negative or not finite";
  EXPECT_EQ(refusal({{1}, {-1}}), kMessage);
  EXPECT_EQ(refusal({{1}, {std::numeric_limits<double>::infinity()}}), kMessage);
  EXPECT_EQ(refusal({{1}, {1}}, -1), kMessage);
  EXPECT_EQ(refusal({{1}, {1}}, 0, std::numeric_limits<double>::quiet_NaN()), kMessage);
}

}  // namespace
}  // namespace sheaf::batching
