// SPDX-License-Identifier: Apache-2.0
//
// What a measurement counts; how long anything took is not tested.
#include "sheaf/study/measure.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf::study {
namespace {

class Measure : public testing::Test {
 protected:
  static constexpr std::uint32_t kInstances = 10;

  Measure() {
    workload_.model = test::seeded_model("tree_lstm");
    workload_.instances = test::random_instances("tree_lstm", kInstances, 6);
    batching::QLearningOptions learning;
    learning.trials = 50;
    fsm_ = std::make_shared<const batching::FsmTable>(
        engine::learn_policy(*workload_.model, workload_.instances, 4, learning).table);
    options_.batch = 4;
    options_.repeat = 2;
    measured_ = measure(workload_, contestants(), options_);
  }
  [[nodiscard]] std::vector<Contestant> contestants() const {
    return {{"single"}, {"fsm", {.fsm = fsm_}, 12.5}, {"sufficient"}};
  }
  [[nodiscard]] std::uint64_t nodes() const {
    std::uint64_t nodes = 0;
    for (const auto& tree : workload_.instances) nodes += 2 * std::get<nn::Tree>(tree).nodes.size();
    return nodes;
  }

  engine::Workload workload_;
  std::shared_ptr<const batching::FsmTable> fsm_;
  MeasureOptions options_;
  std::vector<Measured> measured_;
};

TEST_F(Measure, GivesOneResultPerContestantInTheirOrder) {
  ASSERT_EQ(measured_.size(), 3U);
  EXPECT_EQ(measured_[0].policy, "single");
  EXPECT_EQ(measured_[1].policy, "fsm");
  EXPECT_EQ(measured_[2].policy, "sufficient");
}

TEST_F(Measure, CountsEveryInstanceAndNodeOnce) {
  for (const Measured& m : measured_) {
    EXPECT_EQ(m.instances, kInstances);
    EXPECT_EQ(m.nodes, nodes());
  }
}

TEST_F(Measure, SingleRunsABatchPerNode) { EXPECT_EQ(measured_[0].batches, nodes()); }

TEST_F(Measure, NoPolicyBeatsTheLowerBound) {
  for (const Measured& m : measured_) {
    EXPECT_GT(m.lower_bound, 0U);
    EXPECT_EQ(m.lower_bound, measured_[0].lower_bound);
    EXPECT_GE(m.batches, m.lower_bound);
  }
  EXPECT_LT(measured_[2].batches, measured_[0].batches);
}

TEST_F(Measure, CountsWhatSessionsReport) {
  const auto session = engine::compile(
      workload_.model->network(),
      {.policy = "sufficient", .keep = memory_plan::Keep::outputs, .dump_after = {}, .dump = {}});
  const engine::Order order = engine::make_order(kInstances, options_.batch, {});
  graph::Graph graph(workload_.model->network());
  engine::StepReport sum;
  for (std::size_t m = 0; m < order.minibatches(); ++m) {
    engine::build_graph(*workload_.model, workload_.instances, order.minibatch(m), graph);
    session->begin();
    const engine::StepReport report = session->step(graph);
    sum.batches += report.batches;
    sum.copied_bytes += report.copied_bytes;
    sum.arena_bytes = std::max(sum.arena_bytes, report.arena_bytes);
    sum.live_bytes = std::max(sum.live_bytes, report.live_bytes);
  }
  EXPECT_EQ(measured_[2].batches, sum.batches);
  EXPECT_EQ(measured_[2].copied_bytes, sum.copied_bytes);
  EXPECT_EQ(measured_[2].arena_bytes, sum.arena_bytes);
  EXPECT_EQ(measured_[2].live_bytes, sum.live_bytes);
}

TEST_F(Measure, FlopsAreThoseOfAllGraphsPerInstance) {
  graph::Graph graph(workload_.model->network());
  engine::build_graph(*workload_.model, workload_.instances,
                      engine::make_order(kInstances, kInstances, {}).indices, graph);
  const auto flops = static_cast<double>(graph.flops(graph.seal()));
  for (const Measured& m : measured_) EXPECT_DOUBLE_EQ(m.flops, flops / kInstances);
}

TEST_F(Measure, FiguresAreConsistent) {
  for (const Measured& m : measured_) {
    EXPECT_GT(m.instances_per_s, 0);
    EXPECT_LE(m.instances_per_s_p10, m.instances_per_s);
    EXPECT_GE(m.instances_per_s_p90, m.instances_per_s);
    EXPECT_GT(m.construct_ns_per_node, 0);
    EXPECT_GT(m.schedule_ns_per_node, 0);
    EXPECT_GT(m.plan_ns_per_node, 0);
    EXPECT_GT(m.execute_ms, 0);
    EXPECT_GT(m.fma_peak_gflops, 0);
    EXPECT_GT(m.percent_of_fma_peak, 0);
    EXPECT_DOUBLE_EQ(m.percent_of_fma_peak,
                     100 * m.flops * m.instances_per_s / (m.fma_peak_gflops * 1e9));
  }
}

TEST_F(Measure, OnlyALearnedPolicyHasStatesAndLearningTime) {
  EXPECT_EQ(measured_[1].policy_states, fsm_->states.size());
  EXPECT_EQ(measured_[1].learn_ms, 12.5);
  EXPECT_EQ(measured_[2].policy_states, 0U);
  EXPECT_EQ(measured_[2].learn_ms, 0);
  EXPECT_EQ(measured_[2].fallback_steps, 0U);
}

TEST_F(Measure, NamesTheKernelsThatRan) {
  options_.isa = "reference";
  const std::vector<Contestant> one = {{"depth", {}, 0}};
  EXPECT_EQ(measure(workload_, one, options_).at(0).isa, "reference");
}

TEST_F(Measure, AnUnplannedLayoutCopiesMore) {
  options_.layout = memory_plan::LayoutMode::unplanned;
  const auto unplanned = measure(workload_, contestants(), options_);
  EXPECT_GT(unplanned[2].copied_bytes, measured_[2].copied_bytes);
  EXPECT_EQ(unplanned[2].batches, measured_[2].batches);
}

TEST_F(Measure, AShuffleChangesNoCountOfNodes) {
  options_.shuffle = 3;
  const auto shuffled = measure(workload_, contestants(), options_);
  EXPECT_EQ(shuffled[0].nodes, nodes());
  EXPECT_DOUBLE_EQ(shuffled[0].flops, measured_[0].flops);
}

TEST_F(Measure, RefusesAWorkloadWithoutInstances) {
  workload_.instances.clear();
  EXPECT_EQ(test::message_of<base::DataError>(
                [&] { static_cast<void>(measure(workload_, contestants(), options_)); }),
            "[--data] no instances: got an empty file");
}

}  // namespace
}  // namespace sheaf::study
