// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/train/diverged_error.h"
#include "sheaf/train/option_words.h"
#include "sheaf/train/shuffle.h"

namespace sheaf::train {
namespace {

using nlohmann::ordered_json;

constexpr const char* kParameters = "parameters/";
constexpr const char* kBest = "best/";

ordered_json options_of(const UpdateOptions& options) {
  const OptimiserOptions& optimiser = options.optimiser;
  ordered_json json;
  json["optimiser"] = {{"name", optimiser.name},         {"momentum", optimiser.momentum},
                       {"nesterov", optimiser.nesterov}, {"beta1", optimiser.beta1},
                       {"beta2", optimiser.beta2},       {"epsilon", optimiser.epsilon},
                       {"sum", optimiser.initial_sum},   {"decay", optimiser.weight_decay}};
  json["lr"] = options.rate.base;
  json["schedule"] = to_string(options.rate);
  json["clip_norm"] = options.clip_norm;
  json["clip_value"] = options.clip_value;
  json["frozen"] = options.frozen;
  return json;
}

[[noreturn]] void diverged(std::uint64_t step, const char* what, double got, std::string hint) {
  throw DivergedError({.place = "step " + std::to_string(step),
                       .what = what,
                       .got = std::isnan(got) ? "NaN" : "infinity",
                       .expected = "a finite number",
                       .hint = std::move(hint)});
}

double mean(double sum, std::uint64_t terms) {
  return terms > 0 ? sum / static_cast<double>(terms) : 0;
}

}  // namespace

Trainer::Trainer(GradientSource& source, graph::ParameterStore& parameters, Updater& updater,
                 TrainOptions options, TrainCallbacks callbacks)
    : source_(source),
      parameters_(parameters),
      updater_(updater),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)) {
  require_sense();
  for (graph::ParameterId id = 0; id < parameters_.size(); ++id) {
    const auto& unsaved = options_.unsaved;
    if (std::find(unsaved.begin(), unsaved.end(), parameters_[id].name) == unsaved.end()) {
      saved_.push_back(id);
    }
  }
  recorded_ = recorded_options();
  if (options_.folder.empty()) return;
  folder_.emplace(options_.folder, options_.writes ? CheckpointFolder::Access::write
                                                   : CheckpointFolder::Access::read);
  if (options_.resume) {
    resume();
  } else if (!folder_->steps().empty()) {
    throw base::UsageError({.place = options_.folder,
                            .what = "folder of checkpoints",
                            .got = "those of another training",
                            .expected = "none",
                            .hint = "resume it, or choose another folder"});
  }
}

void Trainer::require_sense() const {
  const auto require = [](bool holds, const char* what, const std::string& got,
                          const char* expected) {
    if (holds) return;
    throw base::UsageError({.place = "training", .what = what, .got = got, .expected = expected});
  };
  require(options_.instances > 0, "instances", "none", "at least one");
  require(options_.batch > 0, "minibatch", "no instances", "at least one");
  require(minibatches() > 0, "minibatches of an epoch", "none, as the last one is dropped",
          "at least one");
  require(options_.bucket == 0 || !options_.streamed, "buckets", "data that are streamed",
          "data in memory");
  require(options_.bucket == 0 || options_.lengths.size() == options_.instances,
          "lengths for buckets", std::to_string(options_.lengths.size()), "one for each instance");
  require(options_.metric.empty() || callbacks_.evaluate != nullptr, "metric",
          "'" + options_.metric + "' and nothing that evaluates", "data to evaluate on");
  require(options_.patience == 0 || !options_.metric.empty(), "patience",
          std::to_string(options_.patience) + " and no metric", "a metric to watch");
  require(!options_.resume || !options_.folder.empty(), "resume", "no folder",
          "the folder of the checkpoints");
}

// Parameters that are to be judged or kept.
void Trainer::require_finite() const {
  for (const graph::ParameterId id : saved_) {
    for (const float value : parameters_[id].value.values()) {
      if (!std::isfinite(value)) diverged(state_.step, parameters_[id].name.c_str(), value, {});
    }
  }
}

ordered_json Trainer::recorded_options() const {
  ordered_json json = options_.recipe;
  json["instances"] = options_.instances;
  json["batch"] = options_.batch;
  json["seed"] = options_.seed;
  json["bucket"] = options_.bucket;
  if (options_.drop_last) json["drop_last"] = true;
  json["metric"] = options_.metric;
  json["better"] = options_.better == Better::higher ? "higher" : "lower";
  json.update(options_of(updater_.options()));
  return json;
}

