// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sheaf/train/evaluate.h"

namespace sheaf::train {

// Data on which weights are measured while they are trained. It has a model of its own: the one
// that is trained has losses and gradients in its network.
class DevelopmentSet {
 public:
  // `instances` as engine::read_instances() reads them with `vocabularies`. Of the options all but
  // `keep` count.
  DevelopmentSet(const std::string& model, const nn::ModelOptions& sizes,
                 std::vector<nn::Instance> instances, nn::Vocabularies vocabularies,
                 engine::Options session_options, EvaluateOptions options = {});

  // Of these weights, by name (copy_weights.h). Deterministic: the same for every batch, policy and
  // number of threads.
  [[nodiscard]] Evaluation evaluate(const graph::ParameterStore& weights);

  [[nodiscard]] std::size_t size() const { return instances_.size(); }

 private:
  std::unique_ptr<nn::Model> model_;
  std::vector<nn::Instance> instances_;
  nn::Vocabularies vocabularies_;
  engine::Options session_options_;
  EvaluateOptions options_;
  std::unique_ptr<engine::Session> session_;  // from the first evaluation on
};

}  // namespace sheaf::train
