// SPDX-License-Identifier: Apache-2.0
#include "sheaf/memory_plan/row_order.h"

#include <algorithm>

#include "tests/memory_plan/plan_fixture.h"
#include "tests/memory_plan/random_network.h"

namespace sheaf::memory_plan {
namespace {

using graph::NodeId;
using Kind = InputPlan::Kind;

class RowOrders : public PlanTest {
 protected:
  // A source and `steps` unary calls. Returns the last one.
  NodeId add_chain(std::uint32_t steps) {
    NodeId last = graph_.add(source_, {});
    for (std::uint32_t i = 0; i < steps; ++i) last = graph_.add(unary_, {{last}});
    return last;
  }
  void expect_all_in_place() const {
    for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
      EXPECT_EQ(plan_.inputs[i].kind, Kind::in_place) << "input " << i << "\n"
                                                      << plan_.to_string(graph_);
    }
  }
};

TEST_F(RowOrders, ChainsOfUnequalLengthAreReadInPlaceAtEveryStep) {
  for (const std::uint32_t steps : {2U, 7U, 1U, 4U, 4U, 9U, 3U}) add_chain(steps);
  plan_ordered();
  expect_all_in_place();
  EXPECT_EQ(plan_.copied_bytes, 0U);
}

TEST_F(RowOrders, TheLongestChainIsTheFirstRowOfEveryStep) {
  for (const std::uint32_t steps : {2U, 5U, 3U}) add_chain(steps);
  plan_ordered();
  for (const BatchPlan& batch : plan_.batches) {
    const NodeId first = plan_.nodes(batch).front();
    EXPECT_TRUE(first >= 3 && first < 9) << first;  // of the second chain
  }
}

// A node reads port 0 of its left child and port 1 of its right one.
TEST_F(RowOrders, CompleteBinaryTreesReadBothChildrenInPlaceAtEveryLevel) {
  constexpr std::size_t kLeaves = 8;
  for (int tree = 0; tree < 3; ++tree) {
    std::vector<NodeId> level;
    for (std::size_t i = 0; i < kLeaves; ++i) {
      const NodeId narrow = graph_.add(source_, {});
      level.push_back(graph_.add(mixed_, {{narrow}, {graph_.add(wide_, {})}}));
    }
    while (level.size() > 1) {
      std::vector<NodeId> above;
      for (std::size_t i = 0; i < level.size(); i += 2) {
        above.push_back(graph_.add(mixed_, {{level[i], 0}, {level[i + 1], 1}}));
      }
      level = above;
    }
  }
  plan_ordered();
  EXPECT_EQ(plan_.batches.size(), 2U + 4U);
  expect_all_in_place();
}

TEST_F(RowOrders, HeadsOfAllBatchesFollowTheirProducers) {
  std::vector<NodeId> states;
  for (const std::uint32_t steps : {2U, 7U, 1U, 4U}) {
    const NodeId last = add_chain(steps);
    for (NodeId node = last - steps; node <= last; ++node) states.push_back(node);
  }
  std::reverse(states.begin(), states.end());
  const NodeId first_head = graph_.size();
  for (const NodeId state : states) graph_.add(mixed_, {{state}, {graph_.add(wide_, {})}});
  plan_ordered();
  ASSERT_EQ(plan_.batches.back().rows, states.size());
  EXPECT_GE(plan_.nodes(plan_.batches.back()).front(), first_head);
  EXPECT_EQ(kind(plan_.batches.size() - 1, 0), Kind::in_place);
}

TEST_F(RowOrders, RowsThatReadAnEarlierSegmentComeFirstAsTheyWere) {
  add_chain(0);
  add_chain(0);
  plan_ordered();
  const NodeId first = graph_.size();
  for (int i = 0; i < 2; ++i) graph_.add(source_, {});
  graph_.add(unary_, {{first + 1}});
  graph_.add(unary_, {{1}});
  graph_.add(unary_, {{first}});
  graph_.add(unary_, {{0}});
  plan_ordered({}, "depth");
  const auto rows = plan_.nodes(plan_.batches.back());
  EXPECT_GE(rows.size(), 2U);
  plan_.verify(graph_, compiled_);
}

class RandomRowOrders : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Policies, RandomRowOrders,
                         testing::Values("single", "depth", "agenda", "sufficient"));

TEST_P(RandomRowOrders, MoveNodesWithinTheirBatchesOnlyAndAlwaysAlike) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    base::Rng rng(seed, "row order");
    const graph::Network network = test::random_network(rng);
    graph::Graph graph = test::random_graph(network, 1 + rng.below(5), 30, rng);
    const graph::Segment segment = graph.seal();
    const batching::Schedule before = schedule_of(graph, segment, GetParam());
    RowOrder order;
    batching::Schedule first = before;
    order.run(graph, segment, first);
    first.verify(graph, segment);
    batching::Schedule second = before;
    order.run(graph, segment, second);
    EXPECT_EQ(first.order, second.order);
    for (const batching::Batch& batch : before.batches) {
      const auto was = before.nodes(batch);
      const auto is = first.nodes(batch);
      EXPECT_TRUE(std::is_permutation(was.begin(), was.end(), is.begin(), is.end()));
    }
  }
}

}  // namespace
}  // namespace sheaf::memory_plan
