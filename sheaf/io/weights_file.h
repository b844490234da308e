// SPDX-License-Identifier: Apache-2.0
//
// Weights as safetensors: 8 bytes of header length (little-endian), a JSON header with name, type,
// shape and place of every tensor, then raw float32. The header's __metadata__, whose values are
// strings, holds
//
//   model              the model's name
//   vocabulary         a JSON array: the word of every row of `embedding`
//   characters         the same of `characters` (bilstm_tagger_char)
//   target_vocabulary  the same of `target_embedding` (lstm_nmt), whose rows are the classes
//   labels             the name of every class (taggers: tags, dependency trees: relations)
//   encodings          a JSON object: "block_circulant:k=8" by name of tensor
//
// where the last five are left out when they are empty. A tensor that `encodings` names is what is
// stored of a matrix [rows x columns]: of shape [rows / k, columns / k, k], k numbers to a block
// (compress/block_circulant). A word that a vocabulary lacks has row 0,
// "<unk>"; with bilstm_tagger_char it is spelt instead: a word has a row or is spelt. A vocabulary
// that is "0", "1", "2", ... names ids: of the integers of a lattice file, or of words numbered in
// the order in which the data show them (io/parallel.h).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sheaf/graph/parameter.h"
#include "sheaf/nn/dataset.h"
#include "sheaf/nn/model.h"
#include "sheaf/tensor/encoding.h"

namespace sheaf::io {

struct WeightsFile {
  std::string path;
  std::string model;
  nn::Vocabularies vocabularies;                                   // empty where the file has none
  std::map<std::string, tensor::Tensor, std::less<>> tensors;      // as they are stored
  std::map<std::string, tensor::Encoding, std::less<>> encodings;  // of those that are not dense
  std::map<std::string, std::string, std::less<>> metadata;        // strings under other keys
};

// Throws DataError when the file is truncated, of a wrong size, not float32, holds NaN or infinity,
// or an encoded tensor that is not as its encoding stores it.
[[nodiscard]] WeightsFile read_weights(const std::string& path);
// The same of bytes that were read; `path` names them.
[[nodiscard]] WeightsFile parse_weights(std::string_view bytes, const std::string& path);

// Gives every parameter but data (nn::is_data()) its tensor and the tensor's encoding. Throws
// DataError when one is missing, has another shape, or is not a parameter.
void assign_weights(WeightsFile file, graph::ParameterStore& parameters);

// All parameters but data. `metadata` goes into the header too, its keys beside those above.
void save_weights(const std::string& path, const graph::ParameterStore& parameters,
                  const std::string& model, const nn::Vocabularies& vocabularies,
                  const std::map<std::string, std::string, std::less<>>& metadata = {});

}  // namespace sheaf::io
