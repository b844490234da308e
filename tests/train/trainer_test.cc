// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/train/diverged_error.h"
#include "sheaf/train/shuffle.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"
#include "tests/train/toy.h"

namespace sheaf::train {
namespace {

using test::Toy;

UpdateOptions quick() { return {.optimiser = {.name = "adagrad"}, .rate = {.base = 0.5}}; }

// Hands on to the toy, and notes what it was asked for.
class Noting final : public GradientSource {
 public:
  explicit Noting(Toy& toy) : toy_(toy) {}
  StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t step,
               graph::Gradients& gradients) override {
    EXPECT_EQ(step, asked.size());
    asked.emplace_back(instances.begin(), instances.end());
    return toy_.run(instances, step, gradients);
  }
  std::vector<std::vector<std::uint32_t>> asked;

 private:
  Toy& toy_;
};

TEST(Trainer, GoesOverTheShuffledInstancesInMinibatches) {
  Toy toy(10);
  Noting source(toy);
  Updater updater(quick(), toy.store);
  Trainer trainer(source, toy.store, updater,
                  {.instances = 10, .batch = 4, .epochs = 2, .seed = 5, .lengths = {}}, {});
  EXPECT_EQ(trainer.minibatches(), 3U);
  const TrainResult result = trainer.run();
  EXPECT_EQ(result.steps, 6U);
  EXPECT_FALSE(result.stopped_early);
  ASSERT_EQ(source.asked.size(), 6U);
  for (std::uint64_t epoch = 0; epoch < 2; ++epoch) {
    std::vector<std::uint32_t> order;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& part = source.asked[epoch * 3 + i];
      EXPECT_EQ(part.size(), i == 2 ? 2U : 4U);
      order.insert(order.end(), part.begin(), part.end());
    }
    EXPECT_EQ(order, shuffled(10, 5, epoch));
  }
}

TEST(Trainer, LearnsWithEveryOptimiser) {
  for (const char* name : {"sgd", "momentum", "adagrad", "adam", "adamw"}) {
    Toy toy(70);
    const double before = toy.loss();
    const double rate = std::string(name).starts_with("adam") ? 0.05 : 0.5;
    Updater updater({.optimiser = {.name = name}, .rate = {.base = rate}}, toy.store);
    Trainer trainer(toy, toy.store, updater,
                    {.instances = 70, .batch = 7, .epochs = 20, .lengths = {}}, {});
    const TrainResult result = trainer.run();
    EXPECT_LT(toy.loss(), before / 4) << name;
    EXPECT_EQ(toy.accuracy(), 1) << name;
    EXPECT_LT(result.history.back().mean_loss(), result.history.front().mean_loss() / 2) << name;
  }
}

TEST(Trainer, ReportsStepsAndEpochs) {
  Toy toy(10);
  Updater updater(quick(), toy.store);
  std::vector<StepReport> steps;
  std::vector<EpochRecord> epochs;
  Trainer trainer(toy, toy.store, updater,
                  {.instances = 10, .batch = 4, .epochs = 2, .lengths = {}},
                  {.evaluate =
                       [&] {
                         return Metrics{{"accuracy", toy.accuracy()}, {"dev_loss", toy.loss()}};
                       },
                   .step = [&](const StepReport& report) { steps.push_back(report); },
                   .epoch =
                       [&](const EpochRecord& record, std::uint64_t epoch, bool is_best) {
                         EXPECT_EQ(epoch, epochs.size());
                         EXPECT_FALSE(is_best);
                         epochs.push_back(record);
                       }});
  const TrainResult result = trainer.run();
  ASSERT_EQ(steps.size(), 6U);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].step, i + 1);
    EXPECT_EQ(steps[i].epoch, i / 3);
    EXPECT_EQ(steps[i].minibatch, i % 3);
    EXPECT_EQ(steps[i].minibatches, 3U);
    EXPECT_GT(steps[i].norm, 0);
    EXPECT_EQ(steps[i].rate, 0.5);
  }
  EXPECT_EQ(steps[0].epoch_loss, steps[0].loss);
  EXPECT_NEAR(steps[5].epoch_loss, (4 * steps[3].loss + 4 * steps[4].loss + 2 * steps[5].loss) / 10,
              1e-12);
  EXPECT_EQ(epochs, result.history);
  ASSERT_EQ(epochs.size(), 2U);
  EXPECT_EQ(epochs[1].step, 6U);
  EXPECT_EQ(epochs[1].mean_loss(), steps[5].epoch_loss);
  EXPECT_EQ(epochs[1].metrics.at("dev_loss"), toy.loss());
  EXPECT_FALSE(result.best.has_value());
}

