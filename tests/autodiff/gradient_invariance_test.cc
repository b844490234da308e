// SPDX-License-Identifier: Apache-2.0
//
// Promise 1 of training: the bits of gradients depend on instances and weights only.
#include <gtest/gtest.h>

#include <cstring>

#include "sheaf/base/thread_pool.h"
#include "tests/autodiff/training_graph.h"
#include "tests/engine/instances.h"

namespace sheaf {
namespace {

void expect_same(const graph::Gradients& a, const graph::Gradients& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  const auto same = [](std::span<const float> x, std::span<const float> y) {
    return x.size() == y.size() &&
           (x.empty() || std::memcmp(x.data(), y.data(), x.size_bytes()) == 0);
  };
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(same(a[i].dense.values(), b[i].dense.values())) << what << ", parameter " << i;
    EXPECT_EQ(a[i].rows, b[i].rows) << what;
    EXPECT_TRUE(same(a[i].row_values.values(), b[i].row_values.values())) << what;
  }
}

class GradientInvariance : public testing::TestWithParam<std::string> {
 protected:
  GradientInvariance()
      : model_(test::seeded_model(GetParam(), 20)),
        instances_(test::random_instances(GetParam(), 11, 7)),
        wanted_(model_.gradients(instances_, {})) {}

  test::TrainingModel model_;
  std::vector<nn::Instance> instances_;
  graph::Gradients wanted_;
};

TEST_P(GradientInvariance, PolicyChangesNoBit) {
  for (const char* policy : {"single", "depth", "agenda", "sufficient"}) {
    engine::Options options;
    options.policy = policy;
    expect_same(model_.gradients(instances_, options), wanted_, policy);
  }
}

TEST_P(GradientInvariance, PlanChangesNoBit) {
  engine::Options options;
  options.layout = memory_plan::LayoutMode::unplanned;
  expect_same(model_.gradients(instances_, options), wanted_, "unplanned");
  options = {};
  options.hoist = memory_plan::Hoist::on;
  expect_same(model_.gradients(instances_, options), wanted_, "hoisted");
}

TEST_P(GradientInvariance, ThreadsChangeNoBit) {
  base::ThreadPool pool(3);
  engine::Options options;
  options.pool = &pool;
  expect_same(model_.gradients(instances_, options), wanted_, "three threads");
}

INSTANTIATE_TEST_SUITE_P(Models, GradientInvariance,
                         testing::Values("tree_lstm", "lattice_lstm", "bilstm_tagger_char",
                                         "lstm_nmt"),
                         test::model_name);

// Shards are joined by a tree: two processes with two shards each come to the bits of one with
// four.
TEST(GradientShards, BranchesJoinToTheWhole) {
  test::TrainingModel model(test::seeded_model("tree_lstm", 20));
  const auto instances = test::random_instances("tree_lstm", 10, 6);
  const auto whole = model.gradients(instances, {});
  const auto session = engine::compile(model.network());
  graph::Gradients halves[2];
  engine::GradientSums sums(model.network(), model.differentiation(), *session);
  for (std::uint32_t half = 0; half < 2; ++half) {
    const engine::ShardRange shards{10, 4, 2 * half, 2 * half + 2};
    // Nodes of the other half are of no shard that is here: only this half's losses are appended.
    graph::Graph graph =
        model.graph(instances, shards.begin_of(shards.first), shards.begin_of(shards.end));
    session->begin();
    session->step(graph);
    sums.sum(graph, shards, 1, halves[half]);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto all = whole[i].dense.values();
    for (std::size_t j = 0; j < all.size(); ++j) {
      ASSERT_EQ(all[j], halves[0][i].dense.values()[j] + halves[1][i].dense.values()[j]);
    }
  }
}

}  // namespace
}  // namespace sheaf
