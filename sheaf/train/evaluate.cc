// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/evaluate.h"

#include <utility>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/engine/minibatch_stream.h"
#include "sheaf/nn/crf.h"
#include "sheaf/nn/tag_scheme.h"

namespace sheaf::train {
namespace {

// What the accuracy over all outputs of an instance is called.
struct AccuracyName {
  const char* operator()(const nn::Tree& /*tree*/) const { return "node_accuracy"; }
  const char* operator()(const nn::Dag& /*dag*/) const { return "node_accuracy"; }
  const char* operator()(const nn::Lattice& /*lattice*/) const { return "token_accuracy"; }
  const char* operator()(const nn::Sentence& /*sentence*/) const { return "token_accuracy"; }
  const char* operator()(const nn::SentencePair& /*pair*/) const { return "token_accuracy"; }
  const char* operator()(const nn::DependencyTree& /*tree*/) const { return "token_accuracy"; }
  template <typename T>
  const char* operator()(const T& /*other*/) const {
    return "accuracy";
  }
};

}  // namespace

Evaluator::Evaluator(const nn::Model& model, const nn::Vocabularies& vocabularies, Decode decode)
    : model_(model),
      vocabularies_(vocabularies),
      decoder_(model, vocabularies.labels, decode),
      has_spans_(nn::are_span_tags(vocabularies.labels)) {
  if (model.has_crf()) crf_ = nn::crf_chain(model.network().parameters(), nn::kCrf);
}

void Evaluator::add(const nn::Instance& instance, const engine::InstanceOutputs& outputs) {
  gold_.clear();
  model_.targets(instance, gold_);
  const std::vector<std::uint32_t> predicted = decoder_.decode(instance, outputs);
  base::check(gold_.size() == predicted.size() && gold_.size() == outputs.rows.size(), "evaluation",
              "an instance has not a target per output");
  ++instances_;
  kind_ = std::visit(AccuracyName{}, instance);
  for (std::size_t i = 0; i < gold_.size(); ++i) {
    if (gold_[i] != nn::kNoLabel && gold_[i] >= outputs.rows[i].size()) {
      throw base::DataError({.place = "model " + std::string(model_.name()),
                             .what = "gold label",
                             .got = std::to_string(gold_[i]),
                             .expected = "below " + std::to_string(outputs.rows[i].size())});
    }
    all_.add(gold_[i], predicted[i]);
  }
  if (std::holds_alternative<nn::Tree>(instance) && !gold_.empty()) {
    has_roots_ = true;
    roots_.add(gold_.back(), predicted.back());
  }
  has_perplexity_ = std::holds_alternative<nn::SentencePair>(instance);
  if (crf_) {
    add_sequence_loss(outputs);
  } else {
    add_loss(outputs);
  }
  if (has_spans_) add_spans(predicted);
}

// A model with a decoder has scores, not log-probabilities.
void Evaluator::add_loss(const engine::InstanceOutputs& outputs) {
  if (!outputs.labels.empty()) has_loss_ = false;
  for (std::size_t i = 0; has_loss_ && i < gold_.size(); ++i) {
    if (gold_[i] != nn::kNoLabel) loss_.add(double{outputs.rows[i][gold_[i]]});
  }
}

void Evaluator::add_sequence_loss(const engine::InstanceOutputs& outputs) {
  std::vector<std::span<const float>> rows;
  std::vector<std::uint32_t> tags;
  for (std::size_t i = 0; i < gold_.size(); ++i) {
    if (gold_[i] == nn::kNoLabel) continue;
    rows.emplace_back(outputs.rows[i]);
    tags.push_back(gold_[i]);
  }
  loss_.add(-nn::negative_log_likelihood(*crf_, rows, tags), tags.size());
}

void Evaluator::add_spans(std::span<const std::uint32_t> predicted) {
  std::vector<std::string> wanted;
  std::vector<std::string> found;
  for (std::size_t i = 0; i < gold_.size(); ++i) {
    if (gold_[i] == nn::kNoLabel) continue;
    wanted.push_back(vocabularies_.labels.at(gold_[i]));
    found.push_back(vocabularies_.labels.at(predicted[i]));
  }
  spans_.add(wanted, found);
}

Evaluation Evaluator::result() const {
  Evaluation result{.instances = instances_, .labels = all_.count(), .metrics = {}};
  if (all_.count() == 0) return result;
  result.metrics[kind_] = all_.value();
  if (has_roots_ && roots_.count() > 0) result.metrics["root_accuracy"] = roots_.value();
  if (has_loss_) result.metrics["loss"] = loss_.mean_loss();
  if (has_perplexity_) result.metrics["perplexity"] = loss_.value();
  if (has_spans_) {
    result.metrics["span_precision"] = spans_.precision();
    result.metrics["span_recall"] = spans_.recall();
    result.metrics["span_f1"] = spans_.f1();
  }
  return result;
}

Evaluation evaluate(const nn::Model& model, std::span<const nn::Instance> instances,
                    const nn::Vocabularies& vocabularies, engine::Session& session,
                    const EvaluateOptions& options) {
  Evaluator evaluator(model, vocabularies, options.decode);
  const engine::Order order = engine::make_order(instances.size(), options.batch, {});
  engine::run_minibatches(model, instances, order, session, {.progress = options.progress},
                          [&](std::uint32_t index, const engine::InstanceOutputs& outputs) {
                            evaluator.add(instances[index], outputs);
                          });
  return evaluator.result();
}

Evaluation evaluate(const nn::Model& model, std::span<const nn::Instance> instances,
                    const nn::Vocabularies& vocabularies, engine::Options session_options,
                    const EvaluateOptions& options) {
  session_options.keep = memory_plan::Keep::outputs;
  const auto session = engine::compile(model.network(), std::move(session_options));
  return evaluate(model, instances, vocabularies, *session, options);
}

}  // namespace sheaf::train
