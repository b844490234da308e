// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/hoisting.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/memory_plan/plan.h"
#include "tests/message_of.h"

namespace sheaf::memory_plan {
namespace {

using Part = BatchPlan::Part;

constexpr std::uint32_t kWidth = 20;

// Two types of one cell with a prefix (`step`, `other`), one without (`plain`).
class HoistingTest : public testing::Test {
 protected:
  HoistingTest() {
    graph::CellBuilder step("step");
    const auto x = step.lookup("table", kWidth);
    const auto h = step.repeated_input("h", kWidth);
    const auto cell = std::make_shared<graph::Cell>(
        step.output(tanh(step.affine(kWidth, {{"W", x}, {"U", h}}, "b"))).build());
    network_.parameters().declare("table", {9, kWidth});
    network_.add_type("step", cell, {{"table", "table"}});
    network_.add_type("other", cell, {{"table", "table"}});
    graph::CellBuilder plain("plain");
    network_.add_type("plain", std::make_shared<graph::Cell>(
                                   plain.output(tanh(plain.input("a", kWidth))).build()));
    compiled_ = compile_network(network_);
  }

  // A schedule of batches (type, rows).
  Hoisting choose(std::initializer_list<std::pair<graph::TypeId, std::uint32_t>> batches,
                  Hoist hoist) {
    batching::Schedule schedule;
    std::uint32_t end = 0;
    for (const auto& [type, rows] : batches) {
      schedule.batches.push_back({type, end, end + rows});
      end += rows;
    }
    Hoisting hoisting;
    hoisting.choose(schedule, compiled_, hoist);
    return hoisting;
  }

  // `chains` chains of `steps` steps each, step by step.
  void plan_chains(std::uint32_t chains, std::uint32_t steps, PlanOptions options) {
    batching::Schedule schedule;
    const auto begin = graph_.size();
    for (std::uint32_t s = 0; s < steps; ++s) {
      for (std::uint32_t c = 0; c < chains; ++c) {
        const graph::Operand before{graph_.size() - chains};
        const graph::NodeId node =
            graph_.add(kStep, std::span(&before, s == 0 ? 0 : 1), (s + c) % 9);
        schedule.order.push_back(node);
      }
      schedule.batches.push_back({kStep, s * chains, (s + 1) * chains});
    }
    for (std::uint32_t c = 0; c < chains; ++c) graph_.mark_output({graph_.size() - 1 - c});
    const graph::Segment segment = graph_.seal();
    ASSERT_EQ(segment.begin, begin);
    plan_segment(graph_, segment, schedule, compiled_, options, plan_);
    plan_.verify(graph_, compiled_);
  }

  static constexpr graph::TypeId kStep = 0;
  static constexpr graph::TypeId kOther = 1;
  static constexpr graph::TypeId kPlain = 2;
  static constexpr std::uint32_t kNone = Hoisting::kNone;

