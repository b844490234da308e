// SPDX-License-Identifier: Apache-2.0
//
// Trainings of taggers: losses, weights of classes, decoding.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/model_folder.h"
#include "tests/message_of.h"
#include "tests/train/small_training.h"

namespace sheaf::train {
namespace {

// Names of one or two words, then "O": the first word of a name has its own tag.
std::string named(std::uint32_t sentences, std::uint64_t seed) {
  static const std::vector<std::string> kParts = {"the|O ", "ann|S-P ", "new|B-L york|E-L ",
                                                  "los|B-L new|E-L ", "york|O "};
  const base::Philox random(seed, "named");
  std::string text;
  for (std::uint32_t s = 0; s < sentences; ++s) {
    for (std::uint32_t w = 0; w < 3; ++w) text += kParts[random.below(5, s, w)];
    text += '\n';
  }
  return text;
}

class TaggerTraining : public Training {
 protected:
  [[nodiscard]] TrainingOptions named_options(const std::string& out) const {
    TrainingOptions options = this->options(out);
    options.data.data = folder_.write("named", named(24, 1));
    options.dev = folder_.write("named_dev", named(9, 2));
    options.metric = "span_f1";
    return options;
  }
  // What the folder's model does on the held-out data, decoded as it was trained.
  [[nodiscard]] static Metrics again(const TrainingOptions& options) {
    TrainedModel trained = open_model(options.out);
    const Decode decode = trained.description.decode;
    const engine::Workload workload = open_workload(std::move(trained), {.data = options.dev});
    return evaluate(*workload.model, workload.instances, workload.vocabularies, engine::Options{},
                    {.decode = decode})
        .metrics;
  }
};

TEST_F(TaggerTraining, ACrfLearnsAndItsTransitionsAreInTheModelFolder) {
  for (const char* model : {"bilstm_tagger", "lac"}) {
    TrainingOptions options = named_options(model);
    options.data.model = model;
    if (options.data.model == "lac") options.data.hidden.reset();
    options.loss = "crf";
    options.epochs = 12;
    const TrainingSummary summary = run_training(options, {});
    ASSERT_TRUE(summary.result.best.has_value());
    EXPECT_GT(summary.result.best->value, 0.9) << model;
    EXPECT_LT(summary.result.history.back().mean_loss(),
              summary.result.history.front().mean_loss() / 2);
    const TrainedModel trained = open_model(options.out);
    EXPECT_TRUE(trained.description.sizes.crf);
    EXPECT_EQ(trained.description.decode, Decode::legal);
    EXPECT_TRUE(trained.model->has_crf());
    EXPECT_EQ(again(options), summary.result.history[summary.result.best->epoch].metrics);
  }
}

TEST_F(TaggerTraining, ACrfLearnsFromStreamedData) {
  for (const char* model : {"bilstm_tagger", "lac"}) {
    TrainingOptions options = named_options(model);
    options.data.model = model;
    if (options.data.model == "lac") options.data.hidden.reset();
    options.loss = "crf";
    options.epochs = 12;
    options.stream_window = 2;
    options.stream_block_bytes = 100;
    const TrainingSummary summary = run_training(options, {});
    ASSERT_TRUE(summary.result.best.has_value());
    EXPECT_GT(summary.result.best->value, 0.9) << model;
    EXPECT_EQ(open_model(options.out).description.decode, Decode::legal);
    EXPECT_EQ(again(options), summary.result.history[summary.result.best->epoch].metrics);
  }
}

TEST_F(TaggerTraining, DecodesAsItIsToldAndElseByTheTrainingData) {
  TrainingOptions options = named_options("legal");
  run_training(options, {});
  EXPECT_EQ(open_model(options.out).description.decode, Decode::legal);
  options = named_options("greedy");
  options.decode = "greedy";
  run_training(options, {});
  EXPECT_EQ(open_model(options.out).description.decode, Decode::greedy);
  options = this->options("plain");
  run_training(options, {});
  EXPECT_EQ(open_model(options.out).description.decode, Decode::greedy);
}

TEST_F(TaggerTraining, OfACrfChangesNoBitWhenItIsResumedOrShared) {
  TrainingOptions whole = named_options("whole");
  whole.loss = "crf";
  whole.dropout = 0.2;
  const TrainingSummary expected = run_training(whole, {});
  TrainingOptions half = whole;
  half.out = folder_.path("half");
  half.epochs = 2;
  run_training(half, {});
  half.epochs = whole.epochs;
  half.resume = true;
  base::ThreadPool pool(2);
  half.session.pool = &pool;
  half.session.policy = "agenda";
  const TrainingSummary resumed = run_training(half, {});
  EXPECT_EQ(resumed.last_digest, expected.last_digest);
  EXPECT_EQ(resumed.best_digest, expected.best_digest);
  EXPECT_EQ(resumed.result.history, expected.result.history);
  half.loss = "cross_entropy";
  EXPECT_NE(test::message_of<base::UsageError>([&] {
              run_training(half, {});
            }).find("loss (--loss) of the training that is resumed"),
            std::string::npos);
}

TEST_F(TaggerTraining, WeightsOfClassesChangeTheResult) {
  TrainingOptions options = named_options("plain");
  const TrainingSummary plain = run_training(options, {});
  options = named_options("balanced");
  options.class_weights = "balanced";
  const TrainingSummary balanced = run_training(options, {});
  EXPECT_NE(balanced.last_digest, plain.last_digest);
  options = named_options("ones");
  options.class_weights = folder_.write("ones.txt", "O 1\nS-P 1\nB-L 1\nE-L 1\n");
  EXPECT_EQ(run_training(options, {}).last_digest, plain.last_digest);
  options = named_options("hinge");
  options.loss = "hinge";
  EXPECT_NE(run_training(options, {}).last_digest, plain.last_digest);
}

TEST_F(TaggerTraining, MessagesOfLossesThatCannotBe) {
  const auto refusal = [&](const TrainingOptions& options) {
    return test::message_of<base::UsageError>([&] { run_training(options, {}); });
  };
  TrainingOptions options = named_options("model");
  options.loss = "hing";
  EXPECT_EQ(refusal(options), "[training] unknown loss: got 'hing'; did you mean 'hinge'?");
  options.loss = "hinge";
  options.data.model = "lac";
  EXPECT_EQ(refusal(options), "[model lac] loss: got 'hinge', expected 'crf'");
  options.loss = "crf";
  EXPECT_EQ(refusal(options),
            "[--hidden] model lac: got 8, expected 128, which the trained weights have");
  options = this->options("model");
  options.decode = "legal";
  EXPECT_EQ(refusal(options),
            "[decoding] 'legal': got labels of no scheme, expected those of BMES or BIO");
}

}  // namespace
}  // namespace sheaf::train
