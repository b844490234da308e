// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/compress/encode.h"
#include "sheaf/engine/quantise_model.h"
#include "sheaf/nn/model.h"

namespace sheaf::engine {

// Rows into which lstm_nmt's target vocabulary is folded when nothing else is said
// (docs/models.md).
inline constexpr std::uint32_t kTargetRows = 256;

struct WorkloadOptions {
  std::string model;
  std::string data;             // file, "-" for standard input, or random data (io/random_data.h)
  std::string format = "auto";  // of `data`: a name of io/format.h; auto: by model and first line
  std::string lexicon;          // lattices: makes lattices of text
  std::string target;           // lstm_nmt: the translations, line by line
  std::string labels;  // pictures: their labels; empty: the file beside them (picture_data.h)
  std::optional<std::uint32_t> target_rows;  // lstm_nmt: folds the target (io/parallel.h)
  std::string counts;   // bilstm_tagger_char: training data, which say what words are rare
  std::string weights;  // safetensors; lac: a folder. Empty: random, lac: the package's
  std::optional<std::uint32_t> hidden;  // default 256
  std::uint64_t seed = 1;               // of random weights
  bool crf = false;  // nn::ModelOptions::crf; lac then is a model to be trained, not the package's
  std::vector<std::string> encode;  // PATTERN=ENCODING: compress/encode.h
  // Names of the model's rows and classes, as build_vocabularies() of vocabulary_builder.h finds
  // them, in place of those of the data; not together with `weights`. A word that they lack is
  // "<unk>" or is spelt.
  std::optional<nn::Vocabularies> vocabularies;
  // A label that weights or `vocabularies` lack is no label (nn::kNoLabel), not a fault: for data
  // that are to be labelled. Those of lstm_nmt then need no `target`.
  bool unknown_labels_are_none = false;
};

// A model with weights, and the instances that it is to run on.
struct Workload {
  std::unique_ptr<nn::Model> model;
  std::vector<nn::Instance> instances;
  nn::Vocabularies vocabularies;
  nn::ModelOptions sizes;  // that the model was made with; of pictures, for one picture
  bool random_weights = false;
  std::vector<std::vector<std::string>> characters;  // lac: the characters of each sentence
  double unknown_share = 0;                // lac: share of characters that the dictionary lacks
  std::vector<compress::Encoded> encoded;  // what options.encode changed
  std::optional<Quantisation> quantised;   // of weights that are integers
};

// The sizes of a model with such names.
[[nodiscard]] nn::ModelOptions model_options(std::uint32_t hidden, std::uint64_t seed,
                                             const nn::Vocabularies& names);

// The data alone; the vocabularies must be given. Throws as open_workload() does.
[[nodiscard]] std::vector<nn::Instance> read_instances(const WorkloadOptions& options);

// The model alone, without reading the data: of Workload no instances. The vocabularies are those
// of the weights, or must be given. UsageError for pictures and, without `crf`, `lac`; as below.
[[nodiscard]] Workload open_model(const WorkloadOptions& options);

// Reads model and data; which data a model takes stands in model_data.cc. Vocabularies and classes
// come from the weights, where there are any, or else from the data. Random weights are drawn as
// their encodings store them, others are projected. Throws UsageError for unknown
// models and options that do not fit the model, DataError for bad files.
[[nodiscard]] Workload open_workload(const WorkloadOptions& options);

}  // namespace sheaf::engine