  graph::Network network_;
  CompiledNetwork compiled_;
  graph::Graph graph_{network_};
  MemoryPlan plan_;
};

TEST_F(HoistingTest, BatchesOfATypeShareAWindowAcrossOthers) {
  const Hoisting hoisting =
      choose({{kStep, 3}, {kPlain, 4}, {kOther, 2}, {kStep, 3}, {kOther, 2}}, Hoist::on);
  EXPECT_TRUE(hoisting.any());
  EXPECT_EQ(hoisting.first_of(0), 0U);
  EXPECT_EQ(hoisting.next_of(0), 3U);
  EXPECT_EQ(hoisting.first_of(3), 0U);
  EXPECT_EQ(hoisting.next_of(3), kNone);
  EXPECT_EQ(hoisting.first_of(1), kNone);
  EXPECT_EQ(hoisting.first_of(2), 2U);
  EXPECT_EQ(hoisting.first_of(4), 2U);
}

TEST_F(HoistingTest, AWindowHasAtMostSoManyRows) {
  const std::uint32_t half = kPrefixRows / 2;
  const Hoisting hoisting =
      choose({{kStep, half}, {kStep, half}, {kStep, half}, {kStep, 1}}, Hoist::on);
  EXPECT_EQ(hoisting.first_of(1), 0U);
  EXPECT_EQ(hoisting.next_of(1), kNone);
  EXPECT_EQ(hoisting.first_of(2), 2U);
  EXPECT_EQ(hoisting.first_of(3), 2U);
}

TEST_F(HoistingTest, ABatchAloneIsNotHoisted) {
  EXPECT_FALSE(choose({{kStep, 3}, {kPlain, 4}, {kOther, 2}}, Hoist::on).any());
  EXPECT_FALSE(choose({{kStep, kPrefixRows}, {kStep, 1}}, Hoist::on).any());
}

TEST_F(HoistingTest, OffHoistsNothing) {
  EXPECT_FALSE(choose({{kStep, 3}, {kStep, 3}}, Hoist::off).any());
}

TEST_F(HoistingTest, AutomaticHoistsWindowsWhoseBatchesHaveFewRowsOnAverage) {
  ASSERT_EQ(few_rows(compiled_.types[kStep].split->weight_bytes), 2U);
  EXPECT_TRUE(choose({{kStep, 1}, {kStep, 1}, {kStep, 1}}, Hoist::automatic).any());
  EXPECT_TRUE(choose({{kStep, 3}, {kStep, 1}}, Hoist::automatic).any());
  EXPECT_FALSE(choose({{kStep, 3}, {kStep, 2}}, Hoist::automatic).any());
  EXPECT_TRUE(choose({{kStep, 3}, {kStep, 2}}, Hoist::on).any());
}

TEST_F(HoistingTest, MoreRowsAreFewWhenThereAreMoreWeights) {
  EXPECT_LT(few_rows(64U << 10U), few_rows(1U << 20U));
  EXPECT_LT(few_rows(1U << 20U), few_rows(4U << 20U));
}

TEST_F(HoistingTest, APrefixBatchHasTheNodesOfItsWindowInTheirOrder) {
  for (const Keep keep : {Keep::everything, Keep::outputs}) {
    plan_.clear();
    graph_.clear();
    plan_chains(3, 4, {.keep = keep, .hoist = Hoist::on});
    ASSERT_EQ(plan_.prefixes.size(), 1U);
    const BatchPlan& prefix = plan_.prefixes[0];
    EXPECT_EQ(prefix.part, Part::prefix);
    EXPECT_EQ(prefix.rows, 12U);
    EXPECT_EQ(plan_.prefix_before(plan_.batches[0]), &prefix);
    EXPECT_EQ(plan_.prefix_before(plan_.batches[1]), nullptr);
    std::uint32_t row = 0;
    for (const BatchPlan& rest : plan_.batches) {
      EXPECT_EQ(rest.part, Part::rest);
      EXPECT_EQ(rest.early_row, row);
      for (const graph::NodeId node : plan_.nodes(rest)) {
        EXPECT_EQ(plan_.nodes(prefix)[row], node);
        EXPECT_EQ(plan_.payloads[prefix.first_node + row], graph_.payload(node));
        ++row;
      }
    }
  }
}

// 30 windows of 256 rows, of which one is needed at a time.
TEST_F(HoistingTest, WindowsTakeTheSameSpace) {
  const Offset window = Offset{kPrefixRows} * compiled_.types[kStep].split->early_floats;
  const auto arena = [&](Keep keep, Hoist hoist) {
    plan_.clear();
    graph_.clear();
    plan_chains(8, 30 * kPrefixRows / 8, {.keep = keep, .hoist = hoist});
    return plan_.arena_floats;
  };
  for (const Keep keep : {Keep::everything, Keep::outputs}) {
    EXPECT_LE(arena(keep, Hoist::on), arena(keep, Hoist::off) + window + window / 4);
  }
}

TEST_F(HoistingTest, SegmentsThatFollowHaveWindowsOfTheirOwn) {
  plan_chains(2, 3, {.hoist = Hoist::on});
  plan_chains(2, 3, {.hoist = Hoist::on});
  ASSERT_EQ(plan_.prefixes.size(), 2U);
  EXPECT_EQ(plan_.nodes(plan_.prefixes[1]).front(), 6U);
  EXPECT_EQ(plan_.prefix_before(plan_.batches[3]), &plan_.prefixes[1]);
}

TEST_F(HoistingTest, VerifyRefusesARestThatReadsOtherNodesEarlyValues) {
  plan_chains(2, 3, {.hoist = Hoist::on});
  plan_.batches[1].early_row = 0;
  EXPECT_EQ(test::message_of<base::InternalError>([&] { plan_.verify(graph_, compiled_); }),
            "[memory plan] early values are not there when they are read");
}

TEST_F(HoistingTest, ToStringNamesTheParts) {
  plan_chains(2, 2, {.hoist = Hoist::on});
  const std::string text = plan_.to_string(graph_);
  EXPECT_NE(text.find("prefix step x 4: -> "), std::string::npos) << text;
  EXPECT_NE(text.find("0 step x 2: rest h "), std::string::npos) << text;
}

}  // namespace
}  // namespace sheaf::memory_plan
