// SPDX-License-Identifier: Apache-2.0
//
// Trainings of a small model from files to a model folder.
#include "sheaf/train/training.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/thread_pool.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/model_folder.h"
#include "sheaf/train/training_policy.h"
#include "tests/message_of.h"
#include "tests/train/small_training.h"

namespace sheaf::train {
namespace {

TEST_F(Training, LearnsAndLeavesTheBestWeightsAsAModelFolder) {
  TrainingOptions options = this->options("model");
  options.epochs = 20;
  options.rate = 0.05;
  options.checkpoint_every = 0;
  options.metric = "token_accuracy";
  const TrainingSummary summary = run_training(options, {});
  EXPECT_EQ(summary.instances, 24U);
  EXPECT_EQ(summary.dev_instances, 9U);
  EXPECT_EQ(summary.result.steps, 100U);
  ASSERT_TRUE(summary.result.best.has_value());
  EXPECT_GT(summary.result.best->value, 0.7);  // the most frequent tag has less than half

  TrainedModel trained = open_model(options.out);
  EXPECT_EQ(trained.description.model, "bilstm_tagger");
  EXPECT_EQ(trained.description.metrics.at("token_accuracy"), summary.result.best->value);
  const engine::Workload workload = open_workload(std::move(trained), {.data = dev_});
  const Evaluation again = evaluate(*workload.model, workload.instances, workload.vocabularies,
                                    engine::Options{}, EvaluateOptions{});
  EXPECT_EQ(again.metrics, summary.result.history[summary.result.best->epoch].metrics);
}

TEST_F(Training, DropoutIsForTrainingOnly) {
  TrainingOptions options = this->options("model");
  const TrainingSummary without = run_training(options, {});
  options = this->options("dropped");
  options.dropout = 0.3;
  const TrainingSummary summary = run_training(options, {});
  EXPECT_NE(summary.last_digest, without.last_digest);
  EXPECT_EQ(summary.parameters, without.parameters);
  const engine::Workload workload = open_workload(open_model(options.out), {.data = dev_});
  const Evaluation again = evaluate(*workload.model, workload.instances, workload.vocabularies,
                                    engine::Options{}, EvaluateOptions{});
  EXPECT_EQ(again.metrics, summary.result.history[summary.result.best->epoch].metrics);
}

TEST_F(Training, WithoutHeldOutDataTheLastWeightsCount) {
  TrainingOptions options = this->options("model");
  options.dev.clear();
  const TrainingSummary summary = run_training(options, {});
  EXPECT_FALSE(summary.result.best.has_value());
  EXPECT_EQ(summary.metric, "");
  EXPECT_EQ(summary.best_digest, summary.last_digest);
  EXPECT_TRUE(open_model(options.out).description.metrics.empty());
}

TEST_F(Training, ChangesNoBitWithPolicyOrThreadsButWithTheSeed) {
  const TrainingSummary expected = run_training(options("a"), {});
  TrainingOptions agenda = options("b");
  agenda.session.policy = "agenda";
  EXPECT_EQ(run_training(agenda, {}).last_digest, expected.last_digest);
  TrainingOptions threads = options("c");
  base::ThreadPool pool(2);
  threads.session.pool = &pool;
  EXPECT_EQ(run_training(threads, {}).last_digest, expected.last_digest);
  TrainingOptions seed = options("d");
  seed.data.seed = 4;
  EXPECT_NE(run_training(seed, {}).last_digest, expected.last_digest);
}

TEST_F(Training, EveryPolicyGivesTheSameBits) {
  const std::string expected = run_training(options("critical"), {}).last_digest;
  std::uint64_t single = 0;
  for (const char* policy : {"single", "depth", "agenda", "sufficient", "fsm"}) {
    TrainingOptions other = options(policy);
    other.session.policy = policy;
    const TrainingSummary summary = run_training(other, {});
    EXPECT_EQ(summary.last_digest, expected) << policy;
    if (single == 0) single = summary.batches;
    EXPECT_GT(summary.batches, 0U);
    EXPECT_TRUE(single == summary.batches || summary.batches < single / 2) << policy;
  }
}

TEST_F(Training, BucketsChangeWhichInstancesMeet) {
  const TrainingSummary mixed = run_training(options("mixed"), {});
  TrainingOptions bucketed = options("sorted");
  bucketed.bucket = 2;
  const TrainingSummary sorted = run_training(bucketed, {});
  EXPECT_NE(sorted.last_digest, mixed.last_digest);
  bucketed.out = folder_.path("again");
  EXPECT_EQ(run_training(bucketed, {}).last_digest, sorted.last_digest);
}

TEST_F(Training, LearnedPolicyKnowsBackwardAndIsKeptForRunsThatGoOn) {
  TrainingOptions options = this->options("fsm");
  options.session.policy = "fsm";
  options.epochs = 2;
  run_training(options, {});
  const std::string path = policy_path(options.out);
  const std::string text = test::bytes_of(path);
  batching::FsmTable table = batching::parse_fsm_table(text, path);
  EXPECT_EQ(table.model, "bilstm_tagger");
  EXPECT_FALSE(table.states.empty());
  EXPECT_EQ(table.history.at(0).instances, 24U);
  const auto is_gradient = [](const std::string& name) {
    return name.find(".grad") != std::string::npos;
  };
  EXPECT_TRUE(std::any_of(table.type_names.begin(), table.type_names.end(), is_gradient));

  // A run that goes on takes the table that is there: here one that knows no state.
  table.states.clear();
  folder_.write("fsm/policy.json", batching::to_json(table));
  options.resume = true;
  options.epochs = 4;
  const TrainingSummary rest = run_training(options, {});
  EXPECT_EQ(test::bytes_of(path), batching::to_json(table));
  EXPECT_EQ(rest.last_digest, run_training(this->options("whole"), {}).last_digest);
}

TEST_F(Training, TableOfAPolicyMayBeGivenIfItIsOfTheSameGraphs) {
  TrainingOptions options = this->options("learned");
  options.session.policy = "fsm";
  const std::string digest = run_training(options, {}).last_digest;
  TrainingOptions given = this->options("given");
  given.session.policy = "fsm";
  given.policy_file = policy_path(options.out);
  EXPECT_EQ(run_training(given, {}).last_digest, digest);
  EXPECT_EQ(test::bytes_of(policy_path(given.out)), test::bytes_of(given.policy_file));
  given = this->options("other");
  given.session.policy = "fsm";
  given.policy_file = policy_path(options.out);
  given.data.model = "bilstm_tagger_char";
  const std::string message = test::message_of<base::ConfigError>([&] { run_training(given, {}); });
  EXPECT_NE(message.find("a policy of model: got 'bilstm_tagger'"), std::string::npos) << message;
  given.session.policy = "agenda";
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(given, {}); }),
            "[training] policy that takes a table: got 'agenda', expected 'fsm'");
  given.session.policy = "cost";
  EXPECT_EQ(test::message_of<base::UnsupportedError>([&] { run_training(given, {}); }),
            "[policy cost] training: got no measured times of backward, expected another policy; "
            "'critical' needs no table");
}

