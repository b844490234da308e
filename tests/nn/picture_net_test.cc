// SPDX-License-Identifier: Apache-2.0
#include "sheaf/nn/picture_net.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/error.h"
#include "sheaf/base/rng.h"
#include "sheaf/nn/lenet5.h"
#include "sheaf/nn/vgg8.h"
#include "tests/memory_plan/cell_evaluator.h"
#include "tests/message_of.h"

namespace sheaf::nn {
namespace {

constexpr PictureShape kSmall{.height = 6, .width = 6, .channels = 2, .classes = 3, .pictures = 8};

// One convolution to 3 channels and a head, normalised.
class SmallNet final : public PictureNet {
 public:
  SmallNet()
      : PictureNet("small", kSmall,
                   {.convolutions = {{3, 3, 1, true}}, .hidden = {4}, .batch_norm = true}) {
    initialise(1);
    tensor::Tensor pixels({kSmall.pictures, 72});
    base::Rng rng(1, "pixels");
    for (float& x : pixels.values()) x = rng.uniform(0, 1);
    network().parameters().assign(network().parameters().find(kPixels), std::move(pixels));
  }
};

std::vector<Instance> pictures(std::uint32_t count) {
  std::vector<Instance> instances;
  for (std::uint32_t i = 0; i < count; ++i) instances.emplace_back(Picture{i, 0});
  return instances;
}

std::uint64_t weights_of(const PictureNet& model) {
  std::uint64_t count = 0;
  for (const graph::Parameter& parameter : model.network().parameters()) {
    if (parameter.name != kPixels) count += parameter.shape.size();
  }
  return count;
}

TEST(PictureNet, Lenet5HasTheWeightsAndFlopsThatItSays) {
  const Lenet5 model;
  EXPECT_EQ(weights_of(model), 61'706U);
  graph::Graph graph(model.network());
  model.append(Picture{}, 0, graph);
  graph.verify();
  EXPECT_EQ(graph.size(), 3U);
  EXPECT_EQ(graph.flops({0, graph.size()}),
            2U * (784 * 25 * 6 + 100 * 150 * 16 + 400 * 120 + 120 * 84 + 84 * 10));
}

TEST(PictureNet, Vgg8IsSixConvolutionsAndAHead) {
  const Vgg8 model;
  graph::Graph graph(model.network());
  model.append(Picture{}, 0, graph);
  graph.verify();
  EXPECT_EQ(graph.size(), 7U);
  EXPECT_NEAR(static_cast<double>(graph.flops({0, graph.size()})), 59e6, 0.5e6);
  EXPECT_EQ(graph.outputs().size(), 1U);
}

TEST(PictureNet, AMinibatchSharesANodeOfStatisticsPerConvolution) {
  const Vgg8 model({.pictures = 5});
  graph::Graph graph(model.network());
  const auto statistics = model.append_minibatch(pictures(5), graph);
  graph.verify();
  EXPECT_EQ(statistics.size(), 6U);
  for (const graph::NodeId node : statistics) {
    EXPECT_EQ(graph.instance(node), graph::kShared);
    EXPECT_EQ(graph.operands(node).size(), 15U);
  }
  ASSERT_EQ(graph.outputs().size(), 5U);
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(graph.instance(graph.outputs()[i].node), i);
}

TEST(PictureNet, StatisticsAreMeanAndVarianceOverAllPixelsOfTheMinibatch) {
  const SmallNet model;
  graph::Graph graph(model.network());
  const auto nodes = model.append_minibatch(pictures(4), graph);
  const auto values = test::evaluate(graph);
  const auto& statistics = values[nodes[0]].ports;
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0;
    double squares = 0;
    for (const graph::Operand& operand : graph.operands(nodes[0])) {
      if (operand.port != 1) continue;
      const test::Row& y = values[operand.node].ports[0];
      for (std::size_t i = c; i < y.size(); i += 3) sum += y[i];
      for (std::size_t i = c; i < y.size(); i += 3) squares += y[i] * y[i];
    }
    const double mean = sum / (4 * 36);
    EXPECT_NEAR(statistics[PictureNet::kMeanPort][c], mean, 1e-9);
    EXPECT_NEAR(statistics[PictureNet::kVariancePort][c], squares / (4 * 36) - mean * mean, 1e-9);
  }
}

TEST(PictureNet, WithTheStatisticsOfAMinibatchRunningOnesGiveTheSameOutputs) {
  SmallNet model;
  graph::Graph training(model.network());
  const auto nodes = model.append_minibatch(pictures(4), training);
  const auto values = test::evaluate(training);
  const auto floats = [&](std::uint32_t port) {
    const test::Row& row = values[nodes[0]].ports[port];
    return std::vector<float>(row.begin(), row.end());
  };
  // All of the way, and as if of endlessly many pixels.
  model.update_running_statistics(0, floats(PictureNet::kMeanPort),
                                  floats(PictureNet::kVariancePort), 1e12, 1);
  graph::Graph inference(model.network());
  for (std::uint32_t i = 0; i < 4; ++i) model.append(Picture{i, 0}, i, inference);
  const auto again = test::evaluate(inference);
  for (std::uint32_t i = 0; i < 4; ++i) {
    const test::Row& a = values[training.outputs()[i].node].ports[0];
    const test::Row& b = again[inference.outputs()[i].node].ports[0];
    for (std::size_t j = 0; j < a.size(); ++j) EXPECT_NEAR(a[j], b[j], 1e-6);
  }
}

TEST(PictureNet, RunningStatisticsMoveByAShareOfTheWay) {
  SmallNet model;
  const std::vector<float> mean = {1, 2, 3};
  const std::vector<float> variance = {3, 3, 3};
  model.update_running_statistics(0, mean, variance, 3, 0.5F);
  const auto values = [&](const char* name) {
    const auto& parameters = model.network().parameters();
    const auto of = parameters[parameters.find(name)].value.values();
    return std::vector<float>(of.begin(), of.end());
  };
  EXPECT_EQ(values("conv1.mean"), (std::vector<float>{0.5F, 1, 1.5F}));
  // Of a sample: 3 * 3 / 2.
  EXPECT_EQ(values("conv1.variance"), std::vector<float>(3, 2.75F));
}

TEST(PictureNet, WeightsAreDrawnByTheTermsThatAreSummed) {
  Vgg8 model;
  graph::ParameterStore& parameters = model.network().parameters();
  tensor::Tensor pixels({1, 784});
  std::fill(pixels.values().begin(), pixels.values().end(), 0.25F);
  parameters.assign(parameters.find(kPixels), std::move(pixels));
  model.initialise(3);
  const auto most = [&](const char* name) {
    float largest = 0;
    for (const float x : parameters[parameters.find(name)].value.values()) {
      largest = std::max(largest, std::abs(x));
    }
    return largest;
  };
  EXPECT_NEAR(most("conv2.W"), std::sqrt(6.0 / 288), 1e-3);
  EXPECT_EQ(most("conv2.beta"), 0);
  EXPECT_EQ(most("conv2.gamma"), 1);
  EXPECT_EQ(most("conv2.variance"), 1);
  EXPECT_EQ(most(kPixels), 0.25F);
}

TEST(PictureNet, OnlyWithBatchNormalisationItJoinsAMinibatchAndHasRunningStatistics) {
  EXPECT_TRUE(SmallNet().joins_minibatch());
  EXPECT_EQ(SmallNet().running_statistics(),
            (std::vector<std::string>{"conv1.mean", "conv1.variance"}));
  const Lenet5 model({.pictures = 2});
  EXPECT_FALSE(model.joins_minibatch());
  EXPECT_TRUE(model.running_statistics().empty());
  graph::Graph graph(model.network());
  EXPECT_TRUE(model.append_minibatch(pictures(2), graph).empty());
  EXPECT_EQ(graph.size(), 6U);
}

TEST(PictureNet, ItsTargetIsTheLabel) {
  std::vector<std::uint32_t> labels = {9};
  Lenet5().targets(Picture{0, 7}, labels);
  EXPECT_EQ(labels, (std::vector<std::uint32_t>{9, 7}));
}

TEST(PictureNet, PicturesOfWhichALayerLeavesNothingAreRefused) {
  EXPECT_NO_THROW(Lenet5({.height = 12, .width = 12}));
  EXPECT_EQ(test::message_of<base::UsageError>([] { Lenet5({.height = 11, .width = 28}); }),
            "[model lenet5] pixels that convolution 2 reads: got 5 x 14, expected 6 or more each "
            "way; use larger pictures");
  EXPECT_NO_THROW(Vgg8({.height = 8, .width = 8}));
  EXPECT_EQ(test::message_of<base::UsageError>([] { Vgg8({.height = 8, .width = 7}); }),
            "[model vgg8] pixels that convolution 6 reads: got 2 x 1, expected 2 or more each way; "
            "use larger pictures");
}

TEST(PictureNet, AnotherKindOfInstanceIsRefused) {
  const Lenet5 model;
  graph::Graph graph(model.network());
  EXPECT_EQ(test::message_of<base::UsageError>([&] { model.append(Tree{}, 0, graph); }),
            "[model lenet5] instance: got a tree, expected a picture");
}

}  // namespace
}  // namespace sheaf::nn
