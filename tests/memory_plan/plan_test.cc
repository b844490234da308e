// SPDX-License-Identifier: Apache-2.0
#include "tests/memory_plan/plan_fixture.h"

namespace sheaf::memory_plan {
namespace {

using Kind = InputPlan::Kind;

using Planning = PlanTest;

TEST_F(Planning, ResultsOfABatchLieInBatchOrder) {
  for (std::uint32_t i = 0; i < 3; ++i) graph_.add(source_, {}, i);
  plan({{2, 0, 1}});
  EXPECT_EQ(at(0), at(2) + kStride);
  EXPECT_EQ(at(1), at(2) + 2 * kStride);
  EXPECT_EQ(plan_.arena_floats, 3 * kStride);
}

TEST_F(Planning, PayloadsFollowTheOrder) {
  for (std::uint32_t i = 0; i < 3; ++i) graph_.add(source_, {}, 4 + i);
  plan({{2, 0, 1}});
  EXPECT_EQ(plan_.order, (std::vector<graph::NodeId>{2, 0, 1}));
  EXPECT_EQ(plan_.payloads, (std::vector<std::uint32_t>{6, 4, 5}));
  for (const auto& [node, row] : {std::pair{0, 1U}, {1, 2U}, {2, 0U}}) {
    EXPECT_EQ(plan_.places[node].row, row);
  }
}

TEST_F(Planning, AColumnIsContiguousOverBatchesOfDifferentTypes) {
  graph_.add(source_, {});
  graph_.add(wide_, {});
  graph_.add(unary_, {{0}});
  graph_.add(unary_, {{2}});
  plan({{0}, {1}, {2}, {3}});
  EXPECT_EQ(at(2), at(0) + kStride);
  EXPECT_EQ(at(3), at(2) + kStride);
}

TEST_F(Planning, HeadsReadEveryBatchOfAColumnInPlace) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(unary_, {{1}});
  for (graph::NodeId node = 0; node < 3; ++node) graph_.add(unary_, {{node}});
  plan({{0, 1}, {2}, {3, 4, 5}});
  EXPECT_EQ(kind(2), Kind::in_place);
  EXPECT_EQ(input(2).at, at(0));
  EXPECT_EQ(plan_.copied_bytes, 0U);
}

TEST_F(Planning, AChainIsReadInPlace) {
  graph_.add(source_, {});
  for (graph::NodeId node = 0; node < 5; ++node) graph_.add(unary_, {{node}});
  plan({{0}, {1}, {2}, {3}, {4}, {5}});
  for (std::size_t batch = 1; batch < 6; ++batch) {
    EXPECT_EQ(kind(batch), Kind::in_place);
    EXPECT_EQ(input(batch).at, at(static_cast<graph::NodeId>(batch - 1)));
  }
  EXPECT_EQ(plan_.copied_bytes, 0U);
}

TEST_F(Planning, RowsInAnotherOrderAreGathered) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(unary_, {{1}});
  graph_.add(unary_, {{0}});
  plan({{0, 1}, {2, 3}});
  ASSERT_EQ(kind(1), Kind::gathered);
  EXPECT_EQ(plan_.gather_offsets, (std::vector<Offset>{at(1), at(0)}));
  EXPECT_EQ(plan_.copied_bytes, 2 * kRow);
}

TEST_F(Planning, OneRowReadTwiceIsGathered) {
  graph_.add(source_, {});
  graph_.add(unary_, {{0}});
  graph_.add(unary_, {{0}});
  plan({{0}, {1, 2}});
  EXPECT_EQ(kind(1), Kind::gathered);
}

TEST_F(Planning, EachInputIsReadInItsOwnWay) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(wide_, {});
  graph_.add(wide_, {});
  graph_.add(mixed_, {{1}, {2}});
  graph_.add(mixed_, {{0}, {3}});
  plan({{0, 1}, {2, 3}, {4, 5}});
  EXPECT_EQ(kind(2, 0), Kind::gathered);
  EXPECT_EQ(kind(2, 1), Kind::in_place);
  EXPECT_EQ(input(2, 1).at, at(2));
}

TEST_F(Planning, RepeatedInputsAreSummedInOperandOrder) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(wide_, {});
  graph_.add(wide_, {});
  graph_.add(sum_, {{1}, {2}, {0}, {3}});
  graph_.add(sum_, {});
  plan({{0, 1}, {2, 3}, {4, 5}});
  ASSERT_EQ(kind(2, 0), Kind::summed);
  ASSERT_EQ(kind(2, 1), Kind::summed);
  const auto terms = [&](std::uint32_t index, std::size_t row) {
    const std::uint64_t* begin = &plan_.sum_begin[input(2, index).at + row];
    return std::vector<Offset>(plan_.gather_offsets.begin() + static_cast<long>(begin[0]),
                               plan_.gather_offsets.begin() + static_cast<long>(begin[1]));
  };
  EXPECT_EQ(terms(0, 0), (std::vector<Offset>{at(1), at(0)}));
  EXPECT_EQ(terms(1, 0), (std::vector<Offset>{at(2), at(3)}));
  EXPECT_TRUE(terms(0, 1).empty());
  EXPECT_TRUE(terms(1, 1).empty());
  EXPECT_EQ(plan_.copied_bytes, 2 * kRow + 2 * kWideRow);
}

