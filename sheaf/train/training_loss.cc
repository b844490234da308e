// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/training_loss.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/io/file.h"
#include "sheaf/train/class_weights.h"
#include "sheaf/train/shared_gradients.h"

namespace sheaf::train {
namespace {

std::vector<float> class_weights(const TrainingOptions& options, const engine::Workload& workload) {
  if (options.class_weights.empty()) return {};
  const nn::Vocabularies& names = workload.vocabularies;
  const nn::Vocabulary& labels = names.target.empty() ? names.labels : names.target;
  if (is_balanced(options)) {
    if (options.stream_window) {
      throw base::UsageError({.place = "weights of classes",
                              .what = "labels to balance",
                              .got = "data that are streamed",
                              .expected = "data that are read as a whole",
                              .hint = "give a file of weights"});
    }
    return balanced_weights(*workload.model, workload.instances,
                            static_cast<std::uint32_t>(labels.size()));
  }
  return parse_class_weights(io::read_file(options.class_weights), options.class_weights, labels);
}

}  // namespace

std::string loss_name(const TrainingOptions& options) {
  if (!options.loss.empty()) return options.loss;
  return options.data.model == "lac" ? "crf" : "cross_entropy";
}

Loss parse_loss(const std::string& name) {
  static const std::array<std::string, 3> kNames = {"cross_entropy", "hinge", "crf"};
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  if (it != kNames.end()) return static_cast<Loss>(it - kNames.begin());
  throw base::UsageError({.place = "training",
                          .what = "unknown loss",
                          .got = "'" + name + "'",
                          .hint = base::suggest(name, kNames)});
}

bool is_balanced(const TrainingOptions& options) { return options.class_weights == "balanced"; }

LossOptions loss_options(const TrainingOptions& options, const engine::Workload& workload) {
  if (!(options.dropout >= 0 && options.dropout < 1)) {
    throw base::UsageError({.place = "training",
                            .what = "dropout",
                            .got = std::to_string(options.dropout),
                            .expected = "0 <= probability < 1"});
  }
  const auto p = static_cast<float>(options.dropout);
  engine::ShardRange shards{0};
  if (options.communicator != nullptr) {
    shards = shards_of(shards.count, options.communicator->rank(), options.communicator->size());
  }
  return {.loss = parse_loss(loss_name(options)),
          .class_weights = class_weights(options, workload),
          .shards = shards,
          .dropout_lookups = p,
          .dropout_heads = p,
          .seed = options.data.seed};
}

}  // namespace sheaf::train
