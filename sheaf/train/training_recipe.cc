// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/training_recipe.h"

#include <string_view>

#include "sheaf/engine/picture_data.h"
#include "sheaf/io/digest.h"
#include "sheaf/io/random_data.h"
#include "sheaf/train/model_folder.h"
#include "sheaf/train/training_data.h"
#include "sheaf/train/training_loss.h"

namespace sheaf::train {
namespace {

using nlohmann::ordered_json;

std::string digest_of_names(const nn::Vocabularies& names) {
  io::Sha256 sha;
  for (const nn::Vocabulary* of : {&names.words, &names.characters, &names.target, &names.labels}) {
    for (const std::string& name : *of) sha.update(name + '\n');
    sha.update(std::string_view("\n"));
  }
  return sha.hex();
}

}  // namespace

std::string digest_of_data(const std::string& path) {
  if (path.empty() || io::is_random_data(path)) return path;
  return io::digest_of_file(path);
}

ordered_json recipe_of(const TrainingOptions& options) {
  const engine::WorkloadOptions& data = options.data;
  const bool pictures = has_pictures(options);
  ordered_json recipe;
  recipe["model"] = data.model;
  recipe["data"] = digest_of_data(data.data);
  recipe["format"] = data.format;
  recipe["lexicon"] = digest_of_data(data.lexicon);
  recipe["target"] = digest_of_data(data.target);
  recipe["target_rows"] = data.target_rows ? ordered_json(*data.target_rows) : ordered_json();
  recipe["counts"] = digest_of_data(data.counts);
  recipe["weights"] = digest_of_data(data.weights);
  recipe["hidden"] = data.hidden ? ordered_json(*data.hidden) : ordered_json();
  recipe["min_count"] = options.min_count ? ordered_json(*options.min_count) : ordered_json();
  recipe["encode"] = data.encode;
  recipe["loss"] = loss_name(options);
  recipe["class_weights"] =
      is_balanced(options) ? options.class_weights : digest_of_data(options.class_weights);
  recipe["decode"] = options.decode;
  recipe["dropout"] = options.dropout;
  recipe["dev"] = digest_of_data(options.dev);
  recipe["dev_target"] = digest_of_data(options.dev_target);
  if (pictures) recipe["labels"] = digest_of_data(engine::labels_path(data));
  if (pictures && !options.dev.empty()) {
    recipe["dev_labels"] = digest_of_data(engine::labels_path(held_out_data(options, {})));
  }
  if (!options.vocabulary.empty()) {
    recipe["vocabulary"] = digest_of_names(read_vocabularies(options.vocabulary));
  }
  if (options.stream_window) {
    recipe["stream"] = {{"window", *options.stream_window}, {"block", options.stream_block_bytes}};
  }
  return recipe;
}

}  // namespace sheaf::train
