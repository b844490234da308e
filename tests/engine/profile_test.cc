// SPDX-License-Identifier: Apache-2.0
//
// What a profile says of sessions, against what the sessions report.
#include "sheaf/runtime/profile.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/engine/minibatch_stream.h"
#include "tests/engine/instances.h"

namespace sheaf::engine {
namespace {

using memory_plan::Keep;
using runtime::Profile;
using runtime::Stage;

class ProfileOf : public testing::TestWithParam<std::string> {
 protected:
  // Of one minibatch of all instances.
  void step(Session& session, graph::Graph& graph, Profile& profile, StepReport& report) const {
    build_graph(*model_, instances_, make_order(instances_.size(), 64, {}).indices, graph);
    session.begin();
    session.record(&profile);
    report = session.step(graph);
    session.record(nullptr);
  }

  const std::unique_ptr<nn::Model> model_ = test::seeded_model(GetParam());
  const std::vector<nn::Instance> instances_ = test::random_instances(GetParam(), 20, 9);
  const base::WallClock clock_{};
};

INSTANTIATE_TEST_SUITE_P(Models, ProfileOf,
                         testing::Values("tree_lstm", "lattice_lstm", "lattice_lstm_bi",
                                         "child_sum_tree_lstm", "dag_gru", "bilstm_tagger", "lac",
                                         "mv_rnn"),
                         test::model_name);

TEST_P(ProfileOf, SumsOverBatchesAreThoseOfTheStep) {
  for (const Keep keep : {Keep::everything, Keep::outputs}) {
    const auto session = compile(model_->network(), {.keep = keep, .dump_after = {}, .dump = {}});
    graph::Graph graph(model_->network());
    Profile profile(model_->network(), clock_);
    StepReport report;
    step(*session, graph, profile, report);
    ASSERT_EQ(profile.batches().size(), report.batches);
    std::uint64_t rows = 0;
    std::uint64_t gathered = 0;
    std::uint64_t live = 0;
    for (const runtime::BatchSlice& slice : profile.batches()) {
      rows += slice.rows;
      gathered += slice.gathered_bytes;
      live = std::max(live, slice.live_bytes);
      EXPECT_GE(slice.ready_nodes, slice.rows);
    }
    EXPECT_EQ(rows, report.nodes);
    EXPECT_EQ(gathered, report.copied_bytes);
    EXPECT_EQ(live, report.live_bytes);
    EXPECT_EQ(profile.batches().back().ready_nodes, profile.batches().back().rows);
  }
}

TEST_P(ProfileOf, ReadyNodesOfTheFirstBatchAreThoseWithoutOperands) {
  const auto session = compile(model_->network());
  graph::Graph graph(model_->network());
  Profile profile(model_->network(), clock_);
  StepReport report;
  step(*session, graph, profile, report);
  std::uint32_t free = 0;
  for (graph::NodeId node = 0; node < graph.size(); ++node) free += graph.operands(node).empty();
  EXPECT_EQ(profile.batches().front().ready_nodes, free);
}

TEST_P(ProfileOf, StagesOfAMinibatchFollowEachOtherWithinIt) {
  for (const bool ahead : {false, true}) {
    const auto session = compile(model_->network());
    Profile profile(model_->network(), clock_);
    run_minibatches(*model_, instances_, make_order(20, 8, {}), *session,
                    {.build_ahead = ahead, .profile = &profile},
                    [](std::uint32_t, const InstanceOutputs&) {});
    const auto stages = profile.stages();
    ASSERT_EQ(stages.size(), 3 * runtime::kStages);
    const auto batches = profile.batches();
    std::size_t batch = 0;
    for (std::uint32_t m = 0; m < 3; ++m) {
      const auto of = stages.subspan(m * runtime::kStages, runtime::kStages);
      const runtime::StageSlice& whole = of.back();  // it ends last
      EXPECT_EQ(whole.stage, Stage::minibatch);
      std::uint64_t at = whole.begin_ns;
      for (std::size_t s = 0; s + 1 < of.size(); ++s) {
        EXPECT_EQ(of[s].stage, static_cast<Stage>(s + 1));
        EXPECT_EQ(of[s].minibatch, m);
        EXPECT_EQ(of[s].ahead, ahead && m > 0 && of[s].stage == Stage::construct);
        EXPECT_LE(of[s].begin_ns, of[s].end_ns);
        if (of[s].ahead) continue;
        EXPECT_LE(at, of[s].begin_ns);
        at = of[s].end_ns;
      }
      EXPECT_LE(at, whole.end_ns);
      const runtime::StageSlice& execute = of[static_cast<std::size_t>(Stage::execute) - 1];
      for (; batch < batches.size() && batches[batch].begin_ns < execute.end_ns; ++batch) {
        EXPECT_GE(batches[batch].begin_ns, execute.begin_ns);
        EXPECT_LE(batches[batch].begin_ns, batches[batch].end_ns);
        EXPECT_LE(batches[batch].end_ns, execute.end_ns);
      }
    }
    EXPECT_EQ(batch, batches.size());
  }
}

TEST_P(ProfileOf, ASessionThatIsNoLongerRecordedLeavesTheProfileAlone) {
  const auto session = compile(model_->network());
  graph::Graph graph(model_->network());
  Profile profile(model_->network(), clock_);
  StepReport report;
  step(*session, graph, profile, report);
  const std::size_t before = profile.batches().size();
  session->begin();
  session->step(graph);
  EXPECT_EQ(profile.batches().size(), before);
}

}  // namespace
}  // namespace sheaf::engine
