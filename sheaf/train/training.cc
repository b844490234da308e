// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/training.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/passes/dropout.h"
#include "sheaf/train/deployed_model.h"
#include "sheaf/train/event_file.h"
#include "sheaf/train/loss_log.h"
#include "sheaf/train/shared_gradients.h"
#include "sheaf/train/streamed_gradients.h"
#include "sheaf/train/training_data.h"
#include "sheaf/train/training_loss.h"
#include "sheaf/train/training_policy.h"
#include "sheaf/train/training_recipe.h"

namespace sheaf::train {
namespace {

UpdateOptions update_options(const TrainingOptions& options, const nn::Model& model,
                             std::uint64_t steps) {
  std::vector<std::string> frozen = options.frozen;
  for (std::string& name : model.running_statistics()) frozen.push_back(std::move(name));
  return {.optimiser = options.optimiser,
          .rate = parse_learning_rate(options.schedule, options.rate, steps),
          .clip_norm = options.clip_norm,
          .clip_value = options.clip_value,
          .frozen = std::move(frozen)};
}

bool writes(const TrainingOptions& options) {
  return options.communicator == nullptr || options.communicator->rank() == 0;
}

// The event file of a training, or nothing where none is wanted.
class Events {
 public:
  explicit Events(const TrainingCallbacks& callbacks) : wall_time_(callbacks.wall_time) {}

  void open(const TrainingOptions& options, std::uint64_t step) {
    if (options.logdir.empty() || !writes(options)) return;
    file_ = options.resume ? std::make_unique<EventFile>(options.logdir, now(), step)
                           : std::make_unique<EventFile>(options.logdir, now());
  }

  void add(const StepReport& report) {
    if (!file_) return;
    const std::vector<Scalar> scalars = {{"train/loss", report.loss},
                                         {"train/gradient_norm", report.norm},
                                         {"train/learning_rate", report.rate}};
    file_->add(report.step, now(), scalars);
  }

  void add(const EpochRecord& record) {
    if (!file_) return;
    std::vector<Scalar> scalars = {{"train/epoch_loss", record.mean_loss()}};
    for (const auto& [name, value] : record.metrics) scalars.push_back({"dev/" + name, value});
    file_->add(record.step, now(), scalars);
  }

 private:
  [[nodiscard]] double now() const { return wall_time_ ? wall_time_() : 0; }

  std::function<double()> wall_time_;
  std::unique_ptr<EventFile> file_;
};

// What is written must be none of what is read, and no two the same.
void require_own_outputs(const TrainingOptions& options) {
  std::set<std::string> taken = {options.data.data,     options.data.target, options.data.lexicon,
                                 options.data.counts,   options.dev,         options.dev_target,
                                 options.data.labels,   options.dev_labels,  options.data.weights,
                                 options.class_weights, options.vocabulary,  options.policy_file};
  for (const std::string& output :
       {options.out, options.save_initial, options.losses, options.logdir}) {
    if (output.empty() || taken.insert(output).second) continue;
    throw base::UsageError({.place = "training",
                            .what = "file or folder to write",
                            .got = "'" + output + "', which is used for something else",
                            .expected = "one of its own"});
  }
}

// A run that goes on writes the folders that it wrote before.
void require_no_model(const TrainingOptions& options) {
  if (options.resume) return;
  for (const std::string& folder : {options.out, options.save_initial}) {
    std::error_code error;
    if (folder.empty() || !std::filesystem::exists(folder + "/model.json", error)) continue;
    throw base::UsageError({.place = folder,
                            .what = "folder to write a model into",
                            .got = "one that has a model",
                            .expected = "none",
                            .hint = "choose another folder, or remove that one"});
  }
}

// Where the gradients of a training come from: those of the model, joined with other processes',
// written down, and asked for by positions in the windows of a stream, as the options say.
class Sources {
 public:
  // `stream`: null where the data are in memory. `minibatches`: of an epoch.
  Sources(const TrainingOptions& options, const engine::Workload& workload, InstanceStream* stream,
          std::uint64_t minibatches)
      : own_(*workload.model, workload.instances, loss_options(options, workload),
             with_policy_table(options.session, options.policy_file, options.out, options.resume)) {
    require_own_table(own_, *workload.model,
                      options.policy_file.empty() ? policy_path(options.out) : options.policy_file);
    last_ = &own_;
    if (options.communicator != nullptr) last_ = &shared_.emplace(own_, *options.communicator);
    last_ = &logged_.emplace(*last_, writes(options) ? options.losses : "");
    if (stream != nullptr) last_ = &streamed_.emplace(*stream, own_, *last_, minibatches);
  }
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  [[nodiscard]] const ModelGradients& own() const { return own_; }
  [[nodiscard]] GradientSource& last() { return *last_; }