// Trains on a toy whose dev metric takes these values, epoch by epoch.
struct Scripted {
  TrainResult run(const std::vector<double>& values, Better better, std::uint64_t patience) {
    Updater updater(quick(), toy.store);
    std::size_t epoch = 0;
    Trainer trainer(toy, toy.store, updater,
                    {.instances = 8,
                     .epochs = values.size(),
                     .lengths = {},
                     .metric = "m",
                     .better = better,
                     .patience = patience},
                    {.evaluate =
                         [&] {
                           after.push_back(test::bits_of(toy.store));
                           return Metrics{{"m", values[epoch++]}};
                         },
                     .epoch = [&](const EpochRecord& /*record*/, std::uint64_t /*epoch*/,
                                  bool is_best) { best.push_back(is_best); }});
    const TrainResult result = trainer.run();
    last = test::bits_of(toy.store);
    trainer.use_best();
    return result;
  }

  Toy toy{8};
  std::vector<std::string> after;  // weights after each epoch
  std::string last;                // and when run() was back
  std::vector<bool> best;
};

TEST(Trainer, StopsWhenTheMetricHasNotImprovedForSoLong) {
  Scripted scripted;
  const TrainResult result = scripted.run({1, 3, 2, 3, 9, 9}, Better::higher, 2);
  EXPECT_TRUE(result.stopped_early);
  EXPECT_EQ(result.history.size(), 4U);
  EXPECT_EQ(result.best, (BestEpoch{.epoch = 1, .value = 3}));
  EXPECT_EQ(scripted.best, (std::vector<bool>{true, true, false, false}));
  EXPECT_EQ(scripted.last, scripted.after[3]);
  EXPECT_EQ(test::bits_of(scripted.toy.store), scripted.after[1]);
  EXPECT_NE(scripted.after[1], scripted.after[3]);
}

TEST(Trainer, LowerCanBeBetter) {
  Scripted scripted;
  const TrainResult result = scripted.run({5, 4, 6, 3.5, 7}, Better::lower, 2);
  EXPECT_FALSE(result.stopped_early);
  EXPECT_EQ(result.best, (BestEpoch{.epoch = 3, .value = 3.5}));
  EXPECT_EQ(test::bits_of(scripted.toy.store), scripted.after[3]);
}

TEST(Trainer, AMetricThatIsNoNumberIsNeverTheBest) {
  Scripted scripted;
  const double nan = std::nan("");
  const TrainResult result = scripted.run({nan, 1, nan, nan}, Better::higher, 0);
  EXPECT_EQ(result.best, (BestEpoch{.epoch = 1, .value = 1}));
  Scripted never;
  EXPECT_TRUE(never.run({nan, nan, nan}, Better::lower, 2).stopped_early);
  EXPECT_EQ(test::bits_of(never.toy.store), never.last);
}

TEST(Trainer, BucketsHoldInstancesOfSimilarLength) {
  Toy toy(64);
  Noting source(toy);
  Updater updater(quick(), toy.store);
  std::vector<std::uint32_t> lengths(64);
  for (std::uint32_t i = 0; i < 64; ++i) lengths[i] = i;
  Trainer(source, toy.store, updater,
          {.instances = 64, .batch = 8, .epochs = 1, .lengths = lengths, .bucket = 8}, {})
      .run();
  ASSERT_EQ(source.asked.size(), 8U);
  for (const auto& minibatch : source.asked) {
    EXPECT_EQ(*std::max_element(minibatch.begin(), minibatch.end()),
              *std::min_element(minibatch.begin(), minibatch.end()) + 7);
  }
}

// What a training whose fifth run goes wrong throws, leaves and has written.
template <class Wrong>
std::string diverging(const Wrong& wrong, const UpdateOptions& options = quick()) {
  const test::TempFolder folder;
  Toy toy(20);
  Updater updater(options, toy.store);
  std::string before;
  toy.before_run = [&](std::uint64_t) { before = test::bits_of(toy.store); };
  toy.after_run = [&](StepLoss& loss, graph::Gradients& gradients, std::uint64_t step) {
    if (step == 4) wrong(loss, gradients);
  };
  Trainer trainer(
      toy, toy.store, updater,
      {.instances = 20, .batch = 4, .lengths = {}, .folder = folder.path(), .checkpoint_every = 1},
      {});
  const std::string message = test::message_of<DivergedError>([&] { trainer.run(); });
  EXPECT_EQ(toy.runs, 5U);
  EXPECT_EQ(test::bits_of(toy.store), before);
  std::vector<std::string> names = folder.names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "checkpoint-000000000004.safetensors"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "checkpoint-000000000005.safetensors"), 0);
  return message;
}

