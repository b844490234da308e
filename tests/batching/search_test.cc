// SPDX-License-Identifier: Apache-2.0
//
// The policies `beam` and `optimal`.
#include <gtest/gtest.h>

#include "sheaf/batching/search/state_bound.h"
#include "tests/batching/shortest.h"
#include "tests/batching/strings.h"

namespace sheaf::batching {
namespace {

Schedule planned(std::string_view policy, const Dependencies& dependencies,
                 const SearchLimits& limits = {}) {
  return plan_with(*make_policy(policy, {.search = limits}), dependencies);
}

// Moves on by a millisecond whenever it is looked at.
class TickingClock final : public base::Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override { return now_ns_ += 1'000'000; }

 private:
  mutable std::uint64_t now_ns_ = 0;
};

// Chains whose shortest schedule is not found by `sufficient` nor by a narrow beam at once.
graph::Graph hard_graph(const graph::Network& network) {
  graph::Graph graph(network);
  base::Rng rng(63);
  for (int chain = 0; chain < 12; ++chain) {
    for (std::uint32_t i = 0; i < 14; ++i) {
      const auto type = static_cast<graph::TypeId>(rng.below(3));
      if (i == 0) {
        graph.add(type, {});
      } else {
        graph.add(type, {graph::Operand{graph.size() - 1}});
      }
    }
  }
  return graph;
}

TEST(OptimalPolicy, AgreesWithASearchOfAllSchedules) {
  base::Rng rng(60);
  for (const std::uint32_t types : {2U, 3U, 4U}) {
    const graph::Network network = any_network(types);
    for (int round = 0; round < 100; ++round) {
      graph::Graph graph(network);
      add_random_nodes(rng, {.nodes = 12, .most_operands = 2, .window = 6}, graph);
      const graph::Segment segment = graph.seal();
      const Dependencies dependencies = dependencies_of(graph, segment);
      const Schedule schedule = planned("optimal", dependencies);
      ASSERT_NO_THROW(schedule.verify(graph, segment));
      ASSERT_EQ(schedule.batches.size(), Shortest(dependencies).from(0)) << graph.to_string();
      ASSERT_EQ(schedule.proven_bound, schedule.batches.size());
    }
  }
}

TEST(OptimalPolicy, IsNeverLongerThanAnyOtherAndNeverBelowTheBounds) {
  base::Rng rng(61);
  const graph::Network network = any_network(3);
  for (int round = 0; round < 25; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 40, .most_operands = 2, .window = 10}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const Schedule optimal = planned("optimal", dependencies);
    ASSERT_EQ(optimal.proven_bound, optimal.batches.size());
    ASSERT_GE(optimal.batches.size(), tightened_lower_bound(dependencies));
    for (const char* policy : {"single", "depth", "agenda", "sufficient", "critical", "beam"}) {
      ASSERT_LE(optimal.batches.size(), planned(policy, dependencies).batches.size()) << policy;
    }
  }
}

TEST(OptimalPolicy, ItsCertificateIsHonestUnderTinyLimits) {
  base::Rng rng(62);
  const graph::Network network = any_network(3);
  std::uint32_t unproven = 0;
  for (int round = 0; round < 150; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 14, .most_operands = 2, .window = 8}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const std::uint32_t shortest = Shortest(dependencies).from(0);
    for (const std::uint64_t states : {0U, 1U, 5U}) {
      const Schedule schedule =
          planned("optimal", dependencies, {.beam_width = 1, .state_limit = states});
      ASSERT_LE(schedule.proven_bound, shortest);
      ASSERT_GE(schedule.batches.size(), shortest);
      unproven += schedule.proven_bound < schedule.batches.size() ? 1 : 0;
    }
  }
  EXPECT_GT(unproven, 0U);
}

