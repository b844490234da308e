// SPDX-License-Identifier: Apache-2.0
//
// Weights as safetensors: 8 bytes of header length (little-endian), a JSON header with name, type,
// shape and place of every tensor, then raw float32. The header's __metadata__ holds the model's
// name and, as a JSON array, its vocabulary.
#pragma once

#include <map>
#include <string>

#include "sheaf/graph/parameter.h"
#include "sheaf/nn/dataset.h"
#include "sheaf/nn/model.h"

namespace sheaf::io {

struct WeightsFile {
  std::string path;
  std::string model;
  nn::Vocabulary vocabulary;  // keys of the embedding rows; empty when the file has none
  std::map<std::string, tensor::Tensor, std::less<>> tensors;
};

// Throws DataError when the file is truncated, of a wrong size, not float32, or holds NaN or
// infinity.
[[nodiscard]] WeightsFile read_weights(const std::string& path);

// Gives every parameter its tensor. Throws DataError when one is missing, has another shape, or is
// not a parameter.
void assign_weights(WeightsFile file, graph::ParameterStore& parameters);

void save_weights(const std::string& path, const graph::ParameterStore& parameters,
                  const std::string& model, const nn::Vocabulary& vocabulary);

}  // namespace sheaf::io
