// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/shared_gradients.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "sheaf/base/error.h"
#include "sheaf/nn/cells.h"
#include "tests/engine/instances.h"
#include "tests/message_of.h"
#include "tests/train/thread_ranks.h"

namespace sheaf {
namespace {

using test::ThreadRank;
using train::StepLoss;

enum class Kind : std::uint8_t { trees, weighted_trees, crf };

class SharedGradients : public testing::TestWithParam<Kind> {
 protected:
  static constexpr std::uint32_t kInstances = 10;

  SharedGradients()
      : instances_(
            test::random_instances(is_crf() ? "bilstm_tagger" : "tree_lstm", kInstances, 6)) {
    minibatch_.resize(kInstances);
    std::iota(minibatch_.begin(), minibatch_.end(), 0U);
    for (nn::Instance& instance : instances_) {
      auto* sentence = std::get_if<nn::Sentence>(&instance);
      if (sentence == nullptr) continue;
      for (const std::uint32_t id : sentence->ids) sentence->labels.push_back(id % 3);
    }
  }
  [[nodiscard]] static bool is_crf() { return GetParam() == Kind::crf; }

  [[nodiscard]] static std::unique_ptr<nn::Model> make() {
    if (!is_crf()) return test::seeded_model("tree_lstm", 16);
    auto model = nn::make_model(
        "bilstm_tagger", {.hidden = 8, .vocabulary = test::kVocabulary, .classes = 3, .crf = true});
    nn::initialise(model->network().parameters(), 2, nn::Vocabulary{});
    return model;
  }
  [[nodiscard]] static train::LossOptions loss_options() {
    train::LossOptions options;
    if (is_crf()) options.loss = train::Loss::crf;
    if (GetParam() == Kind::weighted_trees) options.class_weights = {0.3F, 1, 0.7F, 2.1F, 0};
    return options;
  }

  // One rank's run; alone where there is one.
  StepLoss run(ThreadRank& communicator, graph::Gradients& gradients) {
    const auto model = make();
    train::LossOptions options = loss_options();
    options.shards = train::shards_of(4, communicator.rank(), communicator.size());
    train::ModelGradients own(*model, instances_, options, {});
    return train::SharedGradients(own, communicator).run(minibatch_, 0, gradients);
  }

  std::vector<nn::Instance> instances_;
  std::vector<std::uint32_t> minibatch_;
};

void expect_same(const graph::Gradients& a, const graph::Gradients& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].rows, b[i].rows);
    const auto same = [](std::span<const float> x, std::span<const float> y) {
      return x.size() == y.size() &&
             (x.empty() || std::memcmp(x.data(), y.data(), x.size_bytes()) == 0);
    };
    EXPECT_TRUE(same(a[i].dense.values(), b[i].dense.values())) << i;
    EXPECT_TRUE(same(a[i].row_values.values(), b[i].row_values.values())) << i;
  }
}

TEST_P(SharedGradients, RanksHaveTheBitsOfOneProcess) {
  const auto model = make();
  train::ModelGradients source(*model, instances_, loss_options(), {});
  graph::Gradients whole;
  const StepLoss all = source.run(minibatch_, 0, whole);
  for (const std::uint32_t ranks : {1U, 2U, 4U}) {
    SCOPED_TRACE(ranks);
    std::vector<graph::Gradients> gradients(ranks);
    std::vector<StepLoss> losses(ranks);
    test::run_ranks(
        ranks, [&](ThreadRank& rank) { losses[rank.rank()] = run(rank, gradients[rank.rank()]); });
    for (std::uint32_t r = 0; r < ranks; ++r) {
      EXPECT_EQ(losses[r].loss, all.loss);
      EXPECT_EQ(losses[r].terms, all.terms);
      EXPECT_EQ(losses[r].weight, all.weight);
      expect_same(gradients[r], whole);
    }
  }
}

// Of fewer instances than ranks, some have none.
TEST_P(SharedGradients, RanksWithoutInstancesHaveTheSameBits) {
  for (const std::uint32_t count : {1U, 2U, 3U, 5U}) {
    SCOPED_TRACE(count);
    minibatch_.resize(count);
    const auto model = make();
    train::ModelGradients source(*model, instances_, loss_options(), {});
    graph::Gradients whole;
    const StepLoss all = source.run(minibatch_, 0, whole);
    std::vector<graph::Gradients> gradients(4);
    std::vector<StepLoss> losses(4);
    test::run_ranks(
        4, [&](ThreadRank& rank) { losses[rank.rank()] = run(rank, gradients[rank.rank()]); });
    for (std::uint32_t r = 0; r < 4; ++r) {
      EXPECT_EQ(losses[r].loss, all.loss);
      EXPECT_EQ(losses[r].terms, all.terms);
      expect_same(gradients[r], whole);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, SharedGradients,
                         testing::Values(Kind::trees, Kind::weighted_trees, Kind::crf));

// Every instance classifies the same row of a table.
class SharingModel final : public nn::Model {
 public:
  SharingModel() {
    graph::CellBuilder cell("shared");
    cell.output(tanh(cell.lookup("e", 4)));
    network_.parameters().declare("words", {2, 4});
    shared_ =
        network_.add_type("shared", std::make_shared<graph::Cell>(cell.build()), {{"e", "words"}});
    head_ = network_.add_type("head", nn::classifier("head", 4, 3));
    nn::initialise(network_.parameters(), 1, nn::Vocabulary{});
  }
  [[nodiscard]] std::string_view name() const override { return "sharing"; }
  void append(const nn::Instance& /*instance*/, std::uint32_t index,
              graph::Graph& graph) const override {
    if (graph.size() == 0) {
      graph.begin_instance(graph::kShared);
      graph.add(shared_, {}, 1);
    }
    graph.begin_instance(index);
    graph.mark_output({graph.add(head_, {{0}})});
  }
  void targets(const nn::Instance& /*instance*/,
               std::vector<std::uint32_t>& labels) const override {
    labels.push_back(2);
  }

 private:
  graph::TypeId shared_ = 0;
  graph::TypeId head_ = 0;
};

TEST(SharedValues, AreForOneProcess) {
  constexpr std::uint32_t kInstances = 10;
  const auto instances = test::random_instances("tree_lstm", kInstances, 6);
  std::vector<std::uint32_t> minibatch(kInstances);
  std::iota(minibatch.begin(), minibatch.end(), 0U);
  SharingModel alone;
  graph::Gradients gradients;
  train::ModelGradients whole(alone, instances, {}, {});
  EXPECT_EQ(whole.run(minibatch, 0, gradients).terms, kInstances);
  SharingModel model;
  train::LossOptions options;
  options.shards = train::shards_of(4, 1, 2);
  train::ModelGradients half(model, instances, options, {});
  EXPECT_EQ(
      test::message_of<base::UnsupportedError>([&] { half.run_shards(minibatch, 0, gradients); }),
      "[gradients] value that all instances of a minibatch share (shared): got 2 of 4 "
      "shards, expected all of them; train such a model with one process");
}

TEST(Shards, AreAsManyForEveryRank) {
  const auto shards = train::shards_of(4, 1, 2);
  EXPECT_EQ(shards.first, 2U);
  EXPECT_EQ(shards.end, 4U);
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)train::shards_of(4, 0, 3); }),
            "[mpirun] number of ranks: got 3, expected a power of two up to 4, the shards of a "
            "minibatch");
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)train::shards_of(4, 0, 8); }),
            "[mpirun] number of ranks: got 8, expected a power of two up to 4, the shards of a "
            "minibatch");
}

}  // namespace
}  // namespace sheaf