TEST_F(Training, ProcessesThatAreKilledEndWithTheSameFiles) {
  TrainingOptions whole = options("whole");
  whole.dropout = 0.2;
  whole.logdir = folder_.path("whole/log");
  run_training(whole, {});
  TrainingOptions pulled = options("pulled");
  pulled.dropout = 0.2;
  pulled.logdir = folder_.path("pulled/log");
  pulled.resume = true;
  for (const std::uint64_t at : {1U, 4U, 5U, 11U, 15U}) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      run_training(pulled, {.step = [&](const StepReport& report, std::uint64_t) {
                     if (report.step == at) kill(getpid(), SIGKILL);
                   }});
      _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << at;
  }
  run_training(pulled, {});
  for (const char* file : {"/weights.safetensors", "/model.json", "/log/events.out.tfevents.sheaf",
                           "/checkpoints/checkpoint-000000000020.safetensors"}) {
    const std::string expected = test::bytes_of(whole.out + file);
    EXPECT_GT(expected.size(), 100U) << file;
    EXPECT_EQ(test::bytes_of(pulled.out + file), expected) << file;
  }
}

TEST_F(Training, ARunThatIsStoppedLeavesTheBestModelSoFar) {
  const TrainingSummary whole = run_training(options("whole"), {});
  TrainingOptions options = this->options("stopped");
  const auto stop_at = [&](std::uint64_t at) {
    const TrainingCallbacks stops = {.step = [at](const StepReport& report, std::uint64_t) {
      if (report.step == at) throw std::runtime_error("stopped");
    }};
    EXPECT_THROW(run_training(options, stops), std::runtime_error);
    options.resume = true;
  };
  stop_at(3);
  EXPECT_FALSE(std::filesystem::exists(options.out + "/model.json"));
  for (std::uint64_t epochs = 1; epochs < 4; ++epochs) {
    stop_at(epochs * 5 + 1);
    const auto better = [](const EpochRecord& a, const EpochRecord& b) {
      return a.metrics.at("loss") < b.metrics.at("loss");
    };
    const auto& history = whole.result.history;
    const auto best = std::min_element(
        history.begin(), history.begin() + static_cast<std::ptrdiff_t>(epochs), better);
    const TrainedModel trained = open_model(options.out);
    EXPECT_EQ(trained.description.metrics, best->metrics);
    ASSERT_TRUE(trained.description.training.has_value());
    EXPECT_EQ(trained.description.training->epoch, 1U + (best - history.begin()));
    EXPECT_EQ(trained.description.training->updates, best->step);
    EXPECT_EQ(trained.description.training->loss, best->mean_loss());
    EXPECT_EQ(trained.description.training->metric, "loss");
    const engine::Workload workload = open_workload(open_model(options.out), {.data = dev_});
    EXPECT_EQ(evaluate(*workload.model, workload.instances, workload.vocabularies,
                       engine::Options{}, EvaluateOptions{})
                  .metrics,
              best->metrics);
  }
}

