// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/state_bound.h"

#include <gtest/gtest.h>

#include "sheaf/batching/frontier.h"
#include "sheaf/batching/search/forced_type.h"
#include "tests/batching/shortest.h"
#include "tests/batching/strings.h"

namespace sheaf::batching {
namespace {

std::uint32_t bound_of_chains(std::initializer_list<std::string_view> strings) {
  const graph::Network network = any_network(6);
  graph::Graph graph(network);
  add_chains(strings, graph);
  return tightened_lower_bound(dependencies_of(graph, graph.seal()));
}

// What is left after each step of random schedules of small random graphs.
template <typename Visit>
void for_random_states(std::uint64_t seed, std::uint32_t types, const Visit& visit) {
  base::Rng rng(seed);
  const graph::Network network = any_network(types);
  for (int round = 0; round < 100; ++round) {
    graph::Graph graph(network);
    add_random_nodes(rng, {.nodes = 12, .most_operands = 2, .window = 5}, graph);
    const Dependencies dependencies = dependencies_of(graph, graph.seal());
    const PathClasses classes(dependencies);
    Shortest shortest(dependencies);
    std::vector<SetWord> state(classes.start().begin(), classes.start().end());
    std::vector<SetWord> next(state.size());
    Frontier frontier(dependencies);
    std::uint32_t run = 0;
    while (!frontier.empty()) {
      visit(dependencies, classes, state, shortest, run);
      if (testing::Test::HasFatalFailure()) return;
      const graph::TypeId type = random_ready_type(rng, frontier);
      run |= shortest.ready(run, type);
      frontier.run(type);
      classes.advance(state, type, next);
      state.swap(next);
    }
  }
}

TEST(StateBound, IsNeverAboveTheShortestRestOfASchedule) {
  for (const std::uint32_t types : {2U, 3U, 4U}) {
    for_random_states(50 + types, types,
                      [](const Dependencies&, const PathClasses& classes, ClassSet state,
                         Shortest& shortest, std::uint32_t run) {
                        StateBound bound(classes);
                        ASSERT_LE(bound(state).bound, shortest.from(run));
                        ASSERT_GT(bound(state).bound, 0U);
                      });
  }
}

TEST(TightenedLowerBound, IsNeverBelowTheSumOfDepthsAndSometimesAboveIt) {
  base::Rng rng(55);
  std::uint32_t above = 0;
  for (const std::uint32_t types : {2U, 3U, 5U}) {
    const graph::Network network = any_network(types);
    for (int round = 0; round < 60; ++round) {
      graph::Graph graph(network);
      add_random_nodes(rng, {.nodes = 50, .most_operands = 2, .window = 9}, graph);
      const Dependencies dependencies = dependencies_of(graph, graph.seal());
      ASSERT_GE(tightened_lower_bound(dependencies), lower_bound(dependencies));
      above += tightened_lower_bound(dependencies) > lower_bound(dependencies) ? 1 : 0;
    }
  }
  EXPECT_GT(above, 20U);
}

TEST(TightenedLowerBound, OfTwoStringsOfTwoTypesIsTheirShortestCommonSupersequence) {
  EXPECT_EQ(bound_of_chains({"ab", "ba"}), 3U);
  EXPECT_EQ(bound_of_chains({"abab", "baba"}), 5U);
  EXPECT_EQ(bound_of_chains({"aaabbb", "bbbaaa"}), 9U);
  EXPECT_EQ(bound_of_chains({"abbab", "bb", "ab"}), 5U);
}

TEST(TightenedLowerBound, AddsUpDisjointPairsOfTypes) {
  EXPECT_EQ(bound_of_chains({"ab", "ba", "cd", "dc"}), 6U);
  EXPECT_EQ(bound_of_chains({"abe", "bae", "fcd", "fdc"}), 8U);
}

TEST(TightenedLowerBound, LooksAtAPairOfTypesThroughOthers) {
  EXPECT_EQ(bound_of_chains({"acb", "bca"}), 4U);  // 3 for a and b, 1 for c
}

TEST(StateBound, PairsTheTypesThatMix) {
  const graph::Network network = any_network(4);
  graph::Graph graph(network);
  add_chains({"dabac", "dbaac"}, graph);
  const PathClasses classes(dependencies_of(graph, graph.seal()));
  EXPECT_EQ(StateBound(classes).pairs(),
            (std::vector<std::pair<graph::TypeId, graph::TypeId>>{{0, 1}}));
}

TEST(TightenedLowerBound, OfNothingIsZero) { EXPECT_EQ(bound_of_chains({}), 0U); }

TEST(ForcedType, BeginsAShortestSchedule) {
  std::uint32_t forced = 0;
  for_random_states(56, 3,
                    [&](const Dependencies&, const PathClasses& classes, ClassSet state,
                        Shortest& shortest, std::uint32_t run) {
                      const auto type = ForcedType(classes)(state);
                      if (!type) return;
                      ++forced;
                      ASSERT_EQ(1 + shortest.from(run | shortest.ready(run, *type)),
                                shortest.from(run));
                    });
  EXPECT_GT(forced, 300U);
}

}  // namespace
}  // namespace sheaf::batching