 private:
  ModelGradients own_;
  std::optional<SharedGradients> shared_;
  std::optional<LossLog> logged_;
  std::optional<StreamedGradients> streamed_;
  GradientSource* last_ = nullptr;
};

// Which metrics there are, one instance tells, unless it lacks the labels that one is of.
void require_measured(const std::string& metric, DeployedModel& deployed,
                      const std::vector<nn::Instance>& dev) {
  if (deployed.evaluate_on({dev[0]}).contains(metric)) return;
  require_metric(metric, deployed.evaluate_on(dev));
}

void count(const engine::StepReport& report, TrainingSummary& summary) {
  ++summary.updates;
  summary.nodes += report.nodes;
  summary.batches += report.batches;
  summary.schedule_ns += report.schedule_ns;
  summary.plan_ns += report.plan_ns;
  summary.execute_ns += report.execute_ns;
}

}  // namespace

Better better_of(const std::string& metric) {
  const bool lower = metric == "loss" || metric == "perplexity" || metric.starts_with("q_error");
  return lower ? Better::lower : Better::higher;
}

TrainingSummary run_training(const TrainingOptions& options, const TrainingCallbacks& callbacks) {
  require_own_outputs(options);
  std::unique_ptr<InstanceStream> stream;
  engine::Workload workload = open_data(options, stream);
  const std::uint64_t instances = stream ? stream->instances() : workload.instances.size();
  engine::PictureData held_out = open_held_out(options, workload.vocabularies);
  const std::vector<nn::Instance>& dev = held_out.instances;
  if (!dev.empty()) require_labels(*workload.model, options.dev, dev);
  graph::ParameterStore& parameters = workload.model->network().parameters();
  const std::string metric = options.metric.empty() && !dev.empty() ? "loss" : options.metric;
  DeployedModel deployed(options, workload, metric, held_out);
  const bool writes = train::writes(options);
  const std::uint64_t minibatches =
      minibatches_of(instances, std::max(options.batch, 1U), options.drop_last);
  Sources sources(options, workload, stream.get(), minibatches);
  const std::uint64_t steps = minibatches * options.epochs;
  Updater updater(update_options(options, *workload.model, steps), parameters);
  Events events(callbacks);
  TrainingSummary summary;
  const Trainer* running = nullptr;
  TrainCallbacks loop{.evaluate = {},
                      .step =
                          [&](const StepReport& report) {
                            events.add(report);
                            count(sources.own().report(), summary);
                            if (callbacks.step) callbacks.step(report, steps);
                          },
                      .epoch =
                          [&](const EpochRecord& record, std::uint64_t epoch, bool is_best) {
                            // Before the checkpoint: a run that is stopped between the two repeats
                            // the epoch, and saves the same again.
                            const bool best_so_far = is_best || !running->state().best;
                            if (writes && best_so_far)
                              deployed.save(options.out, epoch + 1, record);
                            events.add(record);
                            if (callbacks.epoch) callbacks.epoch(record, epoch, is_best);
                          },
                      .checkpoint = {},
                      .notice = callbacks.notice};
  if (!dev.empty()) loop.evaluate = [&] { return deployed.evaluate_on(dev); };
  if (!metric.empty() && !dev.empty()) require_measured(metric, deployed, dev);
  Trainer trainer(sources.last(), parameters, updater,
                  {.instances = static_cast<std::uint32_t>(instances),
                   .batch = options.batch,
                   .drop_last = options.drop_last,
                   .epochs = options.epochs,
                   .seed = options.data.seed,
                   .lengths = sizes_for_buckets(options, *workload.model, workload.instances),
                   .bucket = options.bucket,
                   .streamed = stream != nullptr,
                   .metric = metric,
                   .better = better_of(metric),
                   .patience = options.patience,
                   .unsaved = {passes::kDropoutKey, nn::kPixels},
                   .folder = options.out + "/checkpoints",
                   .writes = writes,
                   .checkpoint_every = options.checkpoint_every,
                   .resume = options.resume,
                   .recipe = recipe_of(options)},
                  std::move(loop));
  running = &trainer;
  if (writes) require_no_model(options);
  events.open(options, trainer.state().step);
  if (writes && !options.save_initial.empty() && trainer.state().step == 0) {
    deployed.save(options.save_initial, 0, {});
  }
  if (writes) save_policy_table(sources.own(), options.out);
  if (writes) deployed.keep_lexicon(options.out);
  summary.result = trainer.run();
  summary.metric = metric;
  summary.instances = instances;
  summary.dev_instances = dev.size();
  summary.parameters = deployed.size();
  summary.last_digest = deployed.digest();
  trainer.use_best();
  summary.best_digest = deployed.digest();
  // Once more, since a run that is resumed may find another folder, or none.
  const auto& history = summary.result.history;
  if (writes && !history.empty()) {
    const std::uint64_t epoch =
        summary.result.best ? summary.result.best->epoch : history.size() - 1;
    deployed.save(options.out, epoch + 1, history[epoch]);
  }
  return summary;
}

}  // namespace sheaf::train
