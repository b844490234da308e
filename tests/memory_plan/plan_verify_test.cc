// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/error.h"
#include "tests/memory_plan/plan_fixture.h"
#include "tests/message_of.h"

namespace sheaf::memory_plan {
namespace {

// A good plan in which an input is read in each of the three ways, to be broken by each test.
class PlanVerify : public PlanTest {
 protected:
  PlanVerify() {
    graph_.add(source_, {});
    graph_.add(source_, {});
    graph_.add(wide_, {});
    graph_.add(unary_, {{0}});
    graph_.add(unary_, {{1}});
    graph_.add(unary_, {{1}});
    graph_.add(unary_, {{0}});
    graph_.add(sum_, {{0}, {2}, {1}, {2}});
    plan({{0, 1}, {2}, {3, 4}, {5, 6}, {7}});
  }
  static constexpr std::size_t kInPlace = 2;  // batches
  static constexpr std::size_t kGathered = 3;
  static constexpr std::size_t kSummed = 4;

  InputPlan& how(std::size_t batch) { return plan_.inputs.at(plan_.batches[batch].first_input); }
  [[nodiscard]] std::string refusal() const {
    return test::message_of<base::InternalError>([&] { plan_.verify(graph_, compiled_); });
  }
};

TEST_F(PlanVerify, AcceptsAGoodPlan) { EXPECT_EQ(refusal(), "nothing was thrown"); }

TEST_F(PlanVerify, RefusesResultsOfABatchThatOverlap) {
  const std::uint32_t sum = plan_.batches[kSummed].first_output;
  plan_.outputs[sum + 1] = plan_.outputs[sum];
  EXPECT_EQ(refusal(), "[memory plan] two results overlap");
}

TEST_F(PlanVerify, RefusesToOverwriteAValueThatIsStillToBeRead) {
  plan_.outputs[plan_.batches[1].first_output] = at(1);
  EXPECT_EQ(refusal(), "[memory plan] a value is overwritten before its last reader has run");
}

TEST_F(PlanVerify, RefusesToOverwriteWhatTheSameBatchReads) {
  plan_.outputs[plan_.batches[kInPlace].first_output] = at(0);
  EXPECT_EQ(refusal(), "[memory plan] a value is overwritten before its last reader has run");
}

TEST_F(PlanVerify, RefusesToOverwriteAValueThatIsToBeKept) {
  plan_.outputs[plan_.batches[kSummed].first_output] = at(4);  // which nobody reads
  EXPECT_EQ(refusal(), "[memory plan] a value that is to be kept is overwritten");
}

TEST_F(PlanVerify, RefusesResultsThatDoNotBeginALine) {
  ++plan_.outputs[plan_.batches[kSummed].first_output];
  EXPECT_EQ(refusal(), "[memory plan] a result does not begin a line");
}

TEST_F(PlanVerify, RefusesResultsBeyondTheArena) {
  --plan_.arena_floats;
  EXPECT_EQ(refusal(), "[memory plan] a result lies beyond the arena");
}

TEST_F(PlanVerify, RefusesANodeWithoutAPlace) {
  plan_.places.pop_back();
  EXPECT_EQ(refusal(), "[memory plan] not every node has a place");
}

TEST_F(PlanVerify, RefusesAnInputInPlaceThatLiesElsewhere) {
  ASSERT_EQ(how(kInPlace).kind, InputPlan::Kind::in_place);
  how(kInPlace).at += kStride;
  EXPECT_EQ(refusal(), "[memory plan] an input is read from a wrong place");
}

TEST_F(PlanVerify, RefusesRowsInPlaceThatDoNotFollowEachOther) {
  how(kGathered) = {InputPlan::Kind::in_place, at(1)};
  EXPECT_EQ(refusal(), "[memory plan] an input is read from a wrong place");
}

TEST_F(PlanVerify, RefusesAGatherFromAWrongRow) {
  ASSERT_EQ(how(kGathered).kind, InputPlan::Kind::gathered);
  std::swap(plan_.gather_offsets[how(kGathered).at], plan_.gather_offsets[how(kGathered).at + 1]);
  EXPECT_EQ(refusal(), "[memory plan] an input is read from a wrong place");
}

TEST_F(PlanVerify, RefusesASumInAnotherOrder) {
  ASSERT_EQ(how(kSummed).kind, InputPlan::Kind::summed);
  const std::uint64_t first = plan_.sum_begin[how(kSummed).at];
  std::swap(plan_.gather_offsets[first], plan_.gather_offsets[first + 1]);
  EXPECT_EQ(refusal(), "[memory plan] an input is read from a wrong place");
}

TEST_F(PlanVerify, RefusesASumWithATermTooMany) {
  ++plan_.sum_begin[how(kSummed).at + 1];
  EXPECT_EQ(refusal(), "[memory plan] a sum has a wrong number of terms");
}

TEST_F(PlanVerify, RefusesASumThatIsReadAsASingleRow) {
  how(kSummed).kind = InputPlan::Kind::gathered;
  EXPECT_EQ(refusal(), "[memory plan] a sum is read as a single row");
}

}  // namespace
}  // namespace sheaf::memory_plan
