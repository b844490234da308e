// SPDX-License-Identifier: Apache-2.0
//
// Every model, end to end: gradients against finite differences in double precision.
#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/rng.h"
#include "tests/autodiff/training_graph.h"
#include "tests/engine/instances.h"

namespace sheaf {
namespace {

class ModelGradients : public testing::TestWithParam<std::string> {};

// Of parameters that are floats, so that the step is what it comes to in floats.
TEST_P(ModelGradients, AreTheFiniteDifferences) {
  test::TrainingModel model(test::seeded_model(GetParam(), 6));
  const auto instances = test::random_instances(GetParam(), 5, 4);
  const graph::Gradients gradients = model.gradients(instances, {.verify = true});
  graph::ParameterStore& parameters = model.network().parameters();
  ASSERT_EQ(gradients.size(), parameters.size());
  base::Rng rng(3, "elements");
  int moved = 0;
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const tensor::Shape shape = parameters[id].shape;
    for (int i = 0; i < 3; ++i) {
      const auto index = rng.below(static_cast<std::uint32_t>(shape.size()));
      const auto loss_at = [&](float step) {
        tensor::Tensor value(shape);
        const auto from = parameters[id].value.values();
        std::copy(from.begin(), from.end(), value.values().begin());
        value.values()[index] += step;
        const auto at = static_cast<double>(value.values()[index]);
        parameters.assign(id, std::move(value));
        return std::pair(model.loss(instances), at);
      };
      const float before = parameters[id].value.values()[index];
      const auto up = loss_at(1e-3F);
      const auto down = loss_at(-2e-3F);
      const double wanted = (up.first - down.first) / (up.second - down.second);
      loss_at(before - static_cast<float>(down.second));
      const double got = static_cast<double>(test::element(gradients[id], shape, index));
      EXPECT_NEAR(got, wanted, 2e-5 + 1e-4 * std::abs(wanted))
          << parameters[id].name << " element " << index;
      moved += std::abs(wanted) > 1e-3 ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 5);
}

INSTANTIATE_TEST_SUITE_P(Models, ModelGradients,
                         testing::Values("tree_lstm", "tree_lstm_nary", "tree_lstm_2type",
                                         "tree_gru", "child_sum_tree_lstm", "lattice_lstm",
                                         "lattice_lstm_bi", "lattice_gru", "bilstm_tagger",
                                         "bilstm_tagger_char", "lstm_nmt", "dag_gru", "mv_rnn"),
                         test::model_name);

}  // namespace
}  // namespace sheaf