TEST_F(Planning, RepeatedInputsWithOneOperandEachAreReadInPlace) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(wide_, {});
  graph_.add(wide_, {});
  graph_.add(sum_, {{0}, {2}});
  graph_.add(sum_, {{1}, {3}});
  plan({{0, 1}, {2, 3}, {4, 5}});
  EXPECT_EQ(kind(2, 0), Kind::in_place);
  EXPECT_EQ(kind(2, 1), Kind::in_place);
}

TEST_F(Planning, UnplannedGathersEveryOperand) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(unary_, {{0}});
  graph_.add(unary_, {{1}});
  graph_.add(wide_, {});
  graph_.add(sum_, {{2}, {4}});
  plan({{0, 1}, {2, 3}, {4}, {5}}, {.layout = LayoutMode::unplanned});
  EXPECT_EQ(kind(1), Kind::gathered);
  EXPECT_EQ(kind(3, 0), Kind::gathered);
  EXPECT_EQ(kind(3, 1), Kind::gathered);
  EXPECT_EQ(plan_.copied_bytes, 3 * kRow + kWideRow);
}

TEST_F(Planning, CopiedBytesAreWhatGathersAndSumsWrite) {
  for (int i = 0; i < 3; ++i) graph_.add(source_, {});  // 0 1 2
  for (int i = 0; i < 2; ++i) graph_.add(wide_, {});    // 3 4
  graph_.add(mixed_, {{0}, {3}});                       // 5: both in place
  graph_.add(mixed_, {{1}, {4}});                       // 6
  graph_.add(mixed_, {{2}, {3}});                       // 7: another batch; both in place
  graph_.add(unary_, {{2}});                            // 8: gathered, 2 rows
  graph_.add(unary_, {{0}});                            // 9
  graph_.add(sum_, {{8}, {3}, {9}, {4}});               // 10: both summed
  plan({{0, 1, 2}, {3, 4}, {5, 6}, {7}, {8, 9}, {10}});
  EXPECT_EQ(plan_.copied_bytes, 2 * kRow + (kRow + kWideRow));
}

TEST_F(Planning, ASegmentKeepsTheOffsetsOfEarlierOnes) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(wide_, {});
  plan({{0, 1}, {2}});
  const std::vector<Offset> before = {at(0), at(1), at(2)};
  const Offset floats = plan_.arena_floats;

  graph_.add(unary_, {{1}});
  graph_.add(mixed_, {{3}, {2}});
  plan({{3}, {4}});
  EXPECT_EQ((std::vector<Offset>{at(0), at(1), at(2)}), before);
  EXPECT_GE(at(3), floats);
  EXPECT_EQ(plan_.arena_floats, floats + 2 * kStride + 32);
  EXPECT_EQ(plan_.batches.size(), 4U);
  EXPECT_EQ(plan_.batches[2].first_node, 3U);
}

TEST_F(Planning, ASegmentReadsEarlierOnesInPlace) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  plan({{0, 1}});
  graph_.add(unary_, {{0}});
  graph_.add(unary_, {{1}});
  plan({{2, 3}});
  ASSERT_EQ(kind(1), Kind::in_place);
  EXPECT_EQ(input(1).at, at(0));
}

TEST_F(Planning, AnEmptySegmentAddsNothing) {
  graph_.add(source_, {});
  plan({{0}});
  plan({});
  EXPECT_EQ(plan_.batches.size(), 1U);
  EXPECT_EQ(plan_.arena_floats, kStride);
}

TEST_F(Planning, ClearForgetsEverything) {
  graph_.add(source_, {});
  graph_.add(unary_, {{0}});
  plan({{0}, {1}}, {.layout = LayoutMode::unplanned});
  plan_.clear();
  graph_.clear();
  EXPECT_EQ(plan_.copied_bytes, 0U);
  graph_.add(source_, {});
  plan({{0}});
  EXPECT_EQ(at(0), 0U);
  EXPECT_EQ(plan_.batches.size(), 1U);
  EXPECT_EQ(plan_.arena_floats, kStride);
}

TEST_F(Planning, TextListsEveryBatchAndHowItsInputsAreRead) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.add(wide_, {});
  graph_.add(unary_, {{0}});
  graph_.add(sum_, {{0}, {2}, {1}, {2}});
  plan({{0, 1}, {2}, {3}, {4}});
  EXPECT_EQ(plan_.to_string(graph_),
            "0 source x 2: -> 0\n"
            "1 wide x 1: -> 64\n"
            "2 unary x 1: a in place -> 32\n"
            "3 sum x 1: s summed t summed -> 48 -> 96\n"
            "arena 512 bytes, copied 100 bytes\n");
}

}  // namespace
}  // namespace sheaf::memory_plan
