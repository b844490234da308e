// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/picture_data.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/engine/block_reader.h"
#include "sheaf/engine/model_data.h"
#include "sheaf/io/file.h"
#include "sheaf/io/idx.h"
#include "sheaf/io/weights_file.h"
#include "sheaf/nn/picture_models.h"

namespace sheaf::engine {
namespace {

// Each way: what a layer makes of them is counted in 32 bits.
constexpr std::uint32_t kMostPixels = 1U << 12U;

// The name with "images" and "idx3" replaced, without ".gz"; empty where "images" is not in it.
std::string name_of_labels(const std::string& pictures) {
  std::string name = std::filesystem::path(pictures).filename().string();
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  const auto replace = [&](std::string_view what, std::string_view by) {
    const std::size_t at = name.rfind(what);
    if (at == std::string::npos) return false;
    name.replace(at, what.size(), by);
    return true;
  };
  if (!replace("images", "labels")) return {};
  replace("idx3", "idx1");
  return name;
}

std::string default_labels(const std::string& pictures) {
  return (std::filesystem::path(pictures).parent_path() / name_of_labels(pictures)).string();
}

io::IdxArray read_array(const std::string& path) { return io::read_idx(io::read_file(path), path); }

std::string required_labels(const WorkloadOptions& options) {
  std::string path = labels_path(options);
  if (!path.empty()) return path;
  const std::string beside = name_of_labels(options.data);
  refuse_option(options, "--labels", "none",
                "a file of labels (IDX)" +
                    (beside.empty() ? "" : ", as " + default_labels(options.data) + " would be"));
}

nn::Vocabulary classes_in(const std::vector<std::uint32_t>& labels) {
  const auto largest = std::max_element(labels.begin(), labels.end());
  return largest == labels.end() ? nn::Vocabulary{} : numbered(*largest + 1);
}

void require_classes(const std::vector<std::uint32_t>& labels, const nn::Vocabulary& classes,
                     const std::string& path) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < classes.size()) continue;
    throw base::DataError(
        {.place = path,
         .what = "label " + std::to_string(i),
         .got = std::to_string(labels[i]),
         .expected = "below " + std::to_string(classes.size()) + ", the classes of the model"});
  }
}

// Without labels each is kNoLabel.
io::PictureSet read_set(const WorkloadOptions& options, const std::string& labels) {
  io::IdxArray pictures = read_array(options.data);
  if (!labels.empty()) {
    return io::join_pictures(std::move(pictures), options.data, read_array(labels), labels);
  }
  return io::unlabelled_pictures(std::move(pictures), options.data);
}

}  // namespace

std::string labels_path(const WorkloadOptions& options) {
  if (!options.labels.empty() || options.unknown_labels_are_none) return options.labels;
  if (name_of_labels(options.data).empty()) return {};
  const std::string path = default_labels(options.data);
  std::error_code unused;
  for (const std::string& name : {path + ".gz", path}) {
    if (std::filesystem::exists(name, unused)) return name;
  }
  return {};
}

PictureData read_pictures(const WorkloadOptions& options) {
  require_fitting(options, model_data(options.model));
  const bool required = options.vocabularies && !options.unknown_labels_are_none;
  const std::string path = required ? required_labels(options) : labels_path(options);
  const io::PictureSet set = read_set(options, path);
  if (std::max(set.height, set.width) > kMostPixels) {
    throw base::DataError({.place = options.data,
                           .what = "size of the pictures",
                           .got = std::to_string(set.height) + " x " + std::to_string(set.width),
                           .expected = "at most " + std::to_string(kMostPixels) + " each way"});
  }
  PictureData data{.instances = io::pictures_of(set, 0),
                   .pixels = io::pixel_table({&set, 1}),
                   .height = set.height,
                   .width = set.width,
                   .labels = {}};
  if (options.vocabularies) {
    data.labels = options.vocabularies->labels;
    if (required) require_classes(set.labels, data.labels, path);
  } else if (!path.empty()) {
    data.labels = classes_in(set.labels);
  }
  return data;
}

nn::Vocabulary picture_labels(const WorkloadOptions& options) {
  if (options.data == "-" || options.labels == "-") {
    throw base::UsageError({.place = options.data == "-" ? "--data" : "--labels",
                            .what = "data to train on",
                            .got = "standard input",
                            .expected = "a file, which can be read more than once"});
  }
  return classes_in(read_set(options, required_labels(options)).labels);
}

std::unique_ptr<nn::Model> make_picture_model(const std::string& name, nn::ModelOptions sizes,
                                              PictureData& data, const std::string& path) {
  if (sizes.height != data.height || sizes.width != data.width) {
    throw base::DataError({.place = path,
                           .what = "size of the pictures",
                           .got = std::to_string(data.height) + " x " + std::to_string(data.width),
                           .expected = std::to_string(sizes.height) + " x " +
                                       std::to_string(sizes.width) +
                                       ", which the model was made for"});
  }
  sizes.vocabulary = data.pixels.shape().rows;
  auto model = nn::make_model(name, sizes);
  graph::ParameterStore& parameters = model->network().parameters();
  parameters.assign(parameters.find(nn::kPixels), std::move(data.pixels));
  return model;
}

Workload open_pictures(const WorkloadOptions& options) {
  if (options.hidden) {
    refuse_option(options, "--hidden", std::to_string(*options.hidden),
                  "no hidden size: its layers have their own");
  }
  WorkloadOptions known = options;
  std::optional<io::WeightsFile> weights;
  if (!options.weights.empty()) {
    weights = io::read_weights(options.weights);
    if (!weights->model.empty() && weights->model != options.model) {
      throw base::DataError({.place = weights->path,
                             .what = "weights of model",
                             .got = weights->model,
                             .expected = options.model});
    }
    known.vocabularies = weights->vocabularies;
  }
  PictureData data = read_pictures(known);
  Workload workload;
  workload.vocabularies.labels = data.labels;
  workload.sizes = model_options(1, options.seed, workload.vocabularies);
  workload.sizes.height = data.height;
  workload.sizes.width = data.width;
  workload.model = make_picture_model(options.model, workload.sizes, data, options.data);
  workload.instances = std::move(data.instances);
  workload.random_weights = !weights;
  if (weights) {
    workload.quantised = take_quantised_form(weights->metadata, options.weights, *workload.model);
    io::assign_weights(std::move(*weights), workload.model->network().parameters());
  } else {
    dynamic_cast<nn::PictureNet&>(*workload.model).initialise(options.seed);
  }
  return workload;
}

}  // namespace sheaf::engine
