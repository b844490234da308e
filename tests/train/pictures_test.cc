// SPDX-License-Identifier: Apache-2.0
//
// Trainings of models of pictures, from files to a model folder: lenet5, and vgg8 with its batch
// normalisation.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/model_folder.h"
#include "sheaf/train/model_gradients.h"
#include "sheaf/train/training.h"
#include "tests/io/idx_bytes.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

struct PlugPulled : std::runtime_error {
  PlugPulled() : std::runtime_error("the plug was pulled") {}
};

class Pictures : public testing::Test {
 protected:
  Pictures()
      : large_(test::write_stripes(folder_, "large", test::stripes(18, 12))),
        large_dev_(test::write_stripes(folder_, "large-dev", test::stripes(7, 12, 40))),
        small_(test::write_stripes(folder_, "small", test::stripes(10, 8))),
        small_dev_(test::write_stripes(folder_, "small-dev", test::stripes(4, 8, 40))) {}

  [[nodiscard]] TrainingOptions lenet5(const std::string& out) const {
    TrainingOptions options;
    options.data = {.model = "lenet5", .data = large_, .seed = 3};
    options.dev = large_dev_;
    options.optimiser = {.momentum = 0.9, .nesterov = true, .weight_decay = 1e-3};
    options.rate = 0.02;
    options.batch = 6;
    options.epochs = 12;
    options.metric = "accuracy";
    options.out = folder_.path(out);
    return options;
  }
  [[nodiscard]] TrainingOptions vgg8(const std::string& out) const {
    TrainingOptions options = lenet5(out);
    options.data.model = "vgg8";
    options.data.data = small_;
    options.dev = small_dev_;
    options.batch = 4;
    options.epochs = 2;
    return options;
  }

  static Metrics evaluated(const std::string& folder, const std::string& data) {
    const engine::Workload workload = open_workload(open_model(folder), {.data = data});
    return evaluate(*workload.model, workload.instances, workload.vocabularies, engine::Options{},
                    EvaluateOptions{})
        .metrics;
  }
  // Of the model in a folder.
  static std::vector<float> values(const std::string& folder, const std::string& parameter) {
    const TrainedModel trained = open_model(folder);
    const graph::ParameterStore& parameters = trained.model->network().parameters();
    const auto of = parameters[parameters.find(parameter)].value.values();
    return {of.begin(), of.end()};
  }

  const test::TempFolder folder_;
  const std::string large_, large_dev_, small_, small_dev_;
};

TEST_F(Pictures, AreLearnedAndTheFolderGivesTheMetricsOfItsEpoch) {
  const TrainingOptions options = lenet5("model");
  const TrainingSummary summary = run_training(options, {});
  EXPECT_EQ(summary.instances, 18U);
  EXPECT_EQ(summary.dev_instances, 7U);
  ASSERT_TRUE(summary.result.best.has_value());
  EXPECT_GT(summary.result.best->value, 0.8);  // by chance a third
  EXPECT_EQ(evaluated(options.out, options.dev),
            summary.result.history[summary.result.best->epoch].metrics);
}

TEST_F(Pictures, AreNoPartOfWhatIsSaved) {
  TrainingOptions options = lenet5("model");
  options.epochs = 1;
  const TrainingSummary summary = run_training(options, {});
  // 12 x 12 pixels become 1 x 1 x 16.
  EXPECT_EQ(summary.parameters, 156U + 2416U + (16U + 1U) * 120U + 10164U + 85U * 3U);
  for (const std::string file :
       {"/weights.safetensors", "/checkpoints/checkpoint-000000000003.safetensors"}) {
    const std::string bytes = test::bytes_of(options.out + file);
    EXPECT_NE(bytes.find("conv1.W"), std::string::npos) << file;
    EXPECT_EQ(bytes.find("pixels"), std::string::npos) << file;
  }
}

TEST_F(Pictures, WithBatchNormalisationTheFolderHasTheRunningStatistics) {
  const TrainingOptions options = vgg8("model");
  const TrainingSummary summary = run_training(options, {});
  EXPECT_EQ(evaluated(options.out, options.dev),
            summary.result.history[summary.result.best->epoch].metrics);
  EXPECT_NE(values(options.out, "conv3.mean"), std::vector<float>(64, 0.0F));
  EXPECT_NE(values(options.out, "conv3.variance"), std::vector<float>(64, 1.0F));
}