TEST(Trainer, ALossThatIsNotFiniteStopsBeforeAnythingChanges) {
  EXPECT_EQ(diverging([](StepLoss& loss, graph::Gradients&) { loss.loss = std::nan(""); }),
            "[step 4] loss: got NaN, expected a finite number; instance 3, cell 'toy'");
  EXPECT_EQ(diverging([](StepLoss& loss, graph::Gradients&) { loss.loss = -HUGE_VAL; }),
            "[step 4] loss: got infinity, expected a finite number; instance 3, cell 'toy'");
}

TEST(Trainer, AGradientThatIsNotFiniteStopsBeforeAnythingChanges) {
  EXPECT_EQ(diverging([](StepLoss&, graph::Gradients& gradients) {
              gradients[2].row_values.values()[0] = std::numeric_limits<float>::infinity();
            }),
            "[step 4] norm of the gradients: got infinity, expected a finite number; instance 3, "
            "cell 'toy'");
}

TEST(Trainer, WeightsThatAreNotFiniteAreNeverKept) {
  const test::TempFolder folder;
  Toy toy(8);
  Updater updater({.rate = {.base = 1e30}}, toy.store);
  toy.after_run = [](StepLoss&, graph::Gradients& gradients, std::uint64_t) {
    gradients[1].dense.values()[0] = -1e30F;
  };
  bool evaluated = false;
  Trainer trainer(
      toy, toy.store, updater,
      {.instances = 8, .batch = 8, .lengths = {}, .metric = "m", .folder = folder.path()},
      {.evaluate = [&] {
        evaluated = true;
        return Metrics{{"m", 1}};
      }});
  EXPECT_EQ(test::message_of<DivergedError>([&] { trainer.run(); }),
            "[step 1] b: got infinity, expected a finite number");
  EXPECT_FALSE(evaluated);
  EXPECT_EQ(folder.names(), std::vector<std::string>{".lock"});
}

TEST(Trainer, UnsavedParametersAreNeitherJudgedNorKept) {
  const test::TempFolder folder;
  const auto train = [&](std::uint64_t epochs, float key) {
    Toy toy(8);
    test::add_parameter(toy.store, "key", {1, 1}, {key});
    Updater updater(quick(), toy.store);
    Trainer trainer(toy, toy.store, updater,
                    {.instances = 8,
                     .epochs = epochs,
                     .lengths = {},
                     .metric = "accuracy",
                     .unsaved = {"key"},
                     .folder = folder.path(),
                     .resume = true},
                    {.evaluate = [&] {
                      return Metrics{{"accuracy", toy.accuracy()}};
                    }});
    trainer.run();
    trainer.use_best();
    return toy.store[3].value.values()[0];
  };
  EXPECT_TRUE(std::isnan(train(1, std::nanf(""))));
  EXPECT_EQ(train(2, 5), 5);
}

TEST(Trainer, MessagesOfOptionsThatMakeNoSense) {
  Toy toy(8);
  Updater updater(quick(), toy.store);
  const auto message = [&](TrainOptions options, TrainCallbacks callbacks = {}) {
    return test::message_of<base::UsageError>(
        [&] { Trainer(toy, toy.store, updater, std::move(options), std::move(callbacks)).run(); });
  };
  EXPECT_EQ(message({.instances = 0, .lengths = {}}),
            "[training] instances: got none, expected at least one");
  EXPECT_EQ(message({.instances = 8, .batch = 0, .lengths = {}}),
            "[training] minibatch: got no instances, expected at least one");
  EXPECT_EQ(message({.instances = 8, .lengths = {}, .bucket = 3, .streamed = true}),
            "[training] buckets: got data that are streamed, expected data in memory");
  EXPECT_EQ(message({.instances = 8, .lengths = {1, 2}, .bucket = 3}),
            "[training] lengths for buckets: got 2, expected one for each instance");
  EXPECT_EQ(message({.instances = 8, .lengths = {}, .metric = "accuracy"}),
            "[training] metric: got 'accuracy' and nothing that evaluates, expected data to "
            "evaluate on");
  EXPECT_EQ(message({.instances = 8, .lengths = {}, .patience = 3}),
            "[training] patience: got 3 and no metric, expected a metric to watch");
  EXPECT_EQ(message({.instances = 8, .lengths = {}, .resume = true}),
            "[training] resume: got no folder, expected the folder of the checkpoints");
  EXPECT_EQ(message({.instances = 8, .lengths = {}, .metric = "acuracy"},
                    {.evaluate =
                         [] {
                           return Metrics{{"accuracy", 1}};
                         }}),
            "[training] no such metric: got 'acuracy'; did you mean 'accuracy'?");
}

}  // namespace
}  // namespace sheaf::train