void Trainer::resume() {
  const auto notice = [&](const std::string& text) {
    if (callbacks_.notice) callbacks_.notice(text);
  };
  std::optional<CheckpointFolder::Loaded> loaded = folder_->load();
  if (!loaded) {
    notice("no checkpoint in " + options_.folder + ": beginning anew");
    return;
  }
  for (const std::string& message : loaded->damaged) {
    notice(message + "; going on from the one before");
  }
  require_same_options(loaded->checkpoint, loaded->path);
  NamedTensors& tensors = loaded->checkpoint.tensors;
  std::vector<tensor::Tensor> values;
  std::vector<tensor::Tensor> best;
  for (const graph::ParameterId id : saved_) {
    const graph::Parameter& parameter = parameters_[id];
    values.push_back(take(tensors, kParameters + parameter.name, parameter.stored_shape()));
    if (!loaded->checkpoint.state.best) continue;
    best.push_back(take(tensors, kBest + parameter.name, parameter.stored_shape()));
  }
  updater_.restore(tensors);
  if (!tensors.empty()) {
    throw base::DataError({.place = loaded->path,
                           .what = "tensor that this training does not have",
                           .got = "'" + tensors.begin()->first + "'"});
  }
  for (std::size_t i = 0; i < saved_.size(); ++i) {
    parameters_.assign(saved_[i], std::move(values[i]));
  }
  best_ = std::move(best);
  state_ = std::move(loaded->checkpoint.state);
  notice("going on from " + loaded->path + ": epoch " + std::to_string(state_.epoch() + 1) +
         ", minibatch " + std::to_string(state_.minibatch + 1) + ", after step " +
         std::to_string(state_.step));
}

void Trainer::require_same_options(const Checkpoint& checkpoint, const std::string& path) const {
  const auto now = nlohmann::json::parse(recorded_.dump());  // as the checkpoint's were read
  const nlohmann::json& then = checkpoint.options;
  const auto require_same = [&](const std::string& key) {
    const nlohmann::json got = now.contains(key) ? now.at(key) : nlohmann::json();
    const nlohmann::json expected = then.contains(key) ? then.at(key) : nlohmann::json();
    if (got == expected) return;
    throw base::UsageError(
        {.place = path,
         .what = words_of_option(key) + " of the training that is resumed",
         .got = words_of_value(got),
         .expected = words_of_value(expected),
         .hint = key == "schedule" ? "--schedule " + expected.get<std::string>() +
                                         " goes on with it; after its last update the rate stays"
                                   : ""});
  };
  // First what others follow from.
  for (const char* key : {"model", "data", "metric"}) require_same(key);
  for (const auto& item : then.items()) require_same(item.key());
  for (const auto& item : now.items()) require_same(item.key());
}

std::uint64_t minibatches_of(std::uint64_t instances, std::uint32_t batch, bool drop_last) {
  return (instances + (drop_last ? 0 : batch - 1)) / batch;
}

std::uint64_t Trainer::minibatches() const {
  return minibatches_of(options_.instances, options_.batch, options_.drop_last);
}

std::vector<std::uint32_t> Trainer::order_of(std::uint64_t epoch) const {
  if (options_.streamed) return {};
  if (options_.bucket == 0) return shuffled(options_.instances, options_.seed, epoch);
  return bucketed(options_.lengths, options_.batch, options_.bucket, options_.seed, epoch);
}

bool Trainer::out_of_patience() const {
  if (options_.patience == 0) return false;
  const std::uint64_t since = state_.best ? state_.best->epoch + 1 : 0;
  return state_.epoch() - since >= options_.patience;
}

