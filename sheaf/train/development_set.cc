// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/development_set.h"

#include <utility>

#include "sheaf/train/copy_weights.h"

namespace sheaf::train {

DevelopmentSet::DevelopmentSet(const std::string& model, const nn::ModelOptions& sizes,
                               std::vector<nn::Instance> instances, nn::Vocabularies vocabularies,
                               engine::Options session_options, EvaluateOptions options)
    : model_(nn::make_model(model, sizes)),
      instances_(std::move(instances)),
      vocabularies_(std::move(vocabularies)),
      session_options_(std::move(session_options)),
      options_(std::move(options)) {
  session_options_.keep = memory_plan::Keep::outputs;
}

Evaluation DevelopmentSet::evaluate(const graph::ParameterStore& weights) {
  copy_weights(weights, model_->network().parameters());
  if (!session_) session_ = engine::compile(model_->network(), session_options_);
  return train::evaluate(*model_, instances_, vocabularies_, *session_, options_);
}

}  // namespace sheaf::train
