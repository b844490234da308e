// SPDX-License-Identifier: Apache-2.0
//
// The model of a training as it is used when it has been trained.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/engine/compile.h"
#include "sheaf/engine/picture_data.h"
#include "sheaf/engine/workload.h"
#include "sheaf/graph/parameter.h"
#include "sheaf/nn/model.h"
#include "sheaf/train/metrics.h"
#include "sheaf/train/model_folder.h"
#include "sheaf/train/train_state.h"
#include "sheaf/train/training_options.h"

namespace sheaf::train {

// Without losses, gradients and dropout, which the model in training has. It gets the weights of
// that when it is asked something.
class DeployedModel {
 public:
  // `workload` must outlive it. `metric`: that says which epoch is best; empty: the last one is
  // taken. Pictures are looked up in `dev`, which may have none. Throws UsageError for a way of
  // decoding that does not fit.
  DeployedModel(const TrainingOptions& options, const engine::Workload& workload,
                std::string metric, engine::PictureData& dev);

  // As the model will be used: with its way of decoding, and translations where these are watched.
  [[nodiscard]] Metrics evaluate_on(const std::vector<nn::Instance>& instances);

  // SHA-256 of all weights.
  [[nodiscard]] std::string digest();
  // Numbers in them.
  [[nodiscard]] std::uint64_t size() const;

  // At once, before the list can change (model_folder.h).
  void keep_lexicon(const std::string& folder) const;

  // With what was measured at the end of the epoch whose weights they are, counted from 1; 0: none
  // has ended. Throws what save_model() throws.
  void save(const std::string& folder, std::uint64_t epoch, const EpochRecord& record);

 private:
  void take_weights();

  std::string metric_;
  const graph::ParameterStore& trained_;
  const nn::Vocabularies& vocabularies_;
  ModelDescription description_;
  std::unique_ptr<nn::Model> model_;
  engine::Options options_;
  std::unique_ptr<engine::Session> session_;
};

}  // namespace sheaf::train
