// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/training.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/engine/model_data.h"
#include "sheaf/engine/picture_data.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/io/digest.h"
#include "sheaf/io/file.h"
#include "sheaf/io/random_data.h"
#include "sheaf/passes/dropout.h"
#include "sheaf/train/class_weights.h"
#include "sheaf/train/copy_weights.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/event_file.h"
#include "sheaf/train/loss_log.h"
#include "sheaf/train/model_folder.h"
#include "sheaf/train/shared_gradients.h"
#include "sheaf/train/streamed_gradients.h"
#include "sheaf/train/tag_decoder.h"
#include "sheaf/train/training_policy.h"
#include "sheaf/train/translations.h"

namespace sheaf::train {
namespace {

using nlohmann::ordered_json;

// What a file holds, so that a training is not resumed on other data; of random data their name.
std::string digest_of_data(const std::string& path) {
  if (path.empty() || io::is_random_data(path)) return path;
  return io::digest_of_file(path);
}

std::string digest_of_names(const nn::Vocabularies& names) {
  io::Sha256 sha;
  for (const nn::Vocabulary* of : {&names.words, &names.characters, &names.target, &names.labels}) {
    for (const std::string& name : *of) sha.update(name + '\n');
    sha.update(std::string_view("\n"));
  }
  return sha.hex();
}

bool has_pictures(const TrainingOptions& options) {
  return engine::model_data(options.data.model).kind == engine::DataKind::pictures;
}

// Held-out data, which are read with the names of the training data.
engine::WorkloadOptions dev_data(const TrainingOptions& options, const nn::Vocabularies& names) {
  engine::WorkloadOptions data = options.data;
  data.data = options.dev;
  data.target = options.dev_target;
  data.labels = options.dev_labels;
  data.weights.clear();
  data.encode.clear();
  data.vocabularies = names;
  return data;
}

constexpr const char* kBalanced = "balanced";

bool is_balanced(const TrainingOptions& options) { return options.class_weights == kBalanced; }

std::string loss_name(const TrainingOptions& options) {
  if (!options.loss.empty()) return options.loss;
  return options.data.model == "lac" ? "crf" : "cross_entropy";
}

Loss parse_loss(const std::string& name) {
  static const std::array<std::string, 3> kNames = {"cross_entropy", "hinge", "crf"};
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  if (it != kNames.end()) return static_cast<Loss>(it - kNames.begin());
  throw base::UsageError({.place = "training",
                          .what = "unknown loss",
                          .got = "'" + name + "'",
                          .hint = base::suggest(name, kNames)});
}

// What the result depends on beside the options of loop and updater.
ordered_json recipe_of(const TrainingOptions& options) {
  const engine::WorkloadOptions& data = options.data;
  const bool pictures = has_pictures(options);
  ordered_json recipe;
  recipe["model"] = data.model;
  recipe["data"] = digest_of_data(data.data);
  recipe["format"] = data.format;
  recipe["lexicon"] = digest_of_data(data.lexicon);
  recipe["target"] = digest_of_data(data.target);
  recipe["target_rows"] = data.target_rows ? ordered_json(*data.target_rows) : ordered_json();
  recipe["counts"] = digest_of_data(data.counts);
  recipe["weights"] = digest_of_data(data.weights);
  recipe["hidden"] = data.hidden ? ordered_json(*data.hidden) : ordered_json();
  recipe["min_count"] = options.min_count ? ordered_json(*options.min_count) : ordered_json();
  recipe["encode"] = data.encode;
  recipe["loss"] = loss_name(options);
  recipe["class_weights"] =
      is_balanced(options) ? kBalanced : digest_of_data(options.class_weights);
  recipe["decode"] = options.decode;
  recipe["dropout"] = options.dropout;
  recipe["dev"] = digest_of_data(options.dev);
  recipe["dev_target"] = digest_of_data(options.dev_target);
  if (pictures) recipe["labels"] = digest_of_data(engine::labels_path(data));
  if (pictures && !options.dev.empty()) {
    recipe["dev_labels"] = digest_of_data(engine::labels_path(dev_data(options, {})));
  }
  if (!options.vocabulary.empty()) {
    recipe["vocabulary"] = digest_of_names(read_vocabularies(options.vocabulary));
  }
  if (options.stream_window) {
    recipe["stream"] = {{"window", *options.stream_window}, {"block", options.stream_block_bytes}};
  }
  return recipe;
}

engine::WorkloadOptions with_vocabularies(const TrainingOptions& options) {
  engine::WorkloadOptions data = options.data;
  data.crf = parse_loss(loss_name(options)) == Loss::crf;
  if (data.model == "lac" && !data.crf) {
    throw base::UsageError({.place = "model lac",
                            .what = "loss",
                            .got = "'" + loss_name(options) + "'",
                            .expected = "'crf'"});
  }
  if (!options.vocabulary.empty()) {
    if (!data.weights.empty() || options.min_count) {
      throw base::UsageError({.place = "training",
                              .what = "vocabulary",
                              .got = "a file of it, and weights or a least count",
                              .expected = "one of them"});
    }
    data.vocabularies = read_vocabularies(options.vocabulary);
  } else if (data.weights.empty()) {
    data.vocabularies = engine::build_vocabularies(data, {.min_count = options.min_count});
  }
  return data;
}

// The data of a training that need not fit into memory; `workload` gets the model, and instances
// that show what its graphs are like.
std::unique_ptr<InstanceStream> open_stream(const TrainingOptions& options,
                                            engine::Workload& workload) {
  engine::WorkloadOptions data = with_vocabularies(options);
  workload = engine::open_model(data);
  data.vocabularies = workload.vocabularies;
  data.weights.clear();
  data.encode.clear();
  auto stream = std::make_unique<InstanceStream>(
      data, StreamOptions{.shuffle_seed = data.seed,
                          .block_bytes = options.stream_block_bytes,
                          .window_blocks = *options.stream_window});
  workload.instances = stream->sample();
  return stream;
}

engine::Workload open_data(const TrainingOptions& options,
                           std::unique_ptr<InstanceStream>& stream) {
  engine::Workload workload;
  if (options.stream_window) {
    stream = open_stream(options, workload);
  } else {
    workload = engine::open_workload(with_vocabularies(options));
  }
  if (workload.instances.empty()) {
    throw base::DataError({.place = options.data.data, .what = "instances", .got = "none"});
  }
  return workload;
}

// Held-out data, and, of pictures, their pixels.
engine::PictureData open_dev(const TrainingOptions& options, const nn::Vocabularies& vocabularies) {
  if (options.dev.empty()) return {};
  if (options.dev == "-") {
    throw base::UsageError(
        {.place = "held-out data",
         .what = "source",
         .got = "standard input",
         .expected = "a file, which can be read again by a run that is resumed"});
  }
  if (!options.data.target.empty() && options.dev_target.empty()) {
    throw base::UsageError({.place = "held-out data",
                            .what = "translations",
                            .got = "none",
                            .expected = "a file of them (--dev-target)"});
  }
  const engine::WorkloadOptions data = dev_data(options, vocabularies);
  if (has_pictures(options)) return engine::read_pictures(data);
  engine::PictureData dev;
  dev.instances = engine::read_instances(data);
  if (!dev.instances.empty()) return dev;
  throw base::DataError({.place = options.dev, .what = "instances", .got = "none"});
}

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

// The event file of a training, or nothing where none is wanted.
class Events {
 public:
  explicit Events(const TrainingCallbacks& callbacks) : wall_time_(callbacks.wall_time) {}

