// SPDX-License-Identifier: Apache-2.0
//
// Gradients of a model's losses, one term per labelled output; or, of a conditional random field,
// one loss per sequence, which counts as a term per tag.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/autodiff/backward.h"
#include "sheaf/engine/gradients.h"
#include "sheaf/nn/crf.h"
#include "sheaf/nn/model.h"
#include "sheaf/train/gradient_source.h"

namespace sheaf::train {

// nn/losses.h, nn/crf.h. `crf` is for models that have one (nn::Model::has_crf()); outputs without
// a label are left out of its sequences.
enum class Loss : std::uint8_t { cross_entropy, hinge, crf };

// What the sum of losses is divided by. `terms`: by their weights, which is what
// torch.nn.CrossEntropyLoss(weight) does; without weights of classes these are all 1.
enum class Normaliser : std::uint8_t { terms, instances, one };

struct LossOptions {
  Loss loss = Loss::cross_entropy;
  Normaliser normaliser = Normaliser::terms;
  std::vector<float> class_weights;  // by class, of cross-entropy; empty: all 1
  // Of every minibatch, those that are summed here; its number of instances is not read.
  engine::ShardRange shards = {0};
  // Probabilities that a value is dropped (passes/dropout.h): of what is looked up in tables, and
  // of what the heads read.
  float dropout_lookups = 0;
  float dropout_heads = 0;
  std::uint64_t seed = 1;  // of dropout
};

// The losses of a model's outputs, for every output that has a right class.
class ModelGradients final : public GradientSource {
 public:
  // Models that normalise over a minibatch (nn::Model::joins_minibatch()) must have all of its
  // shards here: UnsupportedError.
  // Adds losses and gradient types to the model's network: a model that is trained is used for
  // nothing else. Model and instances must outlive it; parameters must have values. Throws
  // UsageError for another number of class weights than the model has classes, for weights of
  // another loss than cross-entropy and for a CRF of a model without one, and UnsupportedError for
  // a model that can't be trained. Policy "fsm" without a table is learned on forward and backward
  // of the first engine::kLearningInstances instances.
  ModelGradients(nn::Model& model, std::span<const nn::Instance> instances, LossOptions loss,
                 engine::Options options);

  StepLoss run(std::span<const std::uint32_t> instances, std::uint64_t step,
               graph::Gradients& gradients) override;
  void after_update() override;
  std::string explain_non_finite() override;

  // The same where some shards only are here (shared_gradients.h): their sums, divided by nothing.
  StepLoss run_shards(std::span<const std::uint32_t> instances, std::uint64_t step,
                      graph::Gradients& gradients);
  // Of a whole minibatch: makes loss / terms the mean by weight.
  [[nodiscard]] static StepLoss averaged(StepLoss loss);
  // What the sums of a whole minibatch are multiplied with.
  [[nodiscard]] float factor(const StepLoss& loss, std::size_t instances) const;

  // The instances of the runs that follow, one for each of their numbers, in place of those that
  // were given first: for data that are not in memory as a whole. Must outlive them.
  void set_minibatch(std::span<const nn::Instance> instances) {
    instances_ = instances;
    by_position_ = true;
  }

  // Of the last run, for traces.
  [[nodiscard]] const engine::StepReport& report() const { return report_; }
  [[nodiscard]] const graph::Graph& graph() const { return graph_; }
  [[nodiscard]] engine::Session& session() { return *session_; }
  // Of policy "fsm": the table that was given or learned; null for others.
  [[nodiscard]] std::shared_ptr<const batching::FsmTable> policy_table() const { return table_; }

 private:
  void require_all_shards() const;
  void add_losses(graph::TypeId head, std::vector<graph::TypeId>& losses);
  void add_dropout(graph::TypeId head);
  void set_dropout_key(std::uint64_t step);
  void append(std::uint32_t position, std::uint32_t instance);
  void append_joined();
  std::size_t append_losses(std::uint32_t position, std::size_t done);
  [[nodiscard]] batching::FsmTable learn_table();
  void append_sequence();
  [[nodiscard]] graph::TypeId loss_of(graph::TypeId head) const;
  StepLoss run_forward_and_backward(std::span<const std::uint32_t> instances, std::uint64_t step);
  void sum(float factor, graph::Gradients& gradients);
  [[nodiscard]] StepLoss read_losses() const;

  nn::Model& model_;
  std::span<const nn::Instance> instances_;
  LossOptions loss_;
  std::vector<graph::TypeId> loss_of_head_;  // by type; kNoLoss where it has none
  std::unique_ptr<autodiff::Differentiation> differentiation_;
  std::shared_ptr<const batching::FsmTable> table_;
  std::unique_ptr<engine::Session> session_;
  std::unique_ptr<engine::GradientSums> sums_;
  graph::Graph graph_;
  engine::StepReport report_;
  std::vector<std::uint32_t> minibatch_;  // the instances that ran last
  std::vector<std::uint32_t> labels_;
  std::vector<graph::NodeId> losses_;      // nodes
  std::vector<graph::NodeId> statistics_;  // of a minibatch that is normalised
  std::uint64_t terms_ = 0;
  std::vector<double> weights_;  // of the terms, by shard
  std::optional<nn::CrfLoss> crf_;
  std::vector<graph::Operand> sequence_;  // of the instance that is being appended
  std::vector<std::uint32_t> tags_;
  graph::NodeId forward_end_ = 0;
  bool by_position_ = false;  // instances_ are those of the minibatch, by position
  bool drops_ = false;
  bool drops_inputs_ = false;  // of the head, whose nodes have payloads of their own then
  engine::ShardRange shards_ = {0};
};

}  // namespace sheaf::train
