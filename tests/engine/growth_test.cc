// SPDX-License-Identifier: Apache-2.0
//
// Graphs that grow: part of them has run when the rest is added.
#include <gtest/gtest.h>

#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"
#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf::engine {
namespace {

using graph::NodeId;

using Values = std::vector<std::vector<float>>;

// All ports of nodes [0, nodes).
Values values_of(const Session& session, const graph::Graph& graph, NodeId nodes) {
  Values values;
  for (NodeId node = 0; node < nodes; ++node) {
    const graph::Cell& cell = *graph.network().type(graph.type(node)).cell;
    for (std::uint32_t port = 0; port < cell.outputs().size(); ++port) {
      values.push_back(test::without_padding(session.read({node, port}), cell.output_width(port)));
    }
  }
  return values;
}

void append_nodes(const graph::Graph& from, NodeId begin, NodeId end, graph::Graph& to) {
  for (NodeId node = begin; node < end; ++node) {
    to.begin_instance(from.instance(node));
    to.add(from.type(node), from.operands(node), from.payload(node));
  }
}

class Growth : public testing::TestWithParam<std::string> {
 protected:
  Growth()
      : model_(test::seeded_model(GetParam())),
        instances_(test::random_instances(GetParam(), 12, 8)),
        whole_(model_->network()) {
    build_graph(*model_, instances_, make_order(12, 12, {}).indices, whole_);
    batching::QLearningOptions learning;
    learning.trials = 50;
    fsm_ = std::make_shared<const batching::FsmTable>(
        learn_policy(*model_, instances_, 12, learning).table);
    const auto session = compile(model_->network());
    session->step(whole_);
    wanted_ = values_of(*session, whole_, whole_.size());
  }

  [[nodiscard]] std::unique_ptr<Session> session(
      const std::string& policy = std::string(batching::kDefaultPolicy),
      memory_plan::LayoutMode layout = memory_plan::LayoutMode::planned) const {
    return compile(model_->network(),
                   {.policy = policy,
                    .parts = {.fsm = fsm_, .costs = test::some_costs(model_->network())},
                    .layout = layout,
                    .dump_after = {},
                    .dump = {},
                    .verify = true});
  }

  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
  std::shared_ptr<const batching::FsmTable> fsm_;
  graph::Graph whole_;  // run at once
  Values wanted_;
};

INSTANTIATE_TEST_SUITE_P(Models, Growth,
                         testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                         test::model_name);

TEST_P(Growth, TwoSegmentsGiveTheBitsOfOne) {
  for (const NodeId cut : {NodeId{1}, whole_.size() / 3, whole_.size() / 2, whole_.size() - 1}) {
    for (const std::string& policy : batching::policy_names()) {
      const auto grown = session(policy);
      graph::Graph graph(model_->network());
      append_nodes(whole_, 0, cut, graph);
      EXPECT_EQ(grown->step(graph).nodes, cut);
      append_nodes(whole_, cut, whole_.size(), graph);
      EXPECT_EQ(grown->step(graph).nodes, whole_.size() - cut);
      ASSERT_EQ(values_of(*grown, graph, graph.size()), wanted_) << policy << ", cut at " << cut;
    }
  }
}

TEST_P(Growth, ManySegmentsGiveTheBitsOfOne) {
  for (const auto layout : {memory_plan::LayoutMode::planned, memory_plan::LayoutMode::unplanned}) {
    const auto grown = session("sufficient", layout);
    graph::Graph graph(model_->network());
    for (NodeId begin = 0; begin < whole_.size(); begin += 5) {
      append_nodes(whole_, begin, std::min(begin + 5, whole_.size()), graph);
      grown->step(graph);
    }
    EXPECT_EQ(values_of(*grown, graph, graph.size()), wanted_);
  }
}

TEST_P(Growth, EarlierResultsStayAsLaterSegmentsRun) {
  const auto grown = session();
  graph::Graph graph(model_->network());
  const NodeId cut = whole_.size() / 4;
  append_nodes(whole_, 0, cut, graph);
  grown->step(graph);
  const Values first = values_of(*grown, graph, cut);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), wanted_.begin()));
  for (NodeId begin = cut; begin < whole_.size(); begin += 50) {
    append_nodes(whole_, begin, std::min(begin + 50, whole_.size()), graph);
    grown->step(graph);
    ASSERT_EQ(values_of(*grown, graph, cut), first);
  }
}

TEST_P(Growth, InstancesMayBeAddedOneByOne) {
  const auto grown = session();
  graph::Graph graph(model_->network());
  for (std::uint32_t i = 0; i < instances_.size(); ++i) {
    model_->append(instances_[i], i, graph);
    grown->step(graph);
  }
  EXPECT_EQ(values_of(*grown, graph, graph.size()), wanted_);
}

TEST_P(Growth, AStepWithoutNewNodesRunsNothing) {
  const auto grown = session();
  graph::Graph graph(model_->network());
  append_nodes(whole_, 0, whole_.size(), graph);
  const StepReport first = grown->step(graph);
  const StepReport second = grown->step(graph);
  EXPECT_EQ(second.nodes, 0U);
  EXPECT_EQ(second.batches, 0U);
  EXPECT_EQ(second.copied_bytes, 0U);
  EXPECT_EQ(second.arena_bytes, first.arena_bytes);
  EXPECT_EQ(values_of(*grown, graph, graph.size()), wanted_);
}

TEST_P(Growth, ReportsCountTheirOwnSegmentOnly) {
  const auto grown = session("sufficient", memory_plan::LayoutMode::unplanned);
  const auto whole = session("sufficient", memory_plan::LayoutMode::unplanned);
  graph::Graph at_once(model_->network());
  append_nodes(whole_, 0, whole_.size(), at_once);
  const StepReport all = whole->step(at_once);
  graph::Graph graph(model_->network());
  append_nodes(whole_, 0, whole_.size() / 2, graph);
  const StepReport first = grown->step(graph);
  append_nodes(whole_, whole_.size() / 2, whole_.size(), graph);
  const StepReport second = grown->step(graph);
  EXPECT_EQ(first.copied_bytes + second.copied_bytes, all.copied_bytes);
  EXPECT_EQ(second.arena_bytes, all.arena_bytes);
  EXPECT_LT(first.arena_bytes, all.arena_bytes);
}

}  // namespace
}  // namespace sheaf::engine
