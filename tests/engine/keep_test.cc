// SPDX-License-Identifier: Apache-2.0
//
// Sessions that keep outputs only.
#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "sheaf/engine/minibatches.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

using memory_plan::Keep;
using memory_plan::LayoutMode;

class KeepTest : public testing::TestWithParam<std::string> {
 protected:
  KeepTest()
      : model_(test::seeded_model(GetParam())),
        instances_(test::random_instances(GetParam(), 66, 9)),
        graph_(model_->network()) {}

  [[nodiscard]] std::unique_ptr<Session> session(
      Keep keep, LayoutMode layout = LayoutMode::planned,
      const std::string& policy = std::string(batching::kDefaultPolicy)) const {
    return compile(model_->network(), {.policy = policy,
                                       .layout = layout,
                                       .keep = keep,
                                       .dump_after = {},
                                       .dump = {},
                                       .verify = true});
  }
  void build(std::uint32_t batch) {
    build_graph(*model_, instances_, make_order(batch, batch, {}).indices, graph_);
  }
  // A node whose first port is not marked.
  [[nodiscard]] graph::Operand unmarked() const {
    for (graph::NodeId node = 0;; ++node) {
      const auto is_marked = [&](std::span<const graph::Operand> marks) {
        return std::find(marks.begin(), marks.end(), graph::Operand{node}) != marks.end();
      };
      if (!is_marked(graph_.outputs()) && !is_marked(graph_.decoded())) return {node};
    }
  }

  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
  graph::Graph graph_;
};

INSTANTIATE_TEST_SUITE_P(Models, KeepTest,
                         testing::ValuesIn(nn::model_names().begin(), nn::model_names().end()),
                         test::model_name);

TEST_P(KeepTest, GivesTheSameBitsWhateverIsKept) {
  const auto run = [&](Session& session, std::uint32_t batch) {
    return run_all(*model_, instances_, make_order(instances_.size(), batch, {}), session);
  };
  const auto wanted = run(*session(Keep::everything), 64);
  for (const std::string policy : {"single", "depth", "agenda", "sufficient"}) {
    for (const LayoutMode layout : {LayoutMode::planned, LayoutMode::unplanned}) {
      for (const std::uint32_t batch : {1U, 8U, 64U}) {
        const auto got = run(*session(Keep::outputs, layout, policy), batch);
        ASSERT_EQ(digest_of(got), digest_of(wanted)) << policy << ", batch " << batch;
        for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i].labels, wanted[i].labels);
      }
    }
  }
}

TEST_P(KeepTest, TheArenaIsLessThanTwiceTheLargestLiveSet) {
  for (const std::uint32_t batch : {1U, 8U, 64U}) {
    build(batch);
    const StepReport outputs = session(Keep::outputs)->step(graph_);
    EXPECT_GE(outputs.arena_bytes, outputs.live_bytes);
    EXPECT_LT(outputs.arena_bytes, 2 * outputs.live_bytes) << "batch " << batch;
    build(batch);
    const StepReport everything = session(Keep::everything)->step(graph_);
    EXPECT_EQ(everything.arena_bytes, everything.live_bytes);
    EXPECT_LE(outputs.arena_bytes, everything.arena_bytes);
  }
}

TEST_P(KeepTest, RefusesToReadWhatIsNotKept) {
  build(3);
  const graph::Operand gone = unmarked();
  const auto kept = session(Keep::outputs);
  kept->step(graph_);
  EXPECT_EQ(test::message_of<base::UsageError>([&] { static_cast<void>(kept->read(gone)); }),
            "[session] read: got node " + std::to_string(gone.node) +
                ", port 0, expected a port that the graph marks, since outputs only are kept; "
                "mark it, or keep everything");
  EXPECT_FALSE(kept->read(graph_.outputs().front()).empty());
  const auto everything = session(Keep::everything);
  everything->step(graph_);
  EXPECT_FALSE(everything->read(gone).empty());
}

TEST_P(KeepTest, RefusesAGraphThatHasGrownAndStaysReadable) {
  build(3);
  const auto kept = session(Keep::outputs);
  kept->step(graph_);
  const auto row = kept->read(graph_.outputs().front());
  const std::vector<float> before(row.begin(), row.end());
  EXPECT_EQ(kept->step(graph_).nodes, 0U);
  model_->append(instances_[5], 3, graph_);
  EXPECT_EQ(test::message_of<base::UsageError>([&] { kept->step(graph_); }),
            "[session] a graph that has grown, in a session that keeps outputs only; keep "
            "everything");
  const auto after = kept->read(graph_.outputs().front());
  EXPECT_EQ(std::vector<float>(after.begin(), after.end()), before);
  kept->begin();
  EXPECT_GT(kept->step(graph_).nodes, 0U);
}

}  // namespace
}  // namespace sheaf::engine
