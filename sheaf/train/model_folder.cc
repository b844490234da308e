// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/model_folder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/json.h"
#include "sheaf/base/nearest.h"
#include "sheaf/engine/picture_data.h"
#include "sheaf/io/digest.h"
#include "sheaf/io/file.h"
#include "sheaf/io/file_writer.h"
#include "sheaf/io/random_data.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/nn/picture_models.h"
#include "sheaf/train/copy_weights.h"

namespace sheaf::train {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kFormat = "sheaf-model-1";
constexpr const char* kDescription = "description";
constexpr const char* kCrf = "crf";
constexpr const char* kDecode = "decode";
constexpr std::uint32_t kMostHidden = 1U << 14U;
constexpr std::uint32_t kMostPixels = 1U << 12U;  // each way

const std::array<std::string, 8> kKeys = {"format", "model",     "sizes",   "seed",
                                          "data",   "encodings", "metrics", "training"};
const std::array<std::string, 4> kSizes = {"hidden", "vocabulary", "characters", "classes"};
const std::array<std::string, 3> kPictureSizes = {"height", "width", "classes"};
const std::array<std::string, 3> kData = {"format", "lexicon", "lexicon_sha256"};
const std::array<std::string, 4> kTraining = {"epoch", "updates", "loss", "metric"};
const std::array<std::string, 4> kVocabularies = {"words", "characters", "target", "labels"};

std::string json_path(const std::string& folder) { return folder + "/model.json"; }
std::string lexicon_path(const std::string& folder) { return folder + "/lexicon.txt"; }
std::string weights_path(const std::string& folder) { return folder + "/weights.safetensors"; }

bool has_pictures(const std::string& model) {
  const auto names = nn::picture_model_names();
  return std::find(names.begin(), names.end(), model) != names.end();
}

// model.json without its vocabularies.
ordered_json to_json(const ModelDescription& description, const graph::ParameterStore& parameters) {
  ordered_json file;
  file["format"] = kFormat;
  file["model"] = description.model;
  const nn::ModelOptions& sizes = description.sizes;
  if (has_pictures(description.model)) {
    file["sizes"] = {{"height", sizes.height}, {"width", sizes.width}, {"classes", sizes.classes}};
  } else {
    file["sizes"] = {{"hidden", sizes.hidden},
                     {"vocabulary", sizes.vocabulary},
                     {"characters", sizes.characters},
                     {"classes", sizes.classes},
                     {"crf", sizes.crf}};
  }
  file["seed"] = sizes.seed;
  file["data"] = {{"format", description.format},
                  {"lexicon", description.lexicon},
                  {"lexicon_sha256", description.lexicon_sha256}};
  file["decode"] = name(description.decode);
  file["encodings"] = json::object();
  for (const graph::Parameter& parameter : parameters) {
    if (parameter.encoding.is_dense()) continue;
    file["encodings"][parameter.name] = to_string(parameter.encoding);
  }
  file["metrics"] = json::object();
  for (const auto& [name, value] : description.metrics) file["metrics"][name] = value;
  file["training"] = json::object();
  if (const auto& training = description.training) {
    file["training"] = {{"epoch", training->epoch},
                        {"updates", training->updates},
                        {"loss", training->loss},
                        {"metric", training->metric}};
  }
  return file;
}

ordered_json to_json(const nn::Vocabularies& names) {
  return {{"words", names.words},
          {"characters", names.characters},
          {"target", names.target},
          {"labels", names.labels}};
}

void require_sizes(const std::string& place, const nn::ModelOptions& sizes) {
  if (std::max(sizes.height, sizes.width) > kMostPixels) {
    throw base::DataError(
        {.place = place,
         .what = "sizes",
         .got = "pictures of " + std::to_string(sizes.height) + " x " + std::to_string(sizes.width),
         .expected = "at most " + std::to_string(kMostPixels) + " each way"});
  }
  const bool fits = !sizes.crf || sizes.classes > 0;
  if (sizes.hidden > 0 && sizes.hidden <= kMostHidden && sizes.vocabulary > 0 && fits) return;
  throw base::DataError({.place = place,
                         .what = "sizes",
                         .got = "hidden " + std::to_string(sizes.hidden) + ", vocabulary " +
                                std::to_string(sizes.vocabulary),
                         .expected = "hidden 1 to " + std::to_string(kMostHidden) +
                                     " and a vocabulary of 1 or more"});
}

// These, and of the keys that came later those that are there.
template <std::size_t N>
std::vector<std::string> keys_of(const json& object, const std::array<std::string, N>& keys,
                                 const std::string& later) {
  std::vector<std::string> all(keys.begin(), keys.end());
  if (object.is_object() && object.contains(later)) all.push_back(later);
  return all;
}

// Of an object whose keys have been looked at.
ModelDescription description_of(const json& file, const std::string& place) {
  if (file.at("format") != kFormat) {
    throw base::DataError({.place = place,
                           .what = "format",
                           .got = file.at("format").dump(),
                           .expected = std::string("'") + kFormat + "'"});
  }
  const auto model = file.at("model").get<std::string>();
  const bool pictures = has_pictures(model);
  const json& given = file.at("sizes");
  base::require_keys(given, place + ": sizes", "sizes",
                     pictures ? std::vector<std::string>(kPictureSizes.begin(), kPictureSizes.end())
                              : keys_of(given, kSizes, kCrf));
  base::require_keys(file.at("data"), place + ": data", "data", kData);
  const auto size = [&](const char* key) { return given.at(key).get<std::uint32_t>(); };
  ModelDescription description{
      .model = model,
      .sizes = {.classes = size("classes"),
                .seed = file.at("seed").get<std::uint64_t>(),
                .crf = given.value(kCrf, false)},
      .format = file.at("data").at("format").get<std::string>(),
      .lexicon = file.at("data").at("lexicon").get<std::string>(),
      .lexicon_sha256 = file.at("data").at("lexicon_sha256").get<std::string>(),
      .decode = parse_decode(file.value(kDecode, name(Decode::greedy))),
  };
  nn::ModelOptions& sizes = description.sizes;
  if (pictures) {
    sizes.height = size("height");
    sizes.width = size("width");
  } else {
    sizes.hidden = size("hidden");
    sizes.vocabulary = size("vocabulary");
    sizes.characters = size("characters");
  }
  for (const auto& [name, value] : file.at("metrics").items()) {
    // JSON has no infinity: it is written as null.
    description.metrics[name] = value.is_null() ? std::nan("") : value.get<double>();
  }
  const json& training = file.at("training");
  if (!training.empty()) {
    base::require_keys(training, place + ": training", "training", kTraining);
    description.training = {.epoch = training.at("epoch").get<std::uint64_t>(),
                            .updates = training.at("updates").get<std::uint64_t>(),
                            .loss = training.at("loss").get<double>(),
                            .metric = training.at("metric").get<std::string>()};
  }
  require_sizes(place, description.sizes);
  return description;
}

// Runs `read`, whose JSON may be of other types than it takes.
template <typename Read>
auto reading(const std::string& place, Read read) {
  try {
    return read();
  } catch (const json::exception& fault) {
    throw base::DataError({.place = place,
                           .what = "description of a model",
                           .got = base::words_of(fault),
                           .expected = std::string("one of format '") + kFormat + "'"});
  }
}

json parse(const std::string& text, const std::string& place) {
  auto [value, problem] = base::parse_json(text);
  if (problem.empty()) return std::move(value);
  throw base::DataError(
      {.place = place, .what = "description of a model", .got = problem, .expected = "JSON"});
}

json parse_description(const std::string& text, const std::string& place) {
  json value = parse(text, place);
  // Not known of models that were saved before there were such.
  if (!value.is_object()) return value;
  value.emplace("training", json::object());
  const auto data = value.find("data");
  if (data != value.end() && data->is_object()) data->emplace("lexicon_sha256", "");
  return value;
}

nn::Vocabularies vocabularies_of(const json& names, const std::string& place) {
  base::require_keys(names, place + ": vocabularies", "vocabularies", kVocabularies);
  return {.words = names.at("words").get<nn::Vocabulary>(),
          .characters = names.at("characters").get<nn::Vocabulary>(),
          .target = names.at("target").get<nn::Vocabulary>(),
          .labels = names.at("labels").get<nn::Vocabulary>()};
}

ModelDescription read_description(const std::string& folder) {
  const std::string path = json_path(folder);
  const json file = parse_description(io::read_file(path), path);
  std::vector<std::string> keys = keys_of(file, kKeys, kDecode);
  keys.emplace_back("vocabularies");
  base::require_keys(file, path, "description of a model", keys);
  return reading(path, [&] {
    ModelDescription description = description_of(file, path);
    description.vocabularies = vocabularies_of(file.at("vocabularies"), path);
    return description;
  });
}

// What the weights say of themselves; nothing where another program wrote them.
std::optional<ModelDescription> description_in(const io::WeightsFile& weights) {
  const auto it = weights.metadata.find(kDescription);
  if (it == weights.metadata.end()) return std::nullopt;
  const std::string place = weights.path + ": " + kDescription;
  const json file = parse_description(it->second, place);
  base::require_keys(file, place, "description of a model", keys_of(file, kKeys, kDecode));
  ModelDescription description = reading(place, [&] { return description_of(file, place); });
  description.vocabularies = weights.vocabularies;
  return description;
}

void require_folder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  throw base::NotFoundError({.place = folder,
                             .what = "folder of a model",
                             .got = "none",
                             .hint = "sheaf train --out DIR makes one"});
}

