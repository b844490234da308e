// SPDX-License-Identifier: Apache-2.0
//
// Mistakes of DyNet (github.com/clab/dynet; numbers are its issues) and of ED-Batch's released code
// that concern what a run leaves behind: graphs that go on, memory that grows, state that is
// shared.
#include <algorithm>
#include <thread>

#include "tests/engine/rivals.h"

namespace sheaf::test {
namespace {

using graph::Graph;
using graph::NodeId;
using graph::Operand;
using memory_plan::LayoutMode;

using SessionMistake = Rivals;

// 719, 1407: batching broke where a value was read in mid-graph and the graph then went on.
// (ED-Batch's sufficient-condition policy crashes on a graph that is not fresh.)
TEST_F(SessionMistake, DynetIssues719And1407ReadingInMidGraphAndGoingOn) {
  const auto step = squash("step");
  randomise();
  InstanceValues wanted;
  for (const std::string& policy : batching::policy_names()) {
    for (const LayoutMode layout : {LayoutMode::planned, LayoutMode::unplanned}) {
      const auto session = session_of(network_, policy, layout);
      Graph graph(network_);
      std::vector<Operand> state;
      for (std::uint32_t i = 0; i < kInstances; ++i) {
        graph.begin_instance(i);
        state.push_back(word(graph, i));
      }
      for (int round = 0; round < 4; ++round) {
        session->step(graph);
        for (std::uint32_t i = 0; i < kInstances; ++i) {
          graph.begin_instance(i);
          const bool twice = session->read(state[i])[0] > 0;  // the graph depends on the value
          state[i] = {graph.add(step, {state[i]})};
          if (twice) state[i] = {graph.add(step, {state[i]})};
        }
      }
      session->step(graph);
      ASSERT_NO_FATAL_FAILURE(expect_values_of_the_graph(*session, graph));
      if (wanted.empty()) wanted = values_of(*session, graph);
      ASSERT_EQ(values_of(*session, graph), wanted) << policy;
    }
  }
}

// 588, 553: memory could not grow in a batched run; its size had to be guessed.
TEST_F(SessionMistake, DynetIssue588ValuesStayAsMemoryGrows) {
  const auto step = squash("step", kWidth, 64);
  randomise();
  const auto session = session_of(network_, "critical");
  Graph graph(network_);
  graph.add(step, {word(graph, 1)});
  session->step(graph);
  const InstanceValues before = values_of(*session, graph);
  for (std::uint32_t k = 0; k < 20'000; ++k) graph.add(step, {word(graph, k)});
  session->step(graph);
  const InstanceValues after = values_of(*session, graph);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  expect_values_of_the_graph(*session, graph);
}

// Tables, types and timers were global: a second model ran with the policy and the types of the
// first, and a cell kept the sizes of its last batch, so that only one graph at a time could run.
TEST_F(SessionMistake, EdBatchModelsAndThreadsShareTheirState) {
  const auto step = squash("step");
  const auto build = [=, this](Graph& graph, std::uint32_t i) {
    Operand state = word(graph, i);
    for (std::uint32_t k = 0; k < 1 + i % 3; ++k) state = {graph.add(step, {state})};
  };
  graph::Network other;  // the same type ids, of another meaning
  graph::CellBuilder cell("loop");
  const auto h = cell.repeated_input("h", 3);
  cell.output(tanh(h + cell.parameter("start", 3)));
  other.add_type("loop", std::make_shared<graph::Cell>(cell.build()));
  tensor::Tensor start({1, 3});
  for (float& x : start.values()) x = 0.3F;
  other.parameters().assign(0, std::move(start));
  Graph loop(other);
  loop.add(0, {});
  for (NodeId k = 1; k < 5; ++k) loop.add(0, {Operand{k - 1}, Operand{k / 2}});
  randomise();
  const auto run = [&](std::uint32_t first) {
    const auto session = session_of(network_, "fsm");
    const auto alien = session_of(other, "fsm");
    for (std::uint32_t round = 0; round < 50; ++round) {
      Graph graph = graph_of(build, 1 + (first + round) % 6, first);
      session->begin();
      session->step(graph);
      Graph copy = loop;
      alien->begin();
      alien->step(copy);
      ASSERT_NO_FATAL_FAILURE(expect_values_of_the_graph(*session, graph));
      ASSERT_NO_FATAL_FAILURE(expect_values_of_the_graph(*alien, copy));
    }
  };
  std::thread second([&] { run(4); });
  run(0);
  second.join();
}

}  // namespace
}  // namespace sheaf::test