  void open(const TrainingOptions& options, std::uint64_t step) {
    if (options.logdir.empty()) return;
    if (options.communicator != nullptr && options.communicator->rank() != 0) return;
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

std::vector<float> class_weights(const TrainingOptions& options, const engine::Workload& workload) {
  if (options.class_weights.empty()) return {};
  const nn::Vocabularies& names = workload.vocabularies;
  const nn::Vocabulary& labels = names.target.empty() ? names.labels : names.target;
  if (is_balanced(options)) {
    if (options.stream_window) {
      throw base::UsageError({.place = "weights of classes",
                              .what = "labels to balance",
                              .got = "data that are streamed",
                              .expected = "data that are read as a whole",
                              .hint = "give a file of weights"});
    }
    return balanced_weights(*workload.model, workload.instances,
                            static_cast<std::uint32_t>(labels.size()));
  }
  return parse_class_weights(io::read_file(options.class_weights), options.class_weights, labels);
}

LossOptions loss_options(const TrainingOptions& options, const engine::Workload& workload) {
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    throw base::UsageError({.place = "training",
                            .what = "dropout",
                            .got = std::to_string(options.dropout),
                            .expected = "0 <= probability < 1"});
  }
  const auto p = static_cast<float>(options.dropout);
  engine::ShardRange shards{0};
  if (options.communicator != nullptr) {
    shards = shards_of(shards.count, options.communicator->rank(), options.communicator->size());
  }
  return {.loss = parse_loss(loss_name(options)),
          .class_weights = class_weights(options, workload),
          .shards = shards,
          .dropout_lookups = p,
          .dropout_heads = p,
          .seed = options.data.seed};
}

// Nodes of every instance, where minibatches are to hold instances of similar size.
std::vector<std::uint32_t> sizes_for_buckets(const TrainingOptions& options, const nn::Model& model,
                                             const std::vector<nn::Instance>& instances) {
  std::vector<std::uint32_t> sizes;
  if (options.bucket == 0 || options.stream_window) return sizes;
  graph::Graph graph(model.network());
  for (const nn::Instance& instance : instances) {
    graph.clear();
    model.append(instance, 0, graph);
    sizes.push_back(static_cast<std::uint32_t>(graph.size()));
  }
  return sizes;
}

// Some output must have a right answer.
void require_labels(const nn::Model& model, const std::string& place,
                    const std::vector<nn::Instance>& instances) {
  std::vector<std::uint32_t> labels;
  for (const nn::Instance& instance : instances) {
    model.targets(instance, labels);
    for (const std::uint32_t label : labels) {
      if (label != nn::kNoLabel) return;
    }
    labels.clear();
  }
  throw base::DataError(
      {.place = place, .what = "gold labels", .got = "none", .expected = "one or more"});
}

// What is written must be none of what is read, and no two the same.
void require_own_outputs(const TrainingOptions& options) {
  std::set<std::string> taken = {options.data.data,    options.data.target, options.data.lexicon,
                                 options.data.counts,  options.dev,         options.dev_target,
                                 options.data.labels,  options.dev_labels,  options.data.weights,
                                 options.class_weights};
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

// The model as it is used when it has been trained: without losses, gradients and dropout. It gets
// the weights of the one in training when it is asked something.
class Deployed {
 public:
  // `metric`: that says which epoch is best; empty: the last one is taken. Pictures are looked up
  // in `dev`, which may have none.
  Deployed(const TrainingOptions& options, const engine::Workload& workload, std::string metric,
           engine::PictureData& dev)
      : metric_(std::move(metric)),
        trained_(workload.model->network().parameters()),
        vocabularies_(workload.vocabularies),
        description_{.model = options.data.model,
                     .sizes = workload.sizes,
                     .format = options.data.format,
                     .lexicon = options.data.lexicon,
                     .lexicon_sha256 = digest_of_data(options.data.lexicon),
                     .decode = {},
                     .metrics = {},
                     .vocabularies = workload.vocabularies},
        model_(dev.height == 0 ? nn::make_model(options.data.model, description_.sizes)
                               : engine::make_picture_model(options.data.model, description_.sizes,
                                                            dev, options.dev)) {
    description_.decode =
        options.decode.empty()
            ? default_decode(*workload.model, workload.instances, vocabularies_.labels)
            : parse_decode(options.decode);
    take_weights();
    // Refuses a way of decoding that does not fit.
    static_cast<void>(TagDecoder(*model_, vocabularies_.labels, description_.decode));
    options_ = options.session;
    options_.keep = memory_plan::Keep::outputs;
    // The table of a training is of other types.
    if (options_.policy == "fsm") options_.policy = batching::kDefaultPolicy;
  }

  [[nodiscard]] Metrics evaluate_on(const std::vector<nn::Instance>& instances) {
    take_weights();
    if (!session_) session_ = engine::compile(model_->network(), options_);
    Metrics metrics =
        evaluate(*model_, instances, vocabularies_, *session_, {.decode = description_.decode})
            .metrics;
    const nn::LstmNmt* translator = metric_ == "bleu" ? as_translator(*model_) : nullptr;
    if (translator != nullptr) {
      metrics["bleu"] = greedy_bleu(*translator, instances, vocabularies_.target, options_);
    }
    return metrics;
  }

  [[nodiscard]] std::string digest() {
    take_weights();
    io::Sha256 sha;
    for (const graph::Parameter& p : model_->network().parameters()) {
      if (!nn::is_data(p.name)) sha.update(p.value.values());
    }
    return sha.hex();
  }

  [[nodiscard]] std::uint64_t size() const {
    std::uint64_t numbers = 0;
    for (const graph::Parameter& p : model_->network().parameters()) {
      if (!nn::is_data(p.name)) numbers += p.value.shape().size();
    }
    return numbers;
  }

  // At once, before the list can change.
  void keep_lexicon(const std::string& folder) const { train::keep_lexicon(folder, description_); }

  // With what was measured at the end of the epoch whose weights they are, counted from 1; 0: none
  // has ended.
  void save(const std::string& folder, std::uint64_t epoch, const EpochRecord& record) {
    take_weights();
    description_.metrics = record.metrics;
    description_.training = TrainingFigures{
        .epoch = epoch, .updates = record.step, .loss = record.mean_loss(), .metric = metric_};
    save_model(folder, *model_, description_);
  }

 private:
  void take_weights() { copy_weights(trained_, model_->network().parameters()); }

  std::string metric_;
  const graph::ParameterStore& trained_;
  const nn::Vocabularies& vocabularies_;
  ModelDescription description_;
  std::unique_ptr<nn::Model> model_;
  engine::Options options_;
  std::unique_ptr<engine::Session> session_;
};

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
  engine::PictureData held_out = open_dev(options, workload.vocabularies);
  const std::vector<nn::Instance>& dev = held_out.instances;
  require_labels(*workload.model, options.data.data, workload.instances);
  if (!dev.empty()) require_labels(*workload.model, options.dev, dev);
  graph::ParameterStore& parameters = workload.model->network().parameters();
  const std::string metric = options.metric.empty() && !dev.empty() ? "loss" : options.metric;
  Deployed deployed(options, workload, metric, held_out);
  const bool writes = options.communicator == nullptr || options.communicator->rank() == 0;
  ModelGradients own(
      *workload.model, workload.instances, loss_options(options, workload),
      with_policy_table(options.session, options.policy_file, options.out, options.resume));
  require_own_table(own, *workload.model,
                    options.policy_file.empty() ? policy_path(options.out) : options.policy_file);
  std::optional<SharedGradients> shared;
  if (options.communicator != nullptr) shared.emplace(own, *options.communicator);
  GradientSource& gradients = shared ? static_cast<GradientSource&>(*shared) : own;
  LossLog logged(gradients, writes ? options.losses : "");
  const std::uint64_t minibatches =
      minibatches_of(instances, std::max(options.batch, 1U), options.drop_last);
  std::optional<StreamedGradients> streamed;
  if (stream) streamed.emplace(*stream, own, logged, minibatches);
  GradientSource& source = streamed ? static_cast<GradientSource&>(*streamed) : logged;
  const std::uint64_t steps = minibatches * options.epochs;
  Updater updater(update_options(options, *workload.model, steps), parameters);
  Events events(callbacks);
  TrainingSummary summary;
  const Trainer* running = nullptr;
  TrainCallbacks loop{.evaluate = {},
                      .step =
                          [&](const StepReport& report) {
                            events.add(report);
                            count(own.report(), summary);
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
  // Which metrics there are, one instance tells.
  if (!metric.empty() && !dev.empty()) require_metric(metric, deployed.evaluate_on({dev[0]}));
  Trainer trainer(source, parameters, updater,
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
  if (writes) save_policy_table(own, options.out);
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