TEST_F(Training, WithoutHeldOutDataAStoppedRunLeavesTheLastEpoch) {
  TrainingOptions options = this->options("stopped");
  options.dev.clear();
  const TrainingCallbacks stops = {.step = [](const StepReport& report, std::uint64_t) {
    if (report.step == 11) throw std::runtime_error("stopped");
  }};
  EXPECT_THROW(run_training(options, stops), std::runtime_error);
  EXPECT_EQ(open_model(options.out).description.training->epoch, 2U);
  const std::string stopped = test::bytes_of(options.out + "/weights.safetensors");
  TrainingOptions two = this->options("two");
  two.dev.clear();
  two.epochs = 2;
  run_training(two, {});
  EXPECT_EQ(test::bytes_of(two.out + "/weights.safetensors"), stopped);
}

TEST_F(Training, VocabulariesMayBeThoseOfAnotherModel) {
  TrainingOptions options = this->options("model");
  options.epochs = 1;
  run_training(options, {});
  const TrainedModel first = open_model(options.out);
  TrainingOptions other = this->options("other");
  other.epochs = 1;
  other.data.data = folder_.write("few.txt", "ca|C zz|A\n");
  other.vocabulary = options.out;
  run_training(other, {});
  const nn::Vocabularies names = open_model(other.out).description.vocabularies;
  EXPECT_EQ(names.words, first.description.vocabularies.words);
  EXPECT_EQ(names.labels, first.description.vocabularies.labels);
  const auto json = nlohmann::json::parse(test::bytes_of(options.out + "/model.json"));
  for (const nlohmann::json& as : {json, json.at("vocabularies")}) {
    EXPECT_EQ(read_vocabularies(folder_.write("names.json", as.dump())).words, names.words);
  }
  other.min_count = 2;
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(other, {}); }),
            "[training] vocabulary: got a file of it, and weights or a least count, expected one "
            "of them");
  folder_.write("names.json", "{\"words\":[]}");
  EXPECT_EQ(test::message_of<base::ConfigError>(
                [&] { (void)read_vocabularies(folder_.path("names.json")); }),
            "[" + folder_.path("names.json") +
                ": vocabularies] missing key: got none, expected 'characters'");
}

