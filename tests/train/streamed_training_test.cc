// SPDX-License-Identifier: Apache-2.0
//
// Trainings on data that are read in windows.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/model_folder.h"
#include "sheaf/train/model_gradients.h"
#include "tests/message_of.h"
#include "tests/train/small_training.h"
#include "tests/train/thread_ranks.h"

namespace sheaf::train {
namespace {

class StreamedTraining : public Training {
 protected:
  // In blocks of some three sentences, of which two are in memory.
  [[nodiscard]] TrainingOptions streamed(const std::string& out) const {
    TrainingOptions options = this->options(out);
    options.stream_window = 2;
    options.stream_block_bytes = 40;
    options.losses = folder_.path(out + ".losses");
    return options;
  }
  // The instances of the updates, in the order in which they ran.
  [[nodiscard]] static std::vector<std::uint32_t> order(const TrainingOptions& options) {
    std::ifstream file(options.losses);
    std::vector<std::uint32_t> order;
    for (std::string line; std::getline(file, line);) {
      const auto json = nlohmann::json::parse(line);
      for (const std::uint32_t instance : json.at("instances")) order.push_back(instance);
    }
    return order;
  }
};

TEST_F(StreamedTraining, HasEveryInstanceOnceAnEpochInFullMinibatches) {
  const TrainingOptions options = streamed("model");
  const TrainingSummary summary = run_training(options, {});
  EXPECT_EQ(summary.instances, 24U);
  EXPECT_EQ(summary.result.steps, 20U);  // as without windows
  const std::vector<std::uint32_t> all = order(options);
  ASSERT_EQ(all.size(), 96U);
  std::vector<std::uint32_t> epoch(all.begin(), all.begin() + 24);
  EXPECT_FALSE(std::is_sorted(epoch.begin(), epoch.end()));
  EXPECT_NE(epoch, std::vector<std::uint32_t>(all.begin() + 24, all.begin() + 48));
  std::sort(epoch.begin(), epoch.end());
  for (std::uint32_t i = 0; i < 24; ++i) EXPECT_EQ(epoch[i], i);
}

TEST_F(StreamedTraining, LearnsFromTheInstancesThatItNames) {
  // What the losses of the same minibatches are when the data are in memory, of one update each.
  const TrainingOptions options = streamed("model");
  TrainingOptions one = options;
  one.rate = 0;
  one.epochs = 1;
  run_training(one, {});
  const engine::Workload workload = [&] {
    engine::WorkloadOptions data = options.data;
    data.vocabularies = engine::build_vocabularies(data);
    return engine::open_workload(data);
  }();
  ModelGradients whole(*workload.model, workload.instances, {.seed = options.data.seed}, {});
  std::ifstream file(one.losses);
  graph::Gradients gradients;
  std::uint64_t step = 0;
  for (std::string line; std::getline(file, line); ++step) {
    const auto json = nlohmann::json::parse(line);
    const StepLoss loss =
        whole.run(json.at("instances").get<std::vector<std::uint32_t>>(), step, gradients);
    EXPECT_EQ(json.at("loss"), loss.loss / static_cast<double>(loss.terms)) << step;
  }
  EXPECT_EQ(step, 5U);
}

TEST_F(StreamedTraining, GoesOnToTheSameBits) {
  const TrainingSummary whole = run_training(streamed("whole"), {});
  TrainingOptions options = streamed("stopped");
  for (const std::uint64_t at : {1U, 3U, 8U, 15U}) {
    const TrainingCallbacks stops = {.step = [at](const StepReport& report, std::uint64_t) {
      if (report.step == at) throw std::runtime_error("stopped");
    }};
    EXPECT_THROW(run_training(options, stops), std::runtime_error);
    options.resume = true;
  }
  EXPECT_EQ(run_training(options, {}).last_digest, whole.last_digest);
  EXPECT_EQ(order(options).size(), 96U);
  EXPECT_EQ(order(options), order(streamed("whole")));
  options.stream_window = 3;
  const std::string message =
      test::message_of<base::UsageError>([&] { run_training(options, {}); });
  EXPECT_NE(message.find("windows of the data (--stream, --shuffle-window) of the training that is "
                         "resumed: got {\"block\":40,\"window\":3}"),
            std::string::npos)
      << message;
}

TEST_F(StreamedTraining, ChangesNoBitWithPolicyOrThreads) {
  const TrainingSummary expected = run_training(streamed("a"), {});
  TrainingOptions other = streamed("b");
  base::ThreadPool pool(2);
  other.session.pool = &pool;
  other.session.policy = "fsm";
  EXPECT_EQ(run_training(other, {}).last_digest, expected.last_digest);
}

TEST_F(StreamedTraining, RanksComeToTheBitsOfOneProcess) {
  TrainingOptions alone = streamed("alone");
  alone.dropout = 0.2;
  const TrainingSummary expected = run_training(alone, {});
  for (const std::uint32_t ranks : {2U, 4U}) {
    SCOPED_TRACE(ranks);
    std::vector<TrainingSummary> summaries(ranks);
    TrainingOptions shared = streamed("shared by " + std::to_string(ranks));
    shared.dropout = alone.dropout;
    // Stopped by nothing but the number of its epochs, and resumed in the middle of the work.
    for (const std::uint64_t epochs : {2U, 4U}) {
      shared.epochs = epochs;
      test::run_ranks(ranks, [&](test::ThreadRank& rank) {
        TrainingOptions options = shared;
        options.communicator = &rank;
        summaries[rank.rank()] = run_training(options, {});
      });
      shared.resume = true;
    }
    for (const TrainingSummary& summary : summaries) {
      EXPECT_EQ(summary.last_digest, expected.last_digest);
      EXPECT_EQ(summary.best_digest, expected.best_digest);
      EXPECT_EQ(summary.result.history, expected.result.history);
    }
    EXPECT_EQ(test::bytes_of(shared.losses), test::bytes_of(alone.losses));
  }
}

TEST_F(StreamedTraining, DropoutGoesOnToTheSameBits) {
  TrainingOptions options = streamed("whole");
  const std::string without = run_training(options, {}).last_digest;
  options = streamed("dropped");
  options.dropout = 0.2;
  const TrainingSummary whole = run_training(options, {});
  EXPECT_NE(whole.last_digest, without);
  options.out = folder_.path("half");
  options.epochs = 2;
  run_training(options, {});
  options.epochs = 4;
  options.resume = true;
  EXPECT_EQ(run_training(options, {}).last_digest, whole.last_digest);
}

TEST_F(StreamedTraining, TheModelFolderGivesTheMetricsOfItsEpoch) {
  TrainingOptions options = streamed("model");
  options.metric = "token_accuracy";
  const TrainingSummary summary = run_training(options, {});
  const engine::Workload workload = open_workload(open_model(options.out), {.data = dev_});
  const Evaluation again = evaluate(*workload.model, workload.instances, workload.vocabularies,
                                    engine::Options{}, EvaluateOptions{});
  EXPECT_EQ(again.metrics, summary.result.history[summary.result.best->epoch].metrics);
}

TEST_F(StreamedTraining, LabelsMayBeginAfterTheFirstBlock) {
  TrainingOptions options = streamed("model");
  options.data.model = "tree_lstm";
  options.dev.clear();
  const std::string none = "(_ (_ a) (_ b))\n(_ (_ b) (_ a))\n(_ (_ b) (_ b))\n";
  options.data.data = folder_.write("late", none + "(4 (1 a) (3 b))\n");
  EXPECT_EQ(run_training(options, {}).result.steps, 4U);
  options = streamed("none");
  options.data.model = "tree_lstm";
  options.dev.clear();
  options.data.data = folder_.write("never", none);
  EXPECT_EQ(test::message_of<base::DataError>([&] { run_training(options, {}); }),
            "[" + options.data.data + "] gold labels: got none, expected one or more");
}

TEST_F(StreamedTraining, RefusesWhatNeedsAllDataAtOnce) {
  TrainingOptions options = streamed("model");
  const auto refusal = [&] {
    return test::message_of<base::UsageError>([&] { run_training(options, {}); });
  };
  options.bucket = 2;
  EXPECT_EQ(refusal(), "[training] buckets: got data that are streamed, expected data in memory");
  options.bucket = 0;
  options.data.model = "lenet5";
  EXPECT_EQ(refusal(),
            "[model lenet5] training data: got pictures that are streamed, expected pictures that "
            "are read as a whole");
}

}  // namespace
}  // namespace sheaf::train