TrainResult Trainer::run() {
  while (state_.epoch() < options_.epochs && !out_of_patience()) {
    const std::vector<std::uint32_t> order = order_of(state_.epoch());
    const std::span<const std::uint32_t> all(order);
    std::vector<std::uint32_t> positions;
    while (state_.minibatch < minibatches()) {
      const std::size_t begin = state_.minibatch * options_.batch;
      const std::size_t size = std::min<std::size_t>(options_.batch, options_.instances - begin);
      if (options_.streamed) {
        positions.resize(size);
        std::iota(positions.begin(), positions.end(), static_cast<std::uint32_t>(begin));
      }
      run_minibatch(options_.streamed ? positions : all.subspan(begin, size));
      const bool is_last = state_.minibatch == minibatches();
      if (options_.checkpoint_every > 0 && state_.step % options_.checkpoint_every == 0 &&
          !is_last) {
        save();
      }
    }
    end_epoch();
  }
  return {.steps = state_.step,
          .stopped_early = state_.epoch() < options_.epochs,
          .history = state_.history,
          .best = state_.best};
}

void Trainer::run_minibatch(std::span<const std::uint32_t> instances) {
  const StepLoss loss = source_.run(instances, state_.step, gradients_);
  if (!std::isfinite(loss.loss)) {
    diverged(state_.step, "loss", loss.loss, source_.explain_non_finite());
  }
  Updater::Applied applied;
  try {
    applied = updater_.apply(gradients_, state_.step);
  } catch (const DivergedError& error) {
    base::Fault fault = error.fault();
    fault.hint = source_.explain_non_finite();
    throw DivergedError(fault);
  }
  source_.after_update();
  const std::uint64_t minibatch = state_.minibatch;
  ++state_.step;
  ++state_.minibatch;
  state_.epoch_loss += loss.loss;
  state_.epoch_terms += loss.terms;
  if (!callbacks_.step) return;
  callbacks_.step({.step = state_.step,
                   .epoch = state_.epoch(),
                   .minibatch = minibatch,
                   .minibatches = minibatches(),
                   .loss = mean(loss.loss, loss.terms),
                   .epoch_loss = mean(state_.epoch_loss, state_.epoch_terms),
                   .norm = applied.norm,
                   .rate = applied.rate});
}

void Trainer::end_epoch() {
  require_finite();
  EpochRecord record{
      .step = state_.step, .loss = state_.epoch_loss, .terms = state_.epoch_terms, .metrics = {}};
  if (callbacks_.evaluate) record.metrics = callbacks_.evaluate();
  const bool is_best = take_best(record);
  state_.history.push_back(record);
  state_.minibatch = 0;
  state_.epoch_loss = 0;
  state_.epoch_terms = 0;
  // Before the checkpoint: a run that goes on from it does not report the epoch again.
  if (callbacks_.epoch) callbacks_.epoch(record, state_.epoch() - 1, is_best);
  save();
}

void require_metric(const std::string& metric, const Metrics& known) {
  if (known.contains(metric)) return;
  std::vector<std::string> names;
  for (const auto& entry : known) names.push_back(entry.first);
  throw base::UsageError({.place = "training",
                          .what = "no such metric",
                          .got = "'" + metric + "'",
                          .hint = base::suggest(metric, names)});
}

bool Trainer::take_best(const EpochRecord& record) {
  if (options_.metric.empty()) return false;
  require_metric(options_.metric, record.metrics);
  const double value = record.metrics.at(options_.metric);
  const bool higher = options_.better == Better::higher;
  const bool better = !state_.best
                          ? !std::isnan(value)
                          : (higher ? value > state_.best->value : value < state_.best->value);
  if (!better) return false;
  state_.best = {.epoch = state_.epoch(), .value = value};
  best_.clear();
  for (const graph::ParameterId id : saved_) best_.push_back(copy(parameters_[id].value));
  return true;
}

void Trainer::save() {
  if (!folder_ || !options_.writes) return;
  const NamedTensors updater = updater_.state();
  std::map<std::string, const tensor::Tensor*> tensors;
  for (const auto& entry : updater) tensors[entry.first] = &entry.second;
  for (std::size_t i = 0; i < saved_.size(); ++i) {
    const graph::Parameter& parameter = parameters_[saved_[i]];
    tensors[kParameters + parameter.name] = &parameter.value;
    if (!best_.empty()) tensors[kBest + parameter.name] = &best_[i];
  }
  folder_->save({.options = recorded_, .state = state_, .tensors = tensors});
  if (callbacks_.checkpoint) callbacks_.checkpoint(folder_->path_of(state_.step));
}

void Trainer::use_best() {
  for (std::size_t i = 0; i < best_.size(); ++i) parameters_.assign(saved_[i], copy(best_[i]));
}

}  // namespace sheaf::train
