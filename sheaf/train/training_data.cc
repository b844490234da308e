// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/training_data.h"

#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/engine/model_data.h"
#include "sheaf/engine/vocabulary_builder.h"
#include "sheaf/graph/graph.h"
#include "sheaf/train/model_folder.h"
#include "sheaf/train/training_loss.h"

namespace sheaf::train {
namespace {

engine::WorkloadOptions with_vocabularies(const TrainingOptions& options) {
  engine::WorkloadOptions data = options.data;
  data.crf = parse_loss(loss_name(options)) == Loss::crf;
  if (data.model == "lac" && !data.crf) {
    throw base::UsageError({.place = "model lac",
                            .what = "loss",
                            .got = "'" + loss_name(options) + "'",
                            .expected = "'crf'"});
  }
  if (!options.vocabulary.empty()) {
    if (!data.weights.empty() || options.min_count) {
      throw base::UsageError({.place = "training",
                              .what = "vocabulary",
                              .got = "a file of it, and weights or a least count",
                              .expected = "one of them"});
    }
    data.vocabularies = read_vocabularies(options.vocabulary);
  } else if (data.weights.empty()) {
    data.vocabularies = engine::build_vocabularies(data, {.min_count = options.min_count});
  }
  return data;
}

// The data of a training that need not fit into memory; `workload` gets the model, and instances
// that show what its graphs are like.
std::unique_ptr<InstanceStream> open_stream(const TrainingOptions& options,
                                            engine::Workload& workload) {
  engine::WorkloadOptions data = with_vocabularies(options);
  workload = engine::open_model(data);
  data.vocabularies = workload.vocabularies;
  data.weights.clear();
  data.encode.clear();
  auto stream = std::make_unique<InstanceStream>(
      data, StreamOptions{.shuffle_seed = data.seed,
                          .block_bytes = options.stream_block_bytes,
                          .window_blocks = *options.stream_window});
  workload.instances = stream->sample();
  return stream;
}

}  // namespace

bool has_pictures(const TrainingOptions& options) {
  return engine::model_data(options.data.model).kind == engine::DataKind::pictures;
}

engine::WorkloadOptions held_out_data(const TrainingOptions& options,
                                      const nn::Vocabularies& names) {
  engine::WorkloadOptions data = options.data;
  data.data = options.dev;
  data.target = options.dev_target;
  data.labels = options.dev_labels;
  data.weights.clear();
  data.encode.clear();
  data.vocabularies = names;
  return data;
}

engine::Workload open_data(const TrainingOptions& options,
                           std::unique_ptr<InstanceStream>& stream) {
  engine::Workload workload;
  if (options.stream_window) {
    stream = open_stream(options, workload);
  } else {
    workload = engine::open_workload(with_vocabularies(options));
  }
  if (workload.instances.empty()) {
    throw base::DataError({.place = options.data.data, .what = "instances", .got = "none"});
  }
  return workload;
}

engine::PictureData open_held_out(const TrainingOptions& options,
                                  const nn::Vocabularies& vocabularies) {
  if (options.dev.empty()) return {};
  if (options.dev == "-") {
    throw base::UsageError(
        {.place = "held-out data",
         .what = "source",
         .got = "standard input",
         .expected = "a file, which can be read again by a run that is resumed"});
  }
  if (!options.data.target.empty() && options.dev_target.empty()) {
    throw base::UsageError({.place = "held-out data",
                            .what = "translations",
                            .got = "none",
                            .expected = "a file of them (--dev-target)"});
  }
  const engine::WorkloadOptions data = held_out_data(options, vocabularies);
  if (has_pictures(options)) return engine::read_pictures(data);
  engine::PictureData dev;
  dev.instances = engine::read_instances(data);
  if (!dev.instances.empty()) return dev;
  throw base::DataError({.place = options.dev, .what = "instances", .got = "none"});
}

void require_labels(const nn::Model& model, const std::string& place,
                    const std::vector<nn::Instance>& instances) {
  std::vector<std::uint32_t> labels;
  for (const nn::Instance& instance : instances) {
    model.targets(instance, labels);
    for (const std::uint32_t label : labels) {
      if (label != nn::kNoLabel) return;
    }
    labels.clear();
  }
  throw base::DataError(
      {.place = place, .what = "gold labels", .got = "none", .expected = "one or more"});
}

std::vector<std::uint32_t> sizes_for_buckets(const TrainingOptions& options, const nn::Model& model,
                                             const std::vector<nn::Instance>& instances) {
  std::vector<std::uint32_t> sizes;
  if (options.bucket == 0 || options.stream_window) return sizes;
  graph::Graph graph(model.network());
  for (const nn::Instance& instance : instances) {
    graph.clear();
    model.append(instance, 0, graph);
    sizes.push_back(static_cast<std::uint32_t>(graph.size()));
  }
  return sizes;
}

}  // namespace sheaf::train
