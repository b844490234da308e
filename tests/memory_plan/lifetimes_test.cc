// SPDX-License-Identifier: Apache-2.0
//
// Plans that keep outputs only.
#include <algorithm>

#include "sheaf/base/error.h"
#include "tests/memory_plan/plan_fixture.h"
#include "tests/memory_plan/random_network.h"
#include "tests/message_of.h"

namespace sheaf::memory_plan {
namespace {

using graph::NodeId;
using Kind = InputPlan::Kind;

constexpr PlanOptions kOutputs{.keep = Keep::outputs};

using KeepingOutputs = PlanTest;

TEST_F(KeepingOutputs, AChainTakesTheSpaceOfTwoSteps) {
  for (int chain = 0; chain < 3; ++chain) {
    NodeId last = graph_.add(source_, {});
    for (int i = 0; i < 20; ++i) last = graph_.add(unary_, {{last}});
    graph_.mark_output({last});
  }
  plan_ordered(kOutputs);
  EXPECT_EQ(plan_.live_floats, 2 * 3 * kStride);
  EXPECT_EQ(plan_.arena_floats, plan_.live_floats);
  EXPECT_EQ(plan_.copied_bytes, 0U);
}

TEST_F(KeepingOutputs, MarkedPortsAreKeptAndNoOthers) {
  graph_.add(source_, {});
  graph_.add(wide_, {});
  graph_.add(mixed_, {{0}, {1}});
  graph_.add(unary_, {{2}});
  graph_.mark_output({0});
  graph_.mark_decoded({2, 1});
  plan({{0}, {1}, {2}, {3}}, kOutputs);
  EXPECT_TRUE(plan_.is_kept({0}));
  EXPECT_TRUE(plan_.is_kept({2, 1}));
  EXPECT_FALSE(plan_.is_kept({1}));
  EXPECT_FALSE(plan_.is_kept({2, 0}));
  EXPECT_FALSE(plan_.is_kept({3}));
}

TEST_F(KeepingOutputs, TheSpaceOfAResultThatNobodyReadsIsFreeAtOnce) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  plan({{0}, {1}}, kOutputs);
  EXPECT_EQ(at(0), at(1));
  EXPECT_EQ(plan_.arena_floats, kStride);
}

TEST_F(KeepingOutputs, ABatchNeverWritesOverWhatItReads) {
  graph_.add(source_, {});
  graph_.add(unary_, {{0}});
  plan({{0}, {1}}, kOutputs);
  EXPECT_NE(at(0), at(1));
}

TEST_F(KeepingOutputs, RowsOfABatchAreFreedOneByOne) {
  for (int i = 0; i < 4; ++i) graph_.add(source_, {});  // node 3 is kept, 2 is read late
  graph_.mark_output({3});
  graph_.add(unary_, {{0}});  // 4
  graph_.add(unary_, {{1}});  // 5
  graph_.add(unary_, {{4}});  // 6: into the place of 0
  graph_.add(unary_, {{5}});  // 7: ... 1
  graph_.add(unary_, {{2}});  // 8
  plan({{0, 1, 2, 3}, {4, 5}, {6, 7}, {8}}, kOutputs);
  EXPECT_EQ(at(6), at(0));
  EXPECT_EQ(at(7), at(1));
  EXPECT_EQ(plan_.arena_floats, 6 * kStride);
}

TEST_F(KeepingOutputs, ColumnsInUseAtDifferentTimesShareSpace) {
  graph_.add(source_, {});
  graph_.add(unary_, {{0}});
  graph_.add(wide_, {});
  graph_.mark_output({2});
  plan({{0}, {1}, {2}}, kOutputs);
  EXPECT_EQ(at(2), 0U);
  EXPECT_EQ(plan_.arena_floats, 2 * kStride);
}

// Without the heads, node 3 would take the place of node 2.
TEST_F(KeepingOutputs, ResultsThatABatchReadsTogetherLieTogether) {
  for (int i = 0; i < 2; ++i) graph_.add(source_, {});
  graph_.add(source_, {});                                           // 2: nobody reads it
  graph_.add(unary_, {{1}});                                         // 3
  for (const NodeId node : {0, 1, 3}) graph_.add(unary_, {{node}});  // 4 5 6
  for (const NodeId head : {4, 5, 6}) graph_.mark_output({head});
  plan({{2}, {0, 1}, {3}, {4, 5, 6}}, kOutputs);
  EXPECT_EQ(at(3), at(1) + kStride);
  ASSERT_EQ(kind(3), Kind::in_place);
}

TEST_F(KeepingOutputs, TakesOneSegmentOnly) {
  graph_.add(source_, {});
  plan({{0}}, kOutputs);
  graph_.add(source_, {});
  EXPECT_EQ(test::message_of<base::InternalError>([&] { plan({{1}}, kOutputs); }),
            "[memory plan] a graph whose earlier results are not kept has grown");
}

TEST_F(KeepingOutputs, VerifyRefusesToOverwriteAnOutput) {
  graph_.add(source_, {});
  graph_.add(source_, {});
  graph_.mark_output({0});
  plan({{0}, {1}}, kOutputs);
  plan_.outputs[plan_.batches[1].first_output] = at(0);
  EXPECT_EQ(test::message_of<base::InternalError>([&] { plan_.verify(graph_, compiled_); }),
            "[memory plan] a value that is to be kept is overwritten");
}

// Of the graph alone: the largest sum, over the batches, of what each needs.
Offset largest_live_set(const graph::Graph& graph, const CompiledNetwork& network,
                        const MemoryPlan& plan) {
  std::vector<Offset> live(plan.batches.size(), 0);
  for (NodeId node = 0; node < graph.size(); ++node) {
    const std::uint32_t born = plan.places[node].batch;
    for (std::uint32_t p = 0; p < network.types[graph.type(node)].port_column.size(); ++p) {
      if (network.types[graph.type(node)].in_table(p)) continue;
      const graph::Operand value{node, p};
      std::uint32_t last = born;
      for (NodeId reader = node + 1; reader < graph.size(); ++reader) {
        for (const graph::Operand& operand : graph.operands(reader)) {
          if (operand == value) last = std::max(last, plan.places[reader].batch);
        }
      }
      for (const graph::Operand& output : graph.outputs()) {
        if (output == value) last = static_cast<std::uint32_t>(plan.batches.size() - 1);
      }
      for (auto b = born; b <= last; ++b) live[b] += network.stride(graph.type(node), p);
    }
  }
  return *std::max_element(live.begin(), live.end());
}

class RandomLifetimes : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Policies, RandomLifetimes,
                         testing::Values("single", "depth", "agenda", "sufficient"));

