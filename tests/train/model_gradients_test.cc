// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/model_gradients.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "sheaf/train/updater.h"
#include "tests/engine/instances.h"

namespace sheaf {
namespace {

std::vector<std::uint32_t> first(std::uint32_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

// Random sentences and dependency trees have no labels.
void add_labels(std::vector<nn::Instance>& instances) {
  const auto label = [](const std::vector<std::uint32_t>& words,
                        std::vector<std::uint32_t>& labels) {
    labels.clear();
    for (const std::uint32_t word : words) labels.push_back(word % test::kClasses);
  };
  for (nn::Instance& instance : instances) {
    if (auto* sentence = std::get_if<nn::Sentence>(&instance))
      label(sentence->ids, sentence->labels);
    if (auto* tree = std::get_if<nn::DependencyTree>(&instance)) label(tree->words, tree->labels);
  }
}

class TrainedModels : public testing::TestWithParam<std::string> {};

TEST_P(TrainedModels, LearnTheirTrainingData) {
  const auto model = test::seeded_model(GetParam(), 16);
  auto instances = test::random_instances(GetParam(), 12, 6);
  add_labels(instances);
  train::ModelGradients source(*model, instances, {}, {});
  train::UpdateOptions options;
  options.optimiser.name = "adam";
  options.rate.base = 0.02;
  train::Updater updater(options, model->network().parameters());
  graph::Gradients gradients;
  const auto minibatch = first(12);
  double before = 0;
  double after = 0;
  for (std::uint64_t step = 0; step < 60; ++step) {
    const train::StepLoss loss = source.run(minibatch, step, gradients);
    ASSERT_GT(loss.terms, 0U);
    after = loss.loss / static_cast<double>(loss.terms);
    if (step == 0) before = after;
    updater.apply(gradients, step);
  }
  EXPECT_LT(after, 0.7 * before);
}

INSTANTIATE_TEST_SUITE_P(Models, TrainedModels,
                         testing::Values("tree_lstm", "tree_gru", "child_sum_tree_lstm",
                                         "bilstm_tagger", "bilstm_tagger_char", "lstm_nmt"),
                         test::model_name);

// Gradients of a model that is trained with dropout, in update `step`.
graph::Gradients dropped_gradients(std::uint64_t step, train::StepLoss& loss) {
  const auto model = test::seeded_model("tree_lstm", 16);
  const auto instances = test::random_instances("tree_lstm", 8, 6);
  train::LossOptions options;
  options.dropout_lookups = 0.3F;
  options.dropout_heads = 0.5F;
  train::ModelGradients source(*model, instances, options, {});
  graph::Gradients gradients;
  loss = source.run(first(8), step, gradients);
  return gradients;
}

TEST(ModelGradients, DropoutIsAFunctionOfTheStep) {
  train::StepLoss once;
  train::StepLoss again;
  train::StepLoss other;
  const auto a = dropped_gradients(5, once);
  const auto b = dropped_gradients(5, again);
  dropped_gradients(6, other);
  EXPECT_EQ(once.loss, again.loss);
  EXPECT_NE(once.loss, other.loss);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = a[i].dense.values();
    const auto y = b[i].dense.values();
    EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin(), y.end()));
  }
}

TEST(ModelGradients, NameTheFirstValueThatIsNotFinite) {
  const auto model = test::seeded_model("tree_lstm", 16);
  const auto instances = test::random_instances("tree_lstm", 4, 6);
  train::ModelGradients source(*model, instances, {}, {});
  auto& parameters = model->network().parameters();
  parameters.change(parameters.find("node.b_u"))[3] = std::numeric_limits<float>::quiet_NaN();
  graph::Gradients gradients;
  const std::vector<std::uint32_t> minibatch = {2, 1, 3};
  EXPECT_TRUE(std::isnan(source.run(minibatch, 0, gradients).loss));
  EXPECT_NE(source.explain_non_finite().find("a value of a call of node (node"), std::string::npos)
      << source.explain_non_finite();
}

TEST(ModelGradients, WeightsOfClassesScaleTheirTerms) {
  const auto instances = test::random_instances("tree_lstm", 6, 6);
  const auto loss_with = [&](std::vector<float> weights) {
    const auto model = test::seeded_model("tree_lstm", 16);
    train::LossOptions options;
    options.class_weights = std::move(weights);
    train::ModelGradients source(*model, instances, options, {});
    graph::Gradients gradients;
    return source.run(first(6), 0, gradients).loss;
  };
  const double plain = loss_with({});
  EXPECT_DOUBLE_EQ(loss_with({1, 1, 1, 1, 1}), plain);
  EXPECT_NEAR(loss_with({2, 2, 2, 2, 2}), 2 * plain, 1e-5 * plain);
  EXPECT_EQ(loss_with({0, 0, 0, 0, 0}), 0);
}

TEST(ModelGradients, WeightsOfClassesAreNotTrained) {
  const auto model = test::seeded_model("tree_lstm", 16);
  const auto instances = test::random_instances("tree_lstm", 6, 6);
  train::LossOptions options;
  options.class_weights = {1, 2, 3, 4, 5};
  train::ModelGradients source(*model, instances, options, {});
  graph::Gradients gradients;
  source.run(first(6), 0, gradients);
  const auto& of = gradients[model->network().parameters().find("loss.weights")];
  EXPECT_TRUE(of.rows.empty());
  EXPECT_EQ(of.dense.values().size(), 0U);
}

TEST(ModelGradients, AreTheSameForAnyNumberOfMinibatchesBefore) {
  const auto instances = test::random_instances("lattice_lstm", 8, 6);
  const auto gradients_after = [&](int runs) {
    const auto model = test::seeded_model("lattice_lstm", 16);
    train::ModelGradients source(*model, instances, {}, {});
    graph::Gradients gradients;
    for (int i = 0; i <= runs; ++i) source.run(first(8), 0, gradients);
    return gradients;
  };
  const auto once = gradients_after(0);
  const auto often = gradients_after(2);
  for (std::size_t i = 0; i < once.size(); ++i) {
    const auto a = once[i].dense.values();
    const auto b = often[i].dense.values();
    ASSERT_EQ(a.size(), b.size());
    EXPECT_TRUE(a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
  }
}

}  // namespace
}  // namespace sheaf
