// SPDX-License-Identifier: Apache-2.0
//
// A trained model as a folder of two files, or three:
//
//   model.json           what it is, for people and programs
//   weights.safetensors  its weights, with their vocabularies (io/weights_file.h) and, as
//                        "description" of their metadata, model.json without its vocabularies
//   lexicon.txt          a copy of the word list that makes lattices of its data, where it has one
//
// model.json is an object with the keys
//
//   format        "sheaf-model-1"
//   model         name of the architecture: nn::model_names()
//   sizes         {"hidden", "vocabulary", "characters", "classes", "crf"}: nn::ModelOptions, of
//                 models without a CRF no "crf"; of pictures {"height", "width", "classes"}
//   seed          of the random weights with which training began (and of tree_lstm_2type's coin)
//   data          {"format", "lexicon", "lexicon_sha256"}: how its data are read, as `sheaf train`
//                 was told, and what the word list held ("": there is none)
//   decode        "greedy", "viterbi" or "legal": tag_decoder.h; greedy where it is missing
//   encodings     {"W_i": "block_circulant:k=8", ...}: of weights that are not dense
//   metrics       {"root_accuracy": 0.43, ...}: what training measured on held-out data
//   training      {"epoch", "updates", "loss", "metric"}: the epoch, from 1, that had ended with
//                 these weights, the updates until then, the mean loss in it, and the metric by
//                 which it was best ("": none); {}: not known
//   vocabularies  {"words", "characters", "target", "labels"}: lists of names, by row or class
//
// Each file is written under a temporary name and renamed, the weights first. They hold everything:
// whoever is stopped between the two renames leaves a folder that opens as the newer model, and
// where the two files differ, the weights count.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sheaf/engine/workload.h"
#include "sheaf/nn/model.h"
#include "sheaf/train/tag_decoder.h"

namespace sheaf::train {

// When weights were as they are.
struct TrainingFigures {
  std::uint64_t epoch = 0;  // that had ended, from 1; 0: none
  std::uint64_t updates = 0;
  double loss = 0;          // mean over the epoch, each minibatch at the weights of its time
  std::string metric = {};  // by which the epoch is the best so far; empty: none
};

struct ModelDescription {
  std::string model;
  nn::ModelOptions sizes;  // engine::model_options()
  std::string format = "auto";
  std::string lexicon = {};         // path of the word list; of a model that was opened, its copy
  std::string lexicon_sha256 = {};  // of its content; empty: not known
  Decode decode = Decode::greedy;
  std::map<std::string, double> metrics = {};
  std::optional<TrainingFigures> training = {};
  nn::Vocabularies vocabularies = {};
};

struct TrainedModel {
  ModelDescription description;
  std::unique_ptr<nn::Model> model;
};

// Writes the weights of the model that is described, by name; what else `weights` has is left out
// (copy_weights.h). Makes the folder where there is none. The files are on the disk when this
// returns. Throws IoError, NotFoundError for a weight that is missing, and UsageError for weights
// of another shape or that are not numbers: nothing is replaced then.
void save_model(const std::string& folder, const graph::ParameterStore& weights,
                const ModelDescription& description);
// The same of a model's weights as they are now.
inline void save_model(const std::string& folder, const nn::Model& model,
                       const ModelDescription& description) {
  save_model(folder, model.network().parameters(), description);
}

// Copies the word list that is described into the folder, where it is not there already. Throws
// DataError where the list has not the content that is described, IoError and NotFoundError.
void keep_lexicon(const std::string& folder, const ModelDescription& description);

// Throws NotFoundError for a folder or file that is not there, ConfigError for a model.json with
// missing or unknown keys, DataError for one that is no JSON or does not fit its weights, and for
// weights that io::read_weights() refuses.
[[nodiscard]] TrainedModel open_model(const std::string& folder);

// Vocabularies for another training: those of a model folder, or of a file that is JSON as
// model.json is, or the value of its key "vocabularies". Throws as open_model() does.
[[nodiscard]] nn::Vocabularies read_vocabularies(const std::string& path);

// What data are read for a trained model.
struct DataFiles {
  std::string data;
  std::string format = {};   // empty: the model's
  std::string lexicon = {};  // empty: the model's
  std::string target = {};   // lstm_nmt
  std::string labels = {};   // pictures: engine/picture_data.h
  bool unknown_labels_are_none = false;
};

// The trained model with data that are read with its vocabularies, and its word list where no other
// is given. Throws DataError where that list is not the one that it was trained with.
[[nodiscard]] engine::Workload open_workload(TrainedModel trained, const DataFiles& files);

}  // namespace sheaf::train
