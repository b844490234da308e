// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/workload.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/io/brackets.h"
#include "sheaf/io/file.h"
#include "sheaf/io/lac_files.h"
#include "sheaf/io/lattices.h"
#include "sheaf/io/weights_file.h"

namespace sheaf::engine {
namespace {

constexpr std::uint32_t kDefaultHidden = 256;
constexpr std::uint32_t kMostHidden = 1U << 14U;

void refuse_option(const WorkloadOptions& options, const char* option, const std::string& got,
                   const std::string& expected) {
  throw base::UsageError(
      {.place = option, .what = "model " + options.model, .got = got, .expected = expected});
}

Workload open_lac(const WorkloadOptions& options) {
  if (options.hidden && *options.hidden != nn::Lac::kHidden) {
    refuse_option(options, "--hidden", std::to_string(*options.hidden),
                  std::to_string(nn::Lac::kHidden) + ", which the trained weights have");
  }
  // Weights that --save-weights wrote replace those of the package, whose dictionaries are still
  // needed.
  std::error_code error;
  const bool saved = std::filesystem::is_regular_file(options.weights, error);
  io::LacFiles files =
      io::read_lac(options.weights.empty() || saved ? io::kLacFolder : options.weights);
  if (saved) {
    io::assign_weights(io::read_weights(options.weights), files.model->network().parameters());
  }
  Workload workload;
  workload.instances =
      io::read_sentences(io::read_file(options.data), options.data, files, workload.characters);
  std::size_t unknown = 0;
  std::size_t all = 0;
  for (const nn::Instance& instance : workload.instances) {
    const auto& ids = std::get<nn::Sentence>(instance).ids;
    unknown += static_cast<std::size_t>(std::count(ids.begin(), ids.end(), files.unknown));
    all += ids.size();
  }
  if (all > 0) workload.unknown_share = static_cast<double>(unknown) / static_cast<double>(all);
  workload.vocabularies.words = files.characters.vocabulary();
  workload.vocabularies.labels = std::move(files.labels);
  workload.model = std::move(files.model);
  return workload;
}

// Hidden size of a weight file: the columns of its embedding table.
std::uint32_t hidden_of(const io::WeightsFile& weights, const WorkloadOptions& options) {
  const auto it = weights.tensors.find(nn::kEmbedding);
  if (it == weights.tensors.end()) {
    throw base::DataError({.place = weights.path,
                           .what = "tensor",
                           .got = "none",
                           .expected = std::string("'") + nn::kEmbedding + "'"});
  }
  if (!weights.model.empty() && weights.model != options.model) {
    throw base::DataError({.place = weights.path,
                           .what = "weights of model",
                           .got = weights.model,
                           .expected = options.model});
  }
  const tensor::Shape shape = it->second.shape();
  if (shape.rows == 0 || shape.cols == 0 || shape.cols > kMostHidden) {
    throw base::DataError(
        {.place = weights.path + ": " + it->first,
         .what = "shape",
         .got = to_string(shape),
         .expected = "1 or more rows and 1 to " + std::to_string(kMostHidden) + " columns"});
  }
  if (options.hidden && *options.hidden != shape.cols) {
    refuse_option(options, "--hidden", std::to_string(*options.hidden),
                  std::to_string(shape.cols) + ", which the weights have");
  }
  if (!weights.vocabularies.words.empty() && weights.vocabularies.words.size() != shape.rows) {
    throw base::DataError({.place = weights.path,
                           .what = "words in the vocabulary",
                           .got = std::to_string(weights.vocabularies.words.size()),
                           .expected = std::to_string(shape.rows)});
  }
  return shape.cols;
}

void read_instances(const WorkloadOptions& options, const nn::Vocabulary& known,
                    std::uint32_t& rows, Workload& workload) {
  const std::string text = io::read_file(options.data);
  if (options.model == "lattice_lstm" && options.lexicon.empty()) {
    workload.instances = io::read_lattices(text, options.data, rows);
    for (std::uint32_t id = 0; id < rows; ++id)
      workload.vocabularies.words.push_back(std::to_string(id));
    return;
  }
  io::WordIndex words = known.empty() ? io::WordIndex() : io::WordIndex(known);
  if (options.model == "tree_lstm") {
    workload.instances = io::read_brackets(text, options.data, words);
  } else {
    const io::Lexicon lexicon(io::read_file(options.lexicon), options.lexicon);
    workload.instances = io::read_text_lattices(text, options.data, lexicon, words);
  }
  workload.vocabularies.words = words.vocabulary();
  rows = static_cast<std::uint32_t>(workload.vocabularies.words.size());
}

}  // namespace

Workload open_workload(const WorkloadOptions& options) {
  const auto names = nn::model_names();
  if (std::find(names.begin(), names.end(), options.model) == names.end()) {
    throw base::UsageError({.place = "--model",
                            .what = "unknown model",
                            .got = "'" + options.model + "'",
                            .hint = base::suggest(options.model, names)});
  }
  if (!options.lexicon.empty() && options.model != "lattice_lstm") {
    refuse_option(options, "--lexicon", options.lexicon, "no lexicon");
  }
  if (options.hidden && (*options.hidden == 0 || *options.hidden > kMostHidden)) {
    refuse_option(options, "--hidden", std::to_string(*options.hidden),
                  "1 to " + std::to_string(kMostHidden));
  }
  if (options.model == "lac") return open_lac(options);

  Workload workload;
  nn::ModelOptions model{.hidden = options.hidden.value_or(kDefaultHidden), .vocabulary = 0};
  std::optional<io::WeightsFile> weights;
  if (!options.weights.empty()) {
    weights = io::read_weights(options.weights);
    model.hidden = hidden_of(*weights, options);
    model.vocabulary = weights->tensors.find(nn::kEmbedding)->second.shape().rows;
  }
  read_instances(options, weights ? weights->vocabularies.words : nn::Vocabulary{},
                 model.vocabulary, workload);
  workload.model = nn::make_model(options.model, model);
  graph::ParameterStore& parameters = workload.model->network().parameters();
  workload.random_weights = !weights;
  if (weights) {
    io::assign_weights(std::move(*weights), parameters);
  } else {
    nn::initialise(parameters, options.seed, workload.vocabularies);
  }
  return workload;
}

}  // namespace sheaf::engine
