// SPDX-License-Identifier: Apache-2.0
#include "sheaf/batching/search/path_classes.h"

#include <gtest/gtest.h>

#include "sheaf/batching/frontier.h"
#include "tests/batching/strings.h"

namespace sheaf::batching {
namespace {

// Calls check(dependencies) for random graphs of one to three parts.
template <typename Check>
void for_random_graphs(std::uint64_t seed, const Check& check) {
  base::Rng rng(seed);
  const graph::Network network = any_network(3);
  for (int round = 0; round < 150; ++round) {
    graph::Graph graph(network);
    const std::uint32_t parts = 1 + rng.below(3);
    for (std::uint32_t p = 0; p < parts; ++p) {
      const std::uint32_t before = graph.size();
      add_random_nodes(rng, {.nodes = 14 / parts, .most_operands = 2, .window = 6}, graph);
      ASSERT_GT(graph.size(), before);
    }
    check(dependencies_of(graph, graph.seal()));
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(PathClasses, StartStandsForEveryPathAndForNoOther) {
  for_random_graphs(40, [](const Dependencies& dependencies) {
    const PathClasses classes(dependencies);
    const auto of_class = strings_of(classes);
    std::vector<std::string> started;
    for (const ClassId c : members_of(classes.start())) {
      started.insert(started.end(), of_class[c].begin(), of_class[c].end());
    }
    std::vector<std::string> paths;
    const auto of_node = strings_of(dependencies);
    for (LocalId v = 0; v < dependencies.size(); ++v) {
      if (dependencies.producers(v).empty()) {
        paths.insert(paths.end(), of_node[v].begin(), of_node[v].end());
      }
    }
    for (const std::string& path : paths) ASSERT_TRUE(is_in_one_of(path, started)) << path;
    for (const std::string& string : started) ASSERT_TRUE(is_in_one_of(string, paths)) << string;
  });
}

TEST(PathClasses, WhatIsCoveredIsASubsequence) {
  std::uint32_t covers = 0;
  for_random_graphs(41, [&](const Dependencies& dependencies) {
    const PathClasses classes(dependencies);
    const auto strings = strings_of(classes);
    for (ClassId v = 0; v < classes.size(); ++v) {
      ASSERT_TRUE(contains(classes.covered_by(v), v));
      std::vector<std::string> below;
      for (const ClassId s : classes.successors(v)) {
        below.insert(below.end(), strings[s].begin(), strings[s].end());
      }
      for (const ClassId u : members_of(classes.covered_by(v))) {
        covers += u == v ? 0 : 1;
        ASSERT_TRUE(u == v || !contains(classes.covered_by(u), v)) << "not merged";
        for (const std::string& s : strings[u]) ASSERT_TRUE(is_in_one_of(s, strings[v])) << s;
      }
      for (const ClassId u : members_of(classes.covered_below(v))) {
        for (const std::string& s : strings[u]) ASSERT_TRUE(is_in_one_of(s, below)) << s;
      }
    }
  });
  EXPECT_GT(covers, 1000U);
}

// Chains have one string per node, for which the simulation is exact.
TEST(PathClasses, OfChainsCoverAllSubsequences) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  add_chains({"abaab", "bbab", "aab", "abab"}, graph);
  const PathClasses classes(dependencies_of(graph, graph.seal()));
  const auto strings = strings_of(classes);
  for (ClassId u = 0; u < classes.size(); ++u) {
    for (ClassId v = 0; v < classes.size(); ++v) {
      EXPECT_EQ(contains(classes.covered_by(v), u),
                is_subsequence(strings[u].front(), strings[v].front()))
          << strings[u].front() << " in " << strings[v].front();
    }
  }
  std::vector<std::string> start;
  for (const ClassId c : members_of(classes.start())) start.push_back(strings[c].front());
  std::sort(start.begin(), start.end());
  EXPECT_EQ(start, (std::vector<std::string>{"abaab", "bbab"}));
}

TEST(PathClasses, AdvanceEmptiesTheStateWhenTheFrontierIsEmpty) {
  base::Rng rng(42);
  for_random_graphs(43, [&](const Dependencies& dependencies) {
    const PathClasses classes(dependencies);
    std::vector<SetWord> state(classes.start().begin(), classes.start().end());
    std::vector<SetWord> next(state.size());
    Frontier frontier(dependencies);
    while (!frontier.empty()) {
      ASSERT_FALSE(no_members(state));
      for (const ClassId c : members_of(state)) ASSERT_GT(frontier.count(classes.type(c)), 0U);
      const graph::TypeId type = random_ready_type(rng, frontier);
      frontier.run(type);
      classes.advance(state, type, next);
      state.swap(next);
    }
    ASSERT_TRUE(no_members(state));
  });
}

TEST(PathClasses, AnInstanceThatAnotherCoversHasNone) {
  const graph::Network network = any_network(2);
  graph::Graph one(network);
  add_chains({"abab"}, one);
  graph::Graph many(network);
  add_chains({"ab", "bab", "abab", "aab", "a"}, many);
  EXPECT_EQ(PathClasses(dependencies_of(one, one.seal())).size(), 4U);
  EXPECT_EQ(PathClasses(dependencies_of(many, many.seal())).size(), 4U);
}

TEST(PathClasses, MoreThanAllowedAreNotComplete) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  add_chains({"abbab"}, graph);
  const Dependencies dependencies = dependencies_of(graph, graph.seal());
  EXPECT_TRUE(PathClasses(dependencies, 5).complete());
  const PathClasses few(dependencies, 4);
  EXPECT_FALSE(few.complete());
  EXPECT_EQ(few.size(), 0U);
}

TEST(PathClasses, OfNoNodesAreNone) {
  const graph::Network network = any_network(2);
  graph::Graph graph(network);
  const PathClasses classes(dependencies_of(graph, graph.seal()));
  EXPECT_TRUE(classes.complete());
  EXPECT_EQ(classes.size(), 0U);
  EXPECT_TRUE(no_members(classes.start()));
}

}  // namespace
}  // namespace sheaf::batching
