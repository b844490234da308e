// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/deployed_model.h"

#include <utility>

#include "sheaf/io/digest.h"
#include "sheaf/train/copy_weights.h"
#include "sheaf/train/evaluate.h"
#include "sheaf/train/tag_decoder.h"
#include "sheaf/train/training_recipe.h"
#include "sheaf/train/translations.h"

namespace sheaf::train {
namespace {

ModelDescription describe(const TrainingOptions& options, const engine::Workload& workload) {
  const Decode decode = options.decode.empty() ? default_decode(*workload.model, workload.instances,
                                                                workload.vocabularies.labels)
                                               : parse_decode(options.decode);
  return {.model = options.data.model,
          .sizes = workload.sizes,
          .format = options.data.format,
          .lexicon = options.data.lexicon,
          .lexicon_sha256 = digest_of_data(options.data.lexicon),
          .decode = decode,
          .metrics = {},
          .vocabularies = workload.vocabularies};
}

}  // namespace

DeployedModel::DeployedModel(const TrainingOptions& options, const engine::Workload& workload,
                             std::string metric, engine::PictureData& dev)
    : metric_(std::move(metric)),
      trained_(workload.model->network().parameters()),
      vocabularies_(workload.vocabularies),
      description_(describe(options, workload)),
      model_(dev.height == 0 ? nn::make_model(options.data.model, description_.sizes)
                             : engine::make_picture_model(options.data.model, description_.sizes,
                                                          dev, options.dev)),
      options_(options.session) {
  take_weights();
  // Refuses a way of decoding that does not fit.
  static_cast<void>(TagDecoder(*model_, vocabularies_.labels, description_.decode));
  options_.keep = memory_plan::Keep::outputs;
  // The table of a training is of other types.
  if (options_.policy == "fsm") options_.policy = batching::kDefaultPolicy;
}

Metrics DeployedModel::evaluate_on(const std::vector<nn::Instance>& instances) {
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

std::string DeployedModel::digest() {
  take_weights();
  io::Sha256 sha;
  for (const graph::Parameter& p : model_->network().parameters()) {
    if (!nn::is_data(p.name)) sha.update(p.value.values());
  }
  return sha.hex();
}

std::uint64_t DeployedModel::size() const {
  std::uint64_t numbers = 0;
  for (const graph::Parameter& p : model_->network().parameters()) {
    if (!nn::is_data(p.name)) numbers += p.value.shape().size();
  }
  return numbers;
}

void DeployedModel::keep_lexicon(const std::string& folder) const {
  train::keep_lexicon(folder, description_);
}

void DeployedModel::save(const std::string& folder, std::uint64_t epoch,
                         const EpochRecord& record) {
  take_weights();
  description_.metrics = record.metrics;
  description_.training = TrainingFigures{
      .epoch = epoch, .updates = record.step, .loss = record.mean_loss(), .metric = metric_};
  save_model(folder, *model_, description_);
}

void DeployedModel::take_weights() { copy_weights(trained_, model_->network().parameters()); }

}  // namespace sheaf::train
