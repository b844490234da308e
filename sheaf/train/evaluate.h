// SPDX-License-Identifier: Apache-2.0
//
// How well a model does on data with gold labels.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/minibatches.h"
#include "sheaf/nn/model.h"
#include "sheaf/train/metrics.h"
#include "sheaf/train/tag_decoder.h"

namespace sheaf::train {

struct Evaluation {
  std::uint64_t instances = 0;
  std::uint64_t labels = 0;  // outputs with a gold label
  // By name, as the model has them (without labels none):
  //
  //   loss             mean negative log-likelihood of the gold labels, in nats; with a CRF, of
  //                    whole sequences, divided by their labels. Not of the lac that the package
  //                    has, whose CRF decodes in cells
  //   root_accuracy    trees: of roots           node_accuracy    trees, directed graphs: of nodes
  //   token_accuracy   taggers, lattices, dependency trees, lstm_nmt (given the words before)
  //   accuracy         anything else
  //   span_precision, span_recall, span_f1    where the labels are span tags (train/metrics.h)
  //   perplexity       lstm_nmt: exp(loss)
  std::map<std::string, double> metrics;
};

// Collects the outputs of instances, in any order.
class Evaluator {
 public:
  // Both must outlive the evaluator. Of a model with a CRF, its transitions are those of now.
  // Throws what TagDecoder throws.
  Evaluator(const nn::Model& model, const nn::Vocabularies& vocabularies,
            Decode decode = Decode::greedy);

  // Throws DataError for a gold label beyond the model's classes.
  void add(const nn::Instance& instance, const engine::InstanceOutputs& outputs);

  [[nodiscard]] Evaluation result() const;

 private:
  void add_loss(const engine::InstanceOutputs& outputs);
  void add_sequence_loss(const engine::InstanceOutputs& outputs);
  void add_spans(std::span<const std::uint32_t> predicted);

  const nn::Model& model_;
  const nn::Vocabularies& vocabularies_;
  TagDecoder decoder_;
  std::optional<nn::TagChain> crf_;
  bool has_spans_;
  std::uint64_t instances_ = 0;
  Accuracy all_;
  Accuracy roots_;
  Perplexity loss_;
  SpanScore spans_;
  bool has_loss_ = true;
  std::string kind_;  // what `all_` is called
  bool has_roots_ = false;
  bool has_perplexity_ = false;
  std::vector<std::uint32_t> gold_;
};

struct EvaluateOptions {
  std::uint32_t batch = 64;
  Decode decode = Decode::greedy;
  std::function<void(std::size_t instances)> progress = {};  // called after every minibatch
};

// Runs all instances with the weights as they are now. `session` is of the model's network.
[[nodiscard]] Evaluation evaluate(const nn::Model& model, std::span<const nn::Instance> instances,
                                  const nn::Vocabularies& vocabularies, engine::Session& session,
                                  const EvaluateOptions& options = {});
// The same with a session of its own, which keeps outputs only whatever `session_options` say.
[[nodiscard]] Evaluation evaluate(const nn::Model& model, std::span<const nn::Instance> instances,
                                  const nn::Vocabularies& vocabularies,
                                  engine::Options session_options,
                                  const EvaluateOptions& options = {});

}  // namespace sheaf::train