void require_known(const ModelDescription& description, const std::string& folder) {
  const auto names = nn::model_names();
  const bool known = std::find(names.begin(), names.end(), description.model) != names.end() ||
                     has_pictures(description.model);
  if (known && (description.model != "lac" || description.sizes.crf)) return;
  throw base::DataError({.place = json_path(folder),
                         .what = "model that is trained",
                         .got = "'" + description.model + "'",
                         .hint = base::suggest(description.model, names)});
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return;
  throw base::IoError({.place = folder, .what = "cannot make the folder", .got = error.message()});
}

void require_lexicon(const std::string& path, const std::string& got, const std::string& expected,
                     const char* hint) {
  if (got == expected) return;
  constexpr std::size_t kShown = 12;
  throw base::DataError({.place = path,
                         .what = "word list of the model",
                         .got = "SHA-256 " + got.substr(0, kShown) + "...",
                         .expected = expected.substr(0, kShown) + "...",
                         .hint = hint});
}

void require_finite(const graph::ParameterStore& parameters) {
  for (const graph::Parameter& parameter : parameters) {
    const auto values = parameter.value.values();
    const auto it = std::find_if(values.begin(), values.end(),
                                 [](float value) { return !std::isfinite(value); });
    if (it == values.end()) continue;
    throw base::UsageError({.place = parameter.name,
                            .what = "weight " + std::to_string(it - values.begin()),
                            .got = std::isnan(*it) ? "NaN" : "infinity",
                            .expected = "a finite number"});
  }
}

}  // namespace

