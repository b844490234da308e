// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/training_data.h"

#include <algorithm>
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
  if (options.min_count && has_pictures(options)) {
    throw base::UsageError({.place = "model " + data.model,
                            .what = "least count",
                            .got = std::to_string(*options.min_count),
                            .expected = "none: pictures have no words"});
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
  if (has_pictures(options)) {
    throw base::UsageError({.place = "model " + options.data.model,
                            .what = "training data",
                            .got = "pictures that are streamed",
                            .expected = "pictures that are read as a whole"});
  }
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

bool has_labels(const nn::Model& model, const std::vector<nn::Instance>& instances) {
  std::vector<std::uint32_t> labels;
  for (const nn::Instance& instance : instances) {
    labels.clear();
    model.targets(instance, labels);
    const auto is_label = [](std::uint32_t label) { return label != nn::kNoLabel; };
    if (std::any_of(labels.begin(), labels.end(), is_label)) return true;
  }
  return false;
}

// Of held-out data that are not there.
void require_no_parts(const TrainingOptions& options) {
  const bool target = !options.dev_target.empty();
  if (!target && options.dev_labels.empty()) return;
  throw base::UsageError(
      {.place = target ? options.dev_target : options.dev_labels,
       .what = target ? "translations of held-out data" : "labels of held-out data",
       .got = "no held-out data (--dev)",
       .expected = "the data that they belong to"});
}

[[noreturn]] void refuse_unlabelled(const std::string& place) {
  throw base::DataError(
      {.place = place, .what = "gold labels", .got = "none", .expected = "one or more"});
}

// Of data in windows, as far as the first label.
bool has_labels(const nn::Model& model, InstanceStream& stream) {
  for (std::size_t w = 0; w < stream.windows(); ++w) {
    if (has_labels(model, stream.read(0, w))) return true;
  }
  return false;
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
  if (has_labels(*workload.model, workload.instances)) return workload;
  if (!stream || !has_labels(*workload.model, *stream)) refuse_unlabelled(options.data.data);
  return workload;
}

engine::PictureData open_held_out(const TrainingOptions& options,
                                  const nn::Vocabularies& vocabularies) {
  if (options.dev.empty()) {
    require_no_parts(options);
    return {};
  }
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
  if (!has_labels(model, instances)) refuse_unlabelled(place);
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
