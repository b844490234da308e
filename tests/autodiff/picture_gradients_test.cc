// SPDX-License-Identifier: Apache-2.0
//
// Nets of pictures, end to end: gradients by every parameter against finite differences in double
// precision, with and without batch normalisation; and that they do not depend on the policy, the
// plan or the threads.
#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/autodiff/backward.h"
#include "sheaf/base/rng.h"
#include "sheaf/engine/gradients.h"
#include "sheaf/nn/losses.h"
#include "sheaf/nn/picture_net.h"
#include "tests/memory_plan/cell_evaluator.h"

namespace sheaf {
namespace {

constexpr std::uint32_t kPictures = 5;
constexpr nn::PictureShape kShape{
    .height = 8, .width = 7, .channels = 2, .classes = 4, .pictures = kPictures};

class Net final : public nn::PictureNet {
 public:
  explicit Net(bool batch_norm)
      : PictureNet("net", kShape,
                   {.convolutions = {{3, 3, 1, false}, {17, 3, 1, true}, {5, 2, 0, false}},
                    .hidden = {6},
                    .batch_norm = batch_norm}) {
    graph::ParameterStore& parameters = network().parameters();
    for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
      tensor::Tensor value(parameters[id].shape);
      base::Rng rng(11, parameters[id].name);
      const bool positive = parameters[id].name.ends_with("variance");
      const float range = parameters[id].shape.rows == 1 ? 0.7F : 0.4F;
      for (float& x : value.values()) x = positive ? 1 : rng.uniform(-range, range);
      parameters.assign(id, std::move(value));
    }
    loss_ = network().add_type("loss", nn::cross_entropy(kShape.classes));
    differentiation_ = std::make_unique<autodiff::Differentiation>(network(), std::span(&loss_, 1));
  }

  graph::Graph graph(bool backward) {
    std::vector<nn::Instance> instances;
    for (std::uint32_t i = 0; i < kPictures; ++i) instances.emplace_back(nn::Picture{i, i % 4});
    graph::Graph graph(network());
    append_minibatch(instances, graph);
    const std::vector<graph::Operand> outputs(graph.outputs().begin(), graph.outputs().end());
    for (std::uint32_t i = 0; i < kPictures; ++i) {
      graph.begin_instance(i);
      graph.add(loss_, {outputs[i]}, i % 4);
    }
    if (backward) differentiation_->append(graph);
    return graph;
  }

  double loss() {
    const graph::Graph all = graph(false);
    const auto values = test::evaluate(all);
    double sum = 0;
    for (graph::NodeId node = 0; node < all.size(); ++node) {
      if (all.type(node) == loss_) sum += values[node].ports[0][0];
    }
    return sum;
  }

  graph::Gradients gradients(const engine::Options& options) {
    const auto session = engine::compile(network(), options);
    graph::Graph all = graph(true);
    session->step(all);
    engine::GradientSums sums(network(), *differentiation_, *session);
    graph::Gradients gradients;
    sums.sum(all, {kPictures}, 1, gradients);
    return gradients;
  }

 private:
  graph::TypeId loss_ = 0;
  std::unique_ptr<autodiff::Differentiation> differentiation_;
};

using PictureGradients = testing::TestWithParam<bool>;

TEST_P(PictureGradients, AreTheFiniteDifferences) {
  Net net(GetParam());
  const graph::Gradients gradients = net.gradients({.verify = true});
  graph::ParameterStore& parameters = net.network().parameters();
  base::Rng rng(3, "elements");
  int moved = 0;
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const graph::ParameterGradient& gradient = gradients[id];
    if (gradient.dense.shape() != parameters[id].shape) continue;
    for (int i = 0; i < 4; ++i) {
      const auto at = rng.below(static_cast<std::uint32_t>(parameters[id].shape.size()));
      const float before = parameters[id].value.values()[at];
      const auto loss_at = [&](float value) {
        parameters.change(id)[at] = value;
        return net.loss();
      };
      // So small that hardly any rectifier or maximum changes sides.
      const float up = before + 1e-4F;
      const float down = before - 1e-4F;
      const double wanted =
          (loss_at(up) - loss_at(down)) / (static_cast<double>(up) - static_cast<double>(down));
      loss_at(before);
      EXPECT_NEAR(static_cast<double>(gradient.dense.values()[at]), wanted,
                  1e-4 + 1e-3 * std::abs(wanted))
          << parameters[id].name << " element " << at;
      moved += std::abs(wanted) > 1e-2 ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 20);
}

TEST_P(PictureGradients, AreOfEveryWeightAndOfNoData) {
  Net net(GetParam());
  const graph::Gradients gradients = net.gradients({});
  const graph::ParameterStore& parameters = net.network().parameters();
  for (graph::ParameterId id = 0; id < parameters.size(); ++id) {
    const std::string& name = parameters[id].name;
    const bool trained =
        name != nn::kPixels && !name.ends_with(".mean") && !name.ends_with(".variance");
    EXPECT_FALSE(gradients[id].is_sparse()) << name;
    float most = 0;
    for (const float x : gradients[id].dense.values()) most = std::max(most, std::abs(x));
    EXPECT_EQ(most > 0, trained) << name;
  }
}

TEST_P(PictureGradients, HaveTheSameBitsWhateverThePolicyThePlanAndTheThreads) {
  Net net(GetParam());
  const graph::Gradients wanted = net.gradients({.policy = "agenda"});
  base::ThreadPool pool(3);
  engine::Options threads{.policy = "depth"};
  threads.pool = &pool;
  for (const engine::Options& options :
       {engine::Options{.policy = "single"},
        engine::Options{.policy = "agenda", .layout = memory_plan::LayoutMode::unplanned},
        threads}) {
    const graph::Gradients got = net.gradients(options);
    for (std::size_t id = 0; id < wanted.size(); ++id) {
      const auto a = wanted[id].dense.values();
      const auto b = got[id].dense.values();
      EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << id;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BatchNorm, PictureGradients, testing::Bool());

}  // namespace
}  // namespace sheaf