TEST_F(Pictures, RunningStatisticsAreNotDecayed) {
  // Those of the first layer after one update depend on the initial weights alone.
  const auto first_layer = [&](const std::string& out, double decay, const std::string& name) {
    TrainingOptions options = vgg8(out);
    options.dev.clear();
    options.metric.clear();
    options.batch = 10;
    options.epochs = 1;
    options.optimiser.weight_decay = decay;
    run_training(options, {});
    return values(options.out, name);
  };
  const auto mean = first_layer("a", 0, "conv1.mean");
  EXPECT_NE(mean, std::vector<float>(32, 0.0F));
  EXPECT_EQ(first_layer("b", 10, "conv1.mean"), mean);
  EXPECT_EQ(first_layer("c", 10, "conv1.variance"), first_layer("d", 0, "conv1.variance"));
  EXPECT_NE(values(folder_.path("a"), "conv1.W"), values(folder_.path("b"), "conv1.W"));
}

TEST_F(Pictures, PolicyAndThreadsChangeNoBit) {
  for (const bool normalised : {false, true}) {
    const std::string name = normalised ? "vgg8" : "lenet5";
    const auto options = [&](const std::string& out) {
      TrainingOptions all = normalised ? vgg8(name + out) : lenet5(name + out);
      all.epochs = 1;
      return all;
    };
    const TrainingSummary expected = run_training(options("a"), {});
    TrainingOptions other = options("b");
    other.session.policy = "depth";
    base::ThreadPool pool(2);
    other.session.pool = &pool;
    EXPECT_EQ(run_training(other, {}).last_digest, expected.last_digest) << name;
    other = options("learned");
    other.session.policy = "fsm";
    EXPECT_EQ(run_training(other, {}).last_digest, expected.last_digest) << name;
    other = options("c");
    other.data.seed = 4;
    EXPECT_NE(run_training(other, {}).last_digest, expected.last_digest) << name;
  }
}

TEST_F(Pictures, ATrainingThatIsPulledEndsWithTheSameFiles) {
  TrainingOptions whole = vgg8("whole");
  whole.checkpoint_every = 1;
  whole.dropout = 0.2;
  run_training(whole, {});
  TrainingOptions pulled = whole;
  pulled.out = folder_.path("pulled");
  pulled.resume = true;
  for (const std::uint64_t at : {2U, 4U}) {
    EXPECT_THROW(run_training(pulled, {.step =
                                           [&](const StepReport& report, std::uint64_t) {
                                             if (report.step == at) throw PlugPulled();
                                           }}),
                 PlugPulled);
  }
  run_training(pulled, {});
  for (const char* file : {"/weights.safetensors", "/model.json",
                           "/checkpoints/checkpoint-000000000006.safetensors"}) {
    const std::string expected = test::bytes_of(whole.out + file);
    EXPECT_GT(expected.size(), 100U) << file;
    EXPECT_EQ(test::bytes_of(pulled.out + file), expected) << file;
  }
}

TEST_F(Pictures, WhatDoesNotFillAMinibatchIsLeftOutWhereThatIsAsked) {
  TrainingOptions options = vgg8("model");
  EXPECT_EQ(run_training(options, {}).result.steps, 6U);
  options.out = folder_.path("dropped");
  options.drop_last = true;
  const TrainingSummary summary = run_training(options, {});
  EXPECT_EQ(summary.result.steps, 4U);
  EXPECT_EQ(summary.result.history[0].terms, 8U);
  options.batch = 11;
  options.out = folder_.path("none");
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[training] minibatches of an epoch: got none, as the last one is dropped, expected at "
            "least one");
}

TEST_F(Pictures, MinibatchesThatAreNormalisedAreNotShared) {
  const engine::Workload workload =
      engine::open_workload({.model = "vgg8", .data = small_, .seed = 1});
  LossOptions loss;
  loss.shards = {0, 4, 0, 2};
  EXPECT_EQ(test::message_of<base::UnsupportedError>(
                [&] { ModelGradients(*workload.model, workload.instances, loss, {}); }),
            "[model vgg8] minibatches that processes share: got batch normalisation, which needs "
            "all instances of a minibatch, expected a model without it, or a single process");
}

TEST_F(Pictures, HeldOutOnesOfAnotherSizeOrClassAreRefused) {
  TrainingOptions options = lenet5("model");
  options.dev = small_dev_;
  EXPECT_EQ(test::message_of<base::DataError>([&] { run_training(options, {}); }),
            "[" + small_dev_ +
                "] size of the pictures: got 8 x 8, expected 12 x 12, which the model was made "
                "for");
  options.dev = large_dev_;
  options.dev_labels = folder_.write("more", test::idx({7}, std::string(6, '\1') + '\3'));
  EXPECT_EQ(
      test::message_of<base::DataError>([&] { run_training(options, {}); }),
      "[" + options.dev_labels + "] label 6: got 3, expected below 3, the classes of the model");
}

}  // namespace
}  // namespace sheaf::train