TEST(OptimalPolicy, MoreStatesNeverProveLess) {
  const graph::Network network = any_network(3);
  graph::Graph graph = hard_graph(network);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  std::uint32_t bound = 0;
  std::size_t batches = dependencies.size();
  for (const std::uint64_t states : {0U, 100U, 1'000U, 10'000U, 100'000U}) {
    const Schedule schedule =
        planned("optimal", dependencies, {.beam_width = 1, .state_limit = states});
    EXPECT_GE(schedule.proven_bound, bound);
    EXPECT_LE(schedule.batches.size(), batches);
    bound = schedule.proven_bound;
    batches = schedule.batches.size();
  }
  EXPECT_GT(bound, tightened_lower_bound(dependencies));
}

// ED-Batch, figure 10: types swapped from one phase to the next, so that a state of the machine,
// here {a, b}, asks for opposite choices.
TEST(OptimalPolicy, HandlesPhasesThatNeedOppositeChoicesInOneState) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  add_chains({"abbbbaaa", "bbbaaa"}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  for (const auto choice : {graph::TypeId{0}, graph::TypeId{1}}) {
    FsmTable table{.encoding = StateEncoding::base, .type_names = network.type_names()};
    table.states = {{StateKey{0}, {.action = 0, .value = 0}},
                    {StateKey{1}, {.action = 1, .value = 0}},
                    {StateKey{0, 1}, {.action = choice, .value = 0}}};
    const auto fsm = make_policy("fsm", {.fsm = std::make_shared<FsmTable>(table)});
    EXPECT_EQ(plan_with(*fsm, dependencies).batches.size(), 11U);
  }
  const Schedule optimal = planned("optimal", dependencies);
  EXPECT_EQ(optimal.batches.size(), 8U);
  EXPECT_EQ(optimal.proven_bound, 8U);
}

TEST(SearchPolicies, PlanOneTypeByItsDepth) {
  base::Rng rng(64);
  const graph::Network network = any_network(1);
  graph::Graph graph(network);
  add_random_nodes(rng, {.nodes = 50}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  for (const char* policy : {"beam", "optimal"}) {
    const Schedule schedule = planned(policy, dependencies);
    EXPECT_EQ(schedule.batches.size(), lower_bound(dependencies));
    EXPECT_EQ(schedule.proven_bound, schedule.batches.size());
  }
}

TEST(SearchPolicies, StopAtATimeLimitWithASoundSchedule) {
  const graph::Network network = any_network(3);
  graph::Graph graph = hard_graph(network);
  const graph::Segment segment = graph.seal();
  const Dependencies dependencies = dependencies_of(graph, segment);
  const SearchLimits limits = {.time_limit_ns = 5'000'000,
                               .clock = std::make_shared<TickingClock>()};
  for (const char* policy : {"beam", "optimal"}) {
    const Schedule schedule = planned(policy, dependencies, limits);
    EXPECT_NO_THROW(schedule.verify(graph, segment));
    EXPECT_LT(schedule.proven_bound, schedule.batches.size());
    EXPECT_LE(schedule.batches.size(), planned("sufficient", dependencies).batches.size());
  }
}

TEST(SearchPolicies, PlanAGraphOfTooManyClassesWithoutSearch) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  base::Rng rng(65);
  std::string one;
  std::string other;
  for (std::size_t i = 0; i < PathClasses::kMostClasses; ++i) {
    one += static_cast<char>('a' + rng.below(2));
    other += static_cast<char>('a' + rng.below(2));
  }
  add_chains({one, other}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  EXPECT_EQ(tightened_lower_bound(dependencies), lower_bound(dependencies));
  for (const char* policy : {"beam", "optimal"}) {
    const Schedule schedule = planned(policy, dependencies);
    EXPECT_EQ(schedule.batches.size(), std::min(planned("sufficient", dependencies).batches.size(),
                                                planned("critical", dependencies).batches.size()));
    EXPECT_EQ(schedule.proven_bound, lower_bound(dependencies));
  }
}

TEST(BeamPolicy, IsNeverLongerThanWhatNeedsNoSearchWhateverItsWidth) {
  base::Rng rng(66);
  const graph::Network network = any_network(4);
  std::size_t shorter = 0;
  for (int round = 0; round < 30; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 80, .window = 15}, graph);
    const graph::Segment segment = graph.seal();
    const Dependencies dependencies = dependencies_of(graph, segment);
    const std::size_t known = std::min(planned("sufficient", dependencies).batches.size(),
                                       planned("critical", dependencies).batches.size());
    for (const std::uint32_t width : {1U, 4U, 64U}) {
      const Schedule schedule = planned("beam", dependencies, {.beam_width = width});
      ASSERT_NO_THROW(schedule.verify(graph, segment));
      ASSERT_LE(schedule.batches.size(), known);
      ASSERT_LE(schedule.proven_bound, schedule.batches.size());
      shorter += schedule.batches.size() < known ? 1 : 0;
    }
  }
  EXPECT_GT(shorter, 0U);
}

}  // namespace
}  // namespace sheaf::batching