TEST_P(RandomLifetimes, TakeLessThanTwiceTheLargestLiveSet) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    base::Rng rng(seed, "lifetimes");
    const graph::Network network = test::random_network(rng);
    const CompiledNetwork compiled = compile_network(network);
    graph::Graph graph = test::random_graph(network, 1 + rng.below(5), 30, rng);
    for (NodeId node = 0; node < graph.size(); ++node) {
      if (rng.below(4) == 0 && !graph.operands(node).empty()) graph.mark_output({node});
    }
    const graph::Segment segment = graph.seal();
    batching::Schedule schedule = schedule_of(graph, segment, GetParam());
    if (seed % 2 == 0) RowOrder().run(graph, segment, schedule);
    MemoryPlan plan;
    plan_segment(graph, segment, schedule, compiled,
                 {.layout = seed % 3 == 0 ? LayoutMode::unplanned : LayoutMode::planned,
                  .keep = Keep::outputs,
                  .hoist = Hoist::off},
                 plan);
    plan.verify(graph, compiled);
    EXPECT_EQ(plan.live_floats, largest_live_set(graph, compiled, plan));
    EXPECT_GE(plan.arena_floats, plan.live_floats);
    EXPECT_LT(plan.arena_floats, 2 * plan.live_floats) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sheaf::memory_plan