TEST_F(Training, LeavesModelsOfOthersAlone) {
  TrainingOptions options = this->options("model");
  run_training(options, {});
  std::filesystem::remove_all(options.out + "/checkpoints");
  const std::string before = test::bytes_of(options.out + "/weights.safetensors");
  const auto refusal = [&] {
    return test::message_of<base::UsageError>([&] { run_training(options, {}); });
  };
  const std::string why =
      "] folder to write a model into: got one that has a model, expected none; choose another "
      "folder, or remove that one";
  EXPECT_EQ(refusal(), "[" + options.out + why);
  options.save_initial = options.out;
  options.out = folder_.path("other");
  EXPECT_EQ(refusal(), "[" + options.save_initial + why);
  EXPECT_EQ(test::bytes_of(options.save_initial + "/weights.safetensors"), before);
}

TEST_F(Training, IsNotResumedOnOtherData) {
  TrainingOptions options = this->options("model");
  run_training(options, {});
  options.resume = true;
  folder_.write("dev.txt", tagged(9, 5));
  const std::string message =
      test::message_of<base::UsageError>([&] { run_training(options, {}); });
  EXPECT_NE(message.find("held-out data (--dev) of the training that is resumed: got content with "
                         "SHA-256 "),
            std::string::npos)
      << message;
}

TEST_F(Training, MoreEpochsKeepAScheduleThatEndsAsTheMessageSays) {
  TrainingOptions options = this->options("model");
  options.schedule = "cosine:warmup=2";
  options.epochs = 2;
  run_training(options, {});
  options.resume = true;
  options.epochs = 3;
  const std::string message =
      test::message_of<base::UsageError>([&] { run_training(options, {}); });
  const std::string hint =
      "--schedule cosine:warmup=2,updates=10,end=0 goes on with it; after its last update the "
      "rate stays";
  EXPECT_TRUE(message.ends_with(
      "schedule of the learning rate (--schedule) of the training that is resumed: got "
      "'cosine:warmup=2,updates=15,end=0', expected 'cosine:warmup=2,updates=10,end=0'; " +
      hint))
      << message;
  options.schedule = "cosine:warmup=2,updates=10,end=0";
  std::vector<double> rates;
  const TrainingSummary rest = run_training(
      options,
      {.step = [&](const StepReport& report, std::uint64_t) { rates.push_back(report.rate); }});
  EXPECT_EQ(rest.result.steps, 15U);
  EXPECT_EQ(rates, std::vector<double>(5, 0.0));
}

TEST_F(Training, AnotherMetricIsNamedBeforeWhatFollowsFromIt) {
  TrainingOptions options = this->options("model");
  run_training(options, {});
  options.resume = true;
  options.metric = "token_accuracy";
  const std::string message =
      test::message_of<base::UsageError>([&] { run_training(options, {}); });
  EXPECT_TRUE(
      message.ends_with("metric that says what is best (--metric) of the training that is "
                        "resumed: got 'token_accuracy', expected 'loss'"))
      << message;
}

// A metric of labels that the first held-out instance lacks.
TEST_F(Training, MetricsAreKnownFromAllHeldOutData) {
  TrainingOptions options = this->options("model");
  options.data.model = "tree_lstm";
  options.data.data = folder_.write("trees", "(4 (1 a) (3 b))\n(2 (3 b) (1 a))\n");
  options.dev = folder_.write("held", "(_ (1 a) (3 b))\n(_ (_ a) (_ b))\n(2 (3 b) (1 a))\n");
  options.metric = "root_accuracy";
  options.epochs = 1;
  const TrainingSummary summary = run_training(options, {});
  ASSERT_TRUE(summary.result.best.has_value());
  options.dev = folder_.write("rootless", "(_ (1 a) (3 b))\n");
  options.out = folder_.path("other");
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[training] no such metric: got 'root_accuracy'; did you mean 'node_accuracy'?");
}

