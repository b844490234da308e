// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "apps/cli/options.h"
#include "apps/cli/print_json.h"
#include "apps/cli/progress.h"
#include "apps/cli/verbs.h"
#include "sheaf/nn/picture_models.h"
#include "sheaf/train/instance_stream.h"
#include "sheaf/train/training.h"

namespace sheaf::cli {
namespace {

struct TrainFlags {
  train::TrainingOptions options;
  std::uint32_t threads = 1;
  bool stream = false;
  std::uint32_t shuffle_window = train::StreamOptions{}.window_blocks;
  bool json = false;
};

std::string to_text(const train::EpochRecord& record, std::uint64_t epoch, bool is_best) {
  std::string text = fmt::format("epoch {}: loss {:.5g}", epoch + 1, record.mean_loss());
  for (const auto& [name, value] : record.metrics)
    text += fmt::format(", dev {} {:.5g}", name, value);
  return text + (is_best ? " (best)" : "");
}

nlohmann::ordered_json to_json(const TrainFlags& flags, const train::TrainingSummary& summary,
                               double seconds) {
  const train::TrainResult& result = summary.result;
  nlohmann::ordered_json json;
  json["model"] = flags.options.data.model;
  json["data"] = flags.options.data.data;
  json["instances"] = summary.instances;
  if (!flags.options.dev.empty()) {
    json["dev"] = flags.options.dev;
    json["dev_instances"] = summary.dev_instances;
  }
  json["parameters"] = summary.parameters;
  json["epochs"] = result.history.size();
  json["steps"] = result.steps;
  json["stopped_early"] = result.stopped_early;
  if (result.best) {
    json["best"] = {{"epoch", result.best->epoch + 1},
                    {"metric", summary.metric},
                    {"value", result.best->value}};
  }
  json["history"] = nlohmann::ordered_json::array();
  for (const train::EpochRecord& record : result.history) {
    nlohmann::ordered_json entry = {{"step", record.step}, {"loss", record.mean_loss()}};
    for (const auto& [name, value] : record.metrics) entry["dev"][name] = value;
    json["history"].push_back(std::move(entry));
  }
  json["out"] = flags.options.out;
  json["digest"] = summary.best_digest;
  json["last_digest"] = summary.last_digest;
  json["seconds"] = seconds;
  json["policy"] = flags.options.session.policy;
  json["updates"] = {{"count", summary.updates},
                     {"nodes", summary.nodes},
                     {"batches", summary.batches},
                     {"schedule_ms", static_cast<double>(summary.schedule_ns) * 1e-6},
                     {"plan_ms", static_cast<double>(summary.plan_ns) * 1e-6},
                     {"execute_ms", static_cast<double>(summary.execute_ns) * 1e-6}};
  return json;
}

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

void run(TrainFlags flags) {
  std::optional<base::ThreadPool> pool;
  if (flags.threads > 1) flags.options.session.pool = &pool.emplace(flags.threads);
  if (flags.stream) flags.options.stream_window = flags.shuffle_window;
  const base::ThreadCpuClock stage_clock;
  flags.options.session.clock = &stage_clock;
  const base::WallClock clock;
  const std::uint64_t began = clock.now_ns();
  std::optional<ProgressBar> bar;
  const auto print = [&](const std::string& text) {
    if (bar) bar->clear();
    fmt::print(stderr, "sheaf: {}\n", text);
  };
  const train::TrainingCallbacks callbacks{
      .step =
          [&](const train::StepReport& report, std::uint64_t steps) {
            if (!bar) bar.emplace("updates", steps);
            bar->show(report.step, [&] {
              return fmt::format("epoch {}, loss {:.4f}", report.epoch + 1, report.epoch_loss);
            });
          },
      .epoch = [&](const train::EpochRecord& record, std::uint64_t epoch,
                   bool is_best) { print(to_text(record, epoch, is_best)); },
      .notice = print,
      .wall_time = seconds_since_1970};
  const std::unique_ptr<train::Communicator> ranks = train::mpi_communicator();
  flags.options.communicator = ranks.get();
  if (ranks && ranks->rank() != 0) {
    train::run_training(flags.options, {});
    return;
  }
  const train::TrainingSummary summary = train::run_training(flags.options, callbacks);
  bar.reset();
  const double seconds = static_cast<double>(clock.now_ns() - began) * 1e-9;
  if (flags.json) {
    print_json(to_json(flags, summary, seconds));
    return;
  }
  fmt::print("{}: {} epochs, {} updates of {} numbers in {:.1f} s", flags.options.out,
             summary.result.history.size(), summary.result.steps, summary.parameters, seconds);
  if (summary.result.stopped_early) fmt::print("; stopped early");
  if (summary.result.best) {
    fmt::print("; best {} {:.5g} in epoch {}", summary.metric, summary.result.best->value,
               summary.result.best->epoch + 1);
  }
  fmt::print("\n");
}

void add_data_options(CLI::App& verb, train::TrainingOptions& options) {
  std::string models;
  for (const std::string& name : nn::model_names()) models += (models.empty() ? "" : ", ") + name;
  for (const std::string& name : nn::picture_model_names()) models += ", " + name;
  verb.add_option("--model", options.data.model, models)->required();
  verb.add_option("--data", options.data.data,
                  "Training data with gold labels (see sheaf run --help for formats)")
      ->required();
  verb.add_option("--dev", options.dev, "Held-out data, evaluated after every epoch");
  verb.add_option("--format", options.data.format, "Format of the data; auto: by model")
      ->capture_default_str();
  verb.add_option("--lexicon", options.data.lexicon,
                  "Word list with which to make lattices of text");
  verb.add_option("--target", options.data.target, "lstm_nmt: the translations, line by line");
  verb.add_option("--dev-target", options.dev_target, "lstm_nmt: those of --dev");
  verb.add_option(
      "--labels", options.data.labels,
      "lenet5, vgg8: labels of the pictures (IDX; default: train-labels-idx1-ubyte[.gz] "
      "beside train-images-idx3-ubyte[.gz])");
  verb.add_option("--dev-labels", options.dev_labels, "lenet5, vgg8: those of --dev");
  verb.add_option("--min-count", options.min_count,
                  "Words that the data have less often have no row (default 1)");
  verb.add_option(
      "--vocabulary", options.vocabulary,
      "Model folder, or file like its model.json, with the vocabularies; default: built "
      "from the data, of which the first pass is made then");
  verb.add_option("--hidden", options.data.hidden, "Hidden size (default 256)");
  verb.add_option("--weights", options.data.weights,
                  "Weights to begin with (safetensors), with their vocabularies; default: random");
  verb.add_option("--seed", options.data.seed, "Seed of random weights and of shuffling")
      ->capture_default_str();
}

void add_stream_options(CLI::App& verb, TrainFlags& flags) {
  auto* stream = verb.add_flag("--stream", flags.stream,
                               "Read --data window by window, as it is trained on: for files that "
                               "are larger than the memory; no pictures, no --bucket, no "
                               "--class-weights balanced");
  verb.add_option("--shuffle-window", flags.shuffle_window,
                  "With --stream: so many blocks of 1 MiB, from anywhere in the file, are in "
                  "memory and shuffled together")
      ->needs(stream)
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
}

void add_update_options(CLI::App& verb, train::TrainingOptions& options) {
  verb.add_option("--optimiser", options.optimiser.name,
                  "sgd, momentum, adagrad, adam or adamw, as torch.optim has them")
      ->capture_default_str();
  verb.add_option("--momentum", options.optimiser.momentum,
                  "sgd, momentum: share of the last step that is kept (default 0; momentum: 0.9)");
  verb.add_flag("--nesterov", options.optimiser.nesterov, "sgd, momentum: Nesterov's");
  verb.add_option("--lr", options.rate, "Learning rate")->capture_default_str();
  verb.add_option(
          "--schedule", options.schedule,
          "constant, step, cosine, linear or inverse_sqrt, then :key=value,... with the "
          "keys warmup, updates (default: those of all epochs; to resume with more epochs, name "
          "the number that the run began with), every, factor and end; in updates")
      ->capture_default_str();
  verb.add_option("--weight-decay", options.optimiser.weight_decay,
                  "adamw: decoupled; others: L2, added to the gradient")
      ->capture_default_str();
  verb.add_option("--clip", options.clip_norm, "Largest norm of all gradients together; 0: any")
      ->capture_default_str();
  verb.add_option("--loss", options.loss,
                  "cross_entropy (default), hinge, or crf: of taggers and lattices, the likelihood "
                  "of a sentence's tags with learned transitions (default of lac)");
  verb.add_option("--class-weights", options.class_weights,
                  "Weights of the labels in cross_entropy: a file of lines 'LABEL WEIGHT', or "
                  "balanced: the rarer, the heavier")
      ->type_name("FILE|balanced");
  verb.add_option("--decode", options.decode,
                  "How taggers find tags, on --dev and later: greedy, viterbi (of crf), or legal: "
                  "the best sequence that BMES or BIO tags allow (default: legal where 99 of "
                  "100 training sequences are, else viterbi of crf, else greedy)");
  verb.add_option("--dropout", options.dropout,
                  "Probability that a value of a look-up, or one that a head reads, is dropped")
      ->capture_default_str();
  verb.add_option("--freeze", options.frozen, "Parameters whose names match keep their values")
      ->type_name("PATTERN")
      ->take_all();
}

}  // namespace

void add_train(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "train", "Train a model on data with gold labels; write the best weights as a model folder");
  const auto flags = std::make_shared<TrainFlags>();
  train::TrainingOptions& options = flags->options;
  add_data_options(*verb, options);
  add_stream_options(*verb, *flags);
  add_update_options(*verb, options);
  verb->add_option("--epochs", options.epochs, "Times that the data are gone over")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U))
      ->capture_default_str();
  verb->add_option("--batch", options.batch, "Instances per minibatch")
      ->check(CLI::Range(1U, 1U << 20U))
      ->capture_default_str();
  verb->add_option("--bucket", options.bucket,
                   "Sort so many minibatches' instances by size, so that each holds similar ones; "
                   "0: do not, batching does not need it")
      ->check(CLI::Range(0U, 1U << 20U))
      ->capture_default_str();
  verb->add_flag("--drop-last", options.drop_last,
                 "Leave out what does not fill the last minibatch of an epoch");
  verb->add_option(
      "--metric", options.metric,
      "Which metric on --dev says what epoch is best (default loss; those of sheaf eval; bleu "
      "translates --dev after every epoch)");
  verb->add_option("--patience", options.patience,
                   "Stop after so many epochs in a row that are not better; 0: never")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 40U))
      ->capture_default_str();
  verb->add_option(
          "--out", options.out,
          "Folder of the model, and of its checkpoints; refused where it has those of another "
          "training")
      ->required();
  verb->add_flag("--resume", options.resume,
                 "Go on from the newest checkpoint in --out, to the same bits as if never stopped");
  verb->add_option("--checkpoint-every", options.checkpoint_every,
                   "Updates between checkpoints; 0: one after every epoch")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 40U))
      ->capture_default_str();
  verb->add_option("--save-initial", options.save_initial,
                   "Folder for a model with the weights before the first update; refused where it "
                   "has a model");
  verb->add_option("--losses", options.losses,
                   "File for the loss of every update, as JSON lines; replaced, or gone on with by "
                   "--resume");
  verb->add_option(
      "--logdir", options.logdir,
      "Write scalars for TensorBoard into this folder; its events.out.tfevents.sheaf is "
      "replaced, or gone on with by --resume");
  verb->add_option("--policy", options.session.policy,
                   "single, depth, agenda, fsm, sufficient, critical, beam or optimal: how forward "
                   "and backward are batched; changes no bit. fsm is learned on both of the first "
                   "32 instances, and kept as policy.json in --out")
      ->capture_default_str();
  verb->add_option("--policy-file", options.policy_file,
                   "Table of policy fsm: policy.json of another training of this model");
  verb->add_option("--threads", flags->threads, "Threads that share the batches; change no bit")
      ->check(CLI::Range(1U, base::ThreadPool::kMaxThreads))
      ->capture_default_str();
  verb->add_flag("--json", flags->json, "Print a summary as JSON");
  verb->footer(
      "mpirun -n N sheaf train ... shares every minibatch among N = 1, 2 or 4 processes, to the "
      "same bits.");
  verb->callback([flags] { run(*flags); });
}

}  // namespace sheaf::cli
