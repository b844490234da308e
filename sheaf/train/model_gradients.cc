// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/model_gradients.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/philox.h"
#include "sheaf/batching/q_learning.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/nn/losses.h"
#include "sheaf/passes/dropout.h"

namespace sheaf::train {

using graph::NodeId;
using graph::Operand;
using graph::TypeId;

namespace {

constexpr TypeId kNoLoss = 0xFFFF;

// Odd, so that numbers of instances and outputs coincide late; the mask mixes them well.
constexpr std::uint32_t kOutputsApart = 0x9E3779B1;

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace

ModelGradients::ModelGradients(nn::Model& model, std::span<const nn::Instance> instances,
                               LossOptions loss, engine::Options options)
    : model_(model), instances_(instances), loss_(std::move(loss)), graph_(model.network()) {
  require_all_shards();
  graph::Network& network = model.network();
  // Which types heads are, an instance tells: those whose outputs it marks.
  loss_of_head_.assign(network.type_count(), kNoLoss);
  std::vector<TypeId> losses;
  for (const nn::Instance& instance : instances) {
    graph_.clear();
    model.append(instance, 0, graph_);
    if (graph_.outputs().empty()) continue;
    const TypeId head = graph_.type(graph_.outputs()[0].node);
    add_dropout(head);
    add_losses(head, losses);
    break;
  }
  if (losses.empty()) {
    throw base::UsageError({.place = "model " + std::string(model.name()),
                            .what = "training data",
                            .got = "no instance with an output",
                            .expected = "one or more"});
  }
  differentiation_ = std::make_unique<autodiff::Differentiation>(network, losses);
  // Backward reads what forward wrote, and gradients are read when all has run.
  options.keep = memory_plan::Keep::everything;
  if (options.policy == "fsm") {
    if (!options.parts.fsm) {
      options.parts.fsm = std::make_shared<const batching::FsmTable>(learn_table());
    }
    table_ = options.parts.fsm;
  }
  session_ = engine::compile(network, std::move(options));
  sums_ = std::make_unique<engine::GradientSums>(network, *differentiation_, *session_);
}

void ModelGradients::require_all_shards() const {
  if (!model_.joins_minibatch() || loss_.shards.end - loss_.shards.first == loss_.shards.count) {
    return;
  }
  throw base::UnsupportedError(
      {.place = "model " + std::string(model_.name()),
       .what = "minibatches that processes share",
       .got = "batch normalisation, which needs all instances of a minibatch",
       .expected = "a model without it, or a single process"});
}

void ModelGradients::add_losses(TypeId head, std::vector<TypeId>& losses) {
  graph::Network& network = model_.network();
  const std::uint32_t classes = network.type(head).cell->output_width(0);
  const auto refuse = [&](const char* got, const char* expected) {
    throw base::UsageError({.place = "model " + std::string(model_.name()),
                            .what = "loss",
                            .got = got,
                            .expected = expected});
  };
  if (loss_.loss != Loss::cross_entropy && !loss_.class_weights.empty()) {
    refuse("weights of classes and another loss", "cross_entropy");
  }
  if ((loss_.loss == Loss::crf) != model_.has_crf()) {
    if (model_.has_crf()) refuse("a loss that does not train the model's CRF", "crf");
    refuse("crf", "a model with a conditional random field");
  }
  if (loss_.loss == Loss::crf) {
    crf_.emplace(network, nn::kCrf, classes);
    losses = crf_->losses();
  } else if (loss_.loss == Loss::hinge) {
    losses.push_back(network.add_type("loss", nn::hinge(classes)));
  } else if (loss_.class_weights.empty()) {
    losses.push_back(network.add_type("loss", nn::cross_entropy(classes)));
  } else {
    if (loss_.class_weights.size() != classes) {
      throw base::UsageError({.place = "model " + std::string(model_.name()),
                              .what = "class weights",
                              .got = std::to_string(loss_.class_weights.size()),
                              .expected = std::to_string(classes) + ", one per class"});
    }
    const auto table = network.parameters().declare("loss.weights", {classes, 1});
    tensor::Tensor values({classes, 1});
    std::copy(loss_.class_weights.begin(), loss_.class_weights.end(), values.values().begin());
    network.parameters().assign(table, std::move(values));
    losses.push_back(network.add_type("loss", nn::weighted_cross_entropy(classes),
                                      {{"weights", "loss.weights"}}));
  }
  loss_of_head_[head] = losses.back();
}

void ModelGradients::add_dropout(TypeId head) {
  graph::Network& network = model_.network();
  const auto drop = [&](TypeId type, passes::Drop what, float p) {
    graph::Cell cell = passes::with_dropout(*network.type(type).cell, what, p);
    if (cell.slots().size() == network.type(type).cell->slots().size()) return;
    drops_ = true;
    network.replace_cell(type, std::make_shared<const graph::Cell>(std::move(cell)),
                         {{passes::kDropoutKey, passes::kDropoutKey}});
  };
  const auto types = static_cast<TypeId>(network.type_count());
  for (TypeId type = 0; type < types; ++type) {
    drop(type, passes::Drop::lookups, loss_.dropout_lookups);
  }
  const std::size_t slots = network.type(head).cell->slots().size();
  drop(head, passes::Drop::inputs, loss_.dropout_heads);
  drops_inputs_ = network.type(head).cell->slots().size() != slots;
  if (drops_) set_dropout_key(0);
}

void ModelGradients::set_dropout_key(std::uint64_t step) {
  graph::ParameterStore& parameters = model_.network().parameters();
  const graph::ParameterId id = parameters.find(passes::kDropoutKey);
  if (parameters[id].value.shape() != parameters[id].shape) {
    parameters.assign(id, tensor::Tensor(parameters[id].shape));
  }
  const auto random = base::Philox(loss_.seed, "dropout").block(step, 0);
  const auto key = parameters.change(id);
  std::memcpy(key.data(), random.data(), key.size_bytes());
}

StepLoss ModelGradients::run(std::span<const std::uint32_t> instances, std::uint64_t step,
                             graph::Gradients& gradients) {
  const StepLoss loss = run_forward_and_backward(instances, step);
  sum(factor(loss, instances.size()), gradients);
  return averaged(loss);
}

StepLoss ModelGradients::averaged(StepLoss loss) {
  const auto terms = static_cast<double>(loss.terms);
  if (loss.weight > 0 && loss.weight != terms) loss.loss *= terms / loss.weight;
  return loss;
}

StepLoss ModelGradients::run_shards(std::span<const std::uint32_t> instances, std::uint64_t step,
                                    graph::Gradients& gradients) {
  const StepLoss loss = run_forward_and_backward(instances, step);
  sum(1, gradients);
  return loss;
}

float ModelGradients::factor(const StepLoss& loss, std::size_t instances) const {
  const double parts = loss_.normaliser == Normaliser::terms       ? loss.weight
                       : loss_.normaliser == Normaliser::instances ? static_cast<double>(instances)
                                                                   : 1;
  return static_cast<float>(parts > 0 ? 1 / parts : 1);
}

StepLoss ModelGradients::run_forward_and_backward(std::span<const std::uint32_t> instances,
                                                  std::uint64_t step) {
  if (drops_) set_dropout_key(step);
  graph_.clear();
  losses_.clear();
  terms_ = 0;
  minibatch_.assign(instances.begin(), instances.end());
  shards_ = loss_.shards;
  shards_.instances = static_cast<std::uint32_t>(minibatch_.size());
  weights_.assign(shards_.end - shards_.first, 0.0);
  if (model_.joins_minibatch()) {
    append_joined();
  } else {
    const std::uint32_t end = shards_.begin_of(shards_.end);
    for (std::uint32_t position = shards_.begin_of(shards_.first); position < end; ++position) {
      append(position, minibatch_[position]);
    }
  }
  forward_end_ = graph_.size();
  differentiation_->append(graph_);
  session_->begin();
  report_ = session_->step(graph_);
  return read_losses();
}

// As engine::learn_policy() does of forward alone.
batching::FsmTable ModelGradients::learn_table() {
  graph_.clear();
  const std::size_t count = std::min<std::size_t>(engine::kLearningInstances, instances_.size());
  minibatch_.resize(count);
  std::iota(minibatch_.begin(), minibatch_.end(), 0U);
  if (model_.joins_minibatch()) {
    append_joined();
  } else {
    for (const std::uint32_t i : minibatch_) append(i, i);
  }
  differentiation_->append(graph_);
  batching::Dependencies dependencies;
  dependencies.build(graph_, graph_.seal());
  batching::QLearningOptions options;
  options.seed = loss_.seed;
  batching::Learned learned =
      batching::learn_fsm(dependencies, model_.network().type_names(), options);
  learned.table.model = model_.name();
  learned.table.history.push_back({.data = "training: forward and backward",
                                   .instances = static_cast<std::uint32_t>(count),
                                   .nodes = dependencies.size(),
                                   .trials = learned.trials,
                                   .batches = learned.batches,
                                   .lower_bound = learned.lower_bound,
                                   .teacher = learned.teacher});
  losses_.clear();
  statistics_.clear();
  return std::move(learned.table);
}

void ModelGradients::sum(float factor, graph::Gradients& gradients) {
  sums_->sum(graph_, shards_, factor, gradients);
}

void ModelGradients::append(std::uint32_t position, std::uint32_t instance) {
  const std::size_t done = graph_.outputs().size();
  const nn::Instance& of = instances_[by_position_ ? position : instance];
  model_.append(of, position, graph_);
  labels_.clear();
  model_.targets(of, labels_);
  const std::size_t end = append_losses(position, done);
  base::check(end == graph_.outputs().size(), "model gradients",
              "a model has another number of labels than outputs");
}

// All instances first, then their losses: layers go across the minibatch.
void ModelGradients::append_joined() {
  std::vector<nn::Instance> instances;
  for (std::uint32_t position = 0; position < minibatch_.size(); ++position) {
    instances.push_back(instances_[by_position_ ? position : minibatch_[position]]);
  }
  statistics_ = model_.append_minibatch(instances, graph_);
  std::size_t done = 0;
  for (std::uint32_t position = 0; position < instances.size(); ++position) {
    labels_.clear();
    model_.targets(instances[position], labels_);
    graph_.begin_instance(position);
    done = append_losses(position, done);
  }
  base::check(done == graph_.outputs().size(), "model gradients",
              "a model has another number of labels than outputs");
}

// Those of `labels_`, for the outputs from `done` on. Returns the end of these.
std::size_t ModelGradients::append_losses(std::uint32_t position, std::size_t done) {
  base::check(graph_.outputs().size() - done >= labels_.size(), "model gradients",
              "a model has more labels than outputs");
  sequence_.clear();
  tags_.clear();
  double weight = 0;
  std::uint32_t number = 0;
  for (const std::uint32_t label : labels_) {
    const Operand output = graph_.outputs()[done++];
    // Which mask a head takes: its instance and its number there say it.
    if (drops_inputs_) graph_.set_payload(output.node, position * kOutputsApart + number++);
    if (label == nn::kNoLabel) continue;
    ++terms_;
    weight += loss_.class_weights.empty() ? 1 : double{loss_.class_weights.at(label)};
    if (crf_) {
      sequence_.push_back(output);
      tags_.push_back(label);
    } else {
      losses_.push_back(graph_.add(loss_of(graph_.type(output.node)), {output}, label));
    }
  }
  if (!sequence_.empty()) append_sequence();
  // Where a table is learned nothing is summed.
  if (!weights_.empty()) weights_[shards_.shard_of(position) - shards_.first] += weight;
  return done;
}

void ModelGradients::append_sequence() {
  const NodeId first = graph_.size();
  crf_->append(graph_, sequence_, tags_);
  const std::vector<TypeId> types = crf_->losses();
  for (NodeId node = first; node < graph_.size(); ++node) {
    if (std::find(types.begin(), types.end(), graph_.type(node)) != types.end()) {
      losses_.push_back(node);
    }
  }
}

void ModelGradients::after_update() {
  if (statistics_.empty()) return;
  model_.update_running_statistics(statistics_, minibatch_.size(),
                                   [&](Operand value) { return session_->read(value); });
}

TypeId ModelGradients::loss_of(TypeId head) const {
  const TypeId loss = head < loss_of_head_.size() ? loss_of_head_[head] : kNoLoss;
  base::check(loss != kNoLoss, "model gradients", "a model marks outputs of two types");
  return loss;
}

// Shard by shard, as gradients are.
StepLoss ModelGradients::read_losses() const {
  const std::uint32_t here = shards_.end - shards_.first;
  std::vector<double> sums(here, 0.0);
  for (const NodeId node : losses_) {
    const std::uint32_t shard = shards_.shard_of(graph_.instance(node));
    sums[shard - shards_.first] += static_cast<double>(session_->read({node})[0]);
  }
  std::vector<double> weights = weights_;
  for (std::uint32_t step = 1; step < here; step *= 2) {
    for (std::uint32_t left = 0; left < here; left += 2 * step) {
      sums[left] += sums[left + step];
      weights[left] += weights[left + step];
    }
  }
  return {sums[0], terms_, weights[0]};
}

std::string ModelGradients::explain_non_finite() {
  const auto describe = [&](NodeId node, const std::string& what) {
    const std::uint32_t position = graph_.instance(node);
    return what + " of a call of " + model_.network().type(graph_.type(node)).name + " (node " +
           std::to_string(node) + "), instance " + std::to_string(minibatch_[position]);
  };
  const auto is_bad = [&](NodeId node) {
    const graph::Cell& cell = *model_.network().type(graph_.type(node)).cell;
    for (std::uint32_t port = 0; port < cell.outputs().size(); ++port) {
      const auto value = session_->read({node, port});
      const std::uint32_t width = cell.output_width(port);
      for (std::size_t at = 0; at < value.size(); at += tensor::padded(width)) {
        if (!all_finite(value.subspan(at, width))) return true;
      }
    }
    return false;
  };
  // In the order of the schedule: the first that ran.
  for (const NodeId node : session_->schedule().order) {
    if (is_bad(node)) return describe(node, node < forward_end_ ? "a value" : "a gradient");
  }
  return {};
}

}  // namespace sheaf::train