TEST_F(Training, WritesNoFileThatItReads) {
  TrainingOptions options = this->options("model");
  for (std::string TrainingOptions::*read :
       {&TrainingOptions::vocabulary, &TrainingOptions::policy_file, &TrainingOptions::dev,
        &TrainingOptions::class_weights}) {
    options = this->options("model");
    options.losses = folder_.path("file");
    options.*read = options.losses;
    EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
              "[training] file or folder to write: got '" + options.losses +
                  "', which is used for something else, expected one of its own");
  }
}

TEST_F(Training, FrozenParametersKeepTheirInitialValues) {
  TrainingOptions options = this->options("model");
  options.epochs = 1;
  options.dev.clear();
  options.frozen = {"embedding"};
  run_training(options, {});
  const TrainedModel trained = open_model(options.out);
  engine::WorkloadOptions data = options.data;
  data.vocabularies = trained.description.vocabularies;
  const engine::Workload initial = engine::open_workload(data);
  const graph::ParameterStore& before = initial.model->network().parameters();
  const graph::ParameterStore& after = trained.model->network().parameters();
  for (graph::ParameterId id = 0; id < before.size(); ++id) {
    const auto a = before[id].value.values();
    const auto b = after[after.find(before[id].name)].value.values();
    EXPECT_EQ(std::equal(a.begin(), a.end(), b.begin(), b.end()), before[id].name == "embedding")
        << before[id].name;
  }
}

TEST_F(Training, MessagesOfDataThatCannotBeTrainedOn) {
  TrainingOptions options = this->options("model");
  options.dev = "-";
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[held-out data] source: got standard input, expected a file, which can be read again "
            "by a run that is resumed");
  options = this->options("model");
  options.metric = "f1";
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[training] no such metric: got 'f1'; known are 'loss' 'token_accuracy'");
  options = this->options("model2");
  options.dropout = 1;
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[training] dropout: got 1.000000, expected 0 <= probability < 1");
  options = this->options("other");
  options.schedule = "cosine:warmup=20";
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[learning rate] updates: got 20, expected more than those of the warm-up");
  options = this->options("without");
  options.dev.clear();
  options.dev_target = "x.ja";
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[x.ja] translations of held-out data: got no held-out data (--dev), expected the data "
            "that they belong to");
  options.dev_target.clear();
  options.dev_labels = "x.idx";
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[x.idx] labels of held-out data: got no held-out data (--dev), expected the data that "
            "they belong to");
  options = this->options("pictures");
  options.data.model = "lenet5";
  options.min_count = 2;
  EXPECT_EQ(test::message_of<base::UsageError>([&] { run_training(options, {}); }),
            "[model lenet5] least count: got 2, expected none: pictures have no words");
}

TEST_F(Training, BleuIsThatOfGreedyTranslationsOfTheBestEpoch) {
  TrainingOptions options = this->options("nmt");
  options.data.model = "lstm_nmt";
  // Every word has its own.
  options.data.data = folder_.write("source", "a b c d e\nb c d e a\nc d e a b\nd e a b c\n");
  options.data.target = folder_.write("target", "A B C D E\nB C D E A\nC D E A B\nD E A B C\n");
  options.data.hidden = 16;
  options.dev = options.data.data;
  options.dev_target = options.data.target;
  options.epochs = 60;
  options.metric = "bleu";
  options.checkpoint_every = 0;
  const TrainingSummary summary = run_training(options, {});
  ASSERT_TRUE(summary.result.best.has_value());
  EXPECT_GT(summary.result.best->value, 0.5);
  EXPECT_EQ(open_model(options.out).description.metrics.at("bleu"), summary.result.best->value);
  EXPECT_LT(summary.result.history.front().metrics.at("bleu"), 0.3);
}

TEST(BetterOf, LossesAreBetterWhenLower) {
  EXPECT_EQ(better_of("loss"), Better::lower);
  EXPECT_EQ(better_of("perplexity"), Better::lower);
  EXPECT_EQ(better_of("q_error_p95"), Better::lower);
  EXPECT_EQ(better_of("span_f1"), Better::higher);
  EXPECT_EQ(better_of("root_accuracy"), Better::higher);
}

}  // namespace
}  // namespace sheaf::train