void save_model(const std::string& folder, const graph::ParameterStore& weights,
                const ModelDescription& description) {
  const auto model = nn::make_model(description.model, description.sizes);
  graph::ParameterStore& parameters = model->network().parameters();
  copy_weights(weights, parameters);
  require_finite(parameters);
  make_folder(folder);
  keep_lexicon(folder, description);
  ordered_json file = to_json(description, parameters);
  io::save_weights(weights_path(folder), parameters, description.model, description.vocabularies,
                   {{kDescription, file.dump()}});
  file["vocabularies"] = to_json(description.vocabularies);
  io::FileWriter writer(json_path(folder));
  writer.append(file.dump(1) + "\n");
  writer.commit_durably();
  for (const std::string& path : {weights_path(folder), json_path(folder), lexicon_path(folder)}) {
    io::FileWriter::remove_leftovers(path);
  }
}

void keep_lexicon(const std::string& folder, const ModelDescription& description) {
  if (description.lexicon.empty()) return;
  const std::string path = lexicon_path(folder);
  std::error_code error;
  const bool there = std::filesystem::is_regular_file(path, error);
  if (there && io::digest_of_file(path) == description.lexicon_sha256) return;
  const std::string words = io::read_file(description.lexicon);
  if (!description.lexicon_sha256.empty()) {
    io::Sha256 sha;
    sha.update(std::string_view(words));
    require_lexicon(description.lexicon, sha.hex(), description.lexicon_sha256,
                    "it has changed since training began");
  }
  make_folder(folder);
  io::FileWriter writer(path);
  writer.append(words);
  writer.commit_durably();
}

TrainedModel open_model(const std::string& folder) {
  require_folder(folder);
  ModelDescription description = read_description(folder);
  io::WeightsFile weights = io::read_weights(weights_path(folder));
  if (auto own = description_in(weights)) description = std::move(*own);
  require_known(description, folder);
  if (!description.lexicon_sha256.empty()) description.lexicon = lexicon_path(folder);
  TrainedModel trained{std::move(description), nullptr};
  trained.model = nn::make_model(trained.description.model, trained.description.sizes);
  io::assign_weights(std::move(weights), trained.model->network().parameters());
  return trained;
}

nn::Vocabularies read_vocabularies(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return read_description(path).vocabularies;
  const json file = parse(io::read_file(path), path);
  const bool whole = file.is_object() && file.contains("vocabularies");
  const json names = whole ? file.at("vocabularies") : file;
  return reading(path, [&] { return vocabularies_of(names, path); });
}

engine::Workload open_workload(TrainedModel trained, const DataFiles& files) {
  ModelDescription& description = trained.description;
  const auto given = [](const std::string& option, const std::string& otherwise) {
    return option.empty() ? otherwise : option;
  };
  const bool random = io::is_random_data(files.data);
  const bool own_lexicon = files.lexicon.empty() && !random && !description.lexicon.empty();
  if (own_lexicon && !description.lexicon_sha256.empty()) {
    require_lexicon(description.lexicon, io::digest_of_file(description.lexicon),
                    description.lexicon_sha256,
                    "it is not what it was in training; --lexicon takes another all the same");
  }
  const engine::WorkloadOptions data = {
      .model = description.model,
      .data = files.data,
      .format = given(files.format, random ? "auto" : description.format),
      .lexicon = given(files.lexicon, random ? "" : description.lexicon),
      .target = files.target,
      .labels = files.labels,
      .vocabularies = description.vocabularies,
      .unknown_labels_are_none = files.unknown_labels_are_none};
  engine::Workload workload;
  workload.sizes = description.sizes;
  if (has_pictures(description.model)) {
    engine::PictureData pictures = engine::read_pictures(data);
    workload.model =
        engine::make_picture_model(description.model, description.sizes, pictures, files.data);
    copy_weights(trained.model->network().parameters(), workload.model->network().parameters());
    workload.instances = std::move(pictures.instances);
  } else {
    workload.instances = engine::read_instances(data);
    workload.model = std::move(trained.model);
  }
  workload.vocabularies = std::move(description.vocabularies);
  return workload;
}

}  // namespace sheaf::train
