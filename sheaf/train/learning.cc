// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/learning.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/engine/workload.h"
#include "sheaf/nn/bag_of_leaves.h"
#include "sheaf/nn/tree_lstm.h"
#include "sheaf/passes/dropout.h"
#include "sheaf/train/copy_weights.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/model_gradients.h"
#include "sheaf/train/trainer.h"

namespace sheaf::train {
namespace {

std::uint32_t root_label(const nn::Instance& instance) {
  return std::get<nn::Tree>(instance).nodes.back().label;
}

// Ends a training from within its callbacks, which the trainer allows.
struct TimeIsUp {};

// Time in which the model learns: while it is not stopped.
class Stopwatch {
 public:
  explicit Stopwatch(const base::Clock& clock) : clock_(clock), began_(clock.now_ns()) {}

  void stop() { spent_ += clock_.now_ns() - began_; }
  void go_on() { began_ = clock_.now_ns(); }
  // Of a watch that is stopped.
  [[nodiscard]] double seconds() const { return static_cast<double>(spent_) * 1e-9; }

 private:
  const base::Clock& clock_;
  std::uint64_t began_;
  std::uint64_t spent_ = 0;
};

// Forget gates that begin open let what the leaves say arrive at the root (Jozefowicz, Zaremba and
// Sutskever, ICML 2015, with 1). Binary trees of long lists are chains: s(4) halves a value in 38
// nodes, s(0) in one.
void open_forget_gates(graph::ParameterStore& parameters) {
  for (float& bias : parameters.change(parameters.find("node.b_f"))) bias += 4;
}

// The model as it is without dropout and gradients, with the weights that another has learned.
class Examiner {
 public:
  Examiner(const Contestant& contestant, const LearningData& data, engine::Options options)
      : data_(data), model_(contestant.make()) {
    options.keep = memory_plan::Keep::outputs;
    session_ = engine::compile(model_->network(), std::move(options));
  }

  Metrics examine(const graph::ParameterStore& learned) {
    copy_weights(learned, model_->network().parameters());
    return evaluate(*model_, data_.dev, data_.vocabularies, *session_).metrics;
  }

 private:
  const LearningData& data_;
  std::unique_ptr<nn::Model> model_;
  std::unique_ptr<engine::Session> session_;
};

UpdateOptions update_options(const LearningOptions& options, std::uint64_t steps) {
  return {.optimiser = options.optimiser,
          .rate = {.kind = LearningRate::Kind::linear, .base = options.rate, .updates = steps},
          .clip_norm = options.clip_norm,
          .clip_value = 0,
          .frozen = {}};
}

std::uint64_t numbers_in(const graph::ParameterStore& parameters) {
  std::uint64_t numbers = 0;
  for (const graph::Parameter& parameter : parameters) numbers += parameter.stored_shape().size();
  return numbers;
}

double accuracy_of(const EpochRecord& record) {
  const auto accuracy = record.metrics.find("root_accuracy");
  if (accuracy != record.metrics.end()) return accuracy->second;
  throw base::DataError({.place = "held-out trees",
                         .what = "labels of roots",
                         .got = "none",
                         .expected = "one or more"});
}

}  // namespace

double LearningData::majority_accuracy() const {
  std::vector<std::uint64_t> counts(vocabularies.labels.size());
  for (const nn::Instance& instance : train) {
    if (root_label(instance) != nn::kNoLabel) ++counts.at(root_label(instance));
  }
  const auto label =
      static_cast<std::uint32_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  Accuracy accuracy;
  for (const nn::Instance& instance : dev) accuracy.add(root_label(instance), label);
  return accuracy.value();
}

LearningData read_learning_data(const std::string& train, const std::string& dev,
                                std::uint32_t min_count) {
  engine::WorkloadOptions options{.model = "tree_lstm", .data = train};
  options.vocabularies = engine::build_vocabularies(options, {.min_count = min_count});
  LearningData data;
  data.train = engine::read_instances(options);
  options.data = dev;
  data.dev = engine::read_instances(options);
  data.vocabularies = *options.vocabularies;
  for (const auto& [path, instances] : {std::pair(&train, &data.train), {&dev, &data.dev}}) {
    if (!instances->empty()) continue;
    throw base::DataError({.place = *path, .what = "trees", .got = "none", .expected = "some"});
  }
  return data;
}

std::vector<Contestant> tree_contestants(const LearningData& data, std::uint32_t hidden,
                                         std::uint64_t seed) {
  const nn::ModelOptions sizes = engine::model_options(hidden, seed, data.vocabularies);
  const nn::Vocabularies& names = data.vocabularies;
  std::vector<Contestant> contestants;
  contestants.push_back({"Bag of leaves", [sizes, seed, &names]() -> std::unique_ptr<nn::Model> {
                           auto model = std::make_unique<nn::BagOfLeaves>(sizes);
                           nn::initialise(model->network().parameters(), seed, names);
                           return model;
                         }});
  contestants.push_back({"Tree-LSTM", [sizes, seed, &names]() -> std::unique_ptr<nn::Model> {
                           auto model = std::make_unique<nn::TreeLstm>(sizes);
                           nn::initialise(model->network().parameters(), seed, names);
                           open_forget_gates(model->network().parameters());
                           return model;
                         }});
  return contestants;
}

LearningCurve learn(const Contestant& contestant, const LearningData& data,
                    const LearningOptions& options, const base::Clock& clock,
                    const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const std::unique_ptr<nn::Model> model = contestant.make();
  graph::ParameterStore& parameters = model->network().parameters();
  LearningCurve curve{.name = contestant.name, .parameters = numbers_in(parameters), .points = {}};
  Examiner examiner(contestant, data, options.session);
  ModelGradients source(*model, data.train,
                        {.class_weights = {},
                         .dropout_lookups = options.dropout_lookups,
                         .dropout_heads = options.dropout_heads,
                         .seed = options.seed},
                        options.session);
  const std::uint64_t minibatches =
      (data.train.size() + options.batch - 1) / std::max(options.batch, 1U);
  const std::uint64_t steps = minibatches * options.epochs;
  Updater updater(update_options(options, steps), parameters);
  Stopwatch watch(clock);
  TrainCallbacks callbacks;
  callbacks.evaluate = [&] {
    watch.stop();
    return examiner.examine(parameters);
  };
  callbacks.step = [&](const StepReport& report) {
    if (progress) progress(report.step, steps);
  };
  callbacks.epoch = [&](const EpochRecord& record, std::uint64_t /*epoch*/, bool /*is_best*/) {
    curve.points.push_back({watch.seconds(), record.mean_loss(), accuracy_of(record)});
    if (options.most_seconds > 0 && watch.seconds() >= options.most_seconds) throw TimeIsUp{};
    watch.go_on();
  };
  TrainOptions loop;
  loop.instances = static_cast<std::uint32_t>(data.train.size());
  loop.batch = options.batch;
  loop.epochs = options.epochs;
  loop.seed = options.seed;
  loop.unsaved = {passes::kDropoutKey};
  try {
    Trainer(source, parameters, updater, loop, std::move(callbacks)).run();
  } catch (const TimeIsUp&) {
    // What has been learned until then is the result.
  }
  if (!curve.points.empty() && curve.points.back().seconds > 0) {
    const auto trees = static_cast<double>(data.train.size() * curve.points.size());
    curve.trees_per_s = trees / curve.points.back().seconds;
  }
  return curve;
}

}  // namespace sheaf::train
