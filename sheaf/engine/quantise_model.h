// SPDX-License-Identifier: Apache-2.0
//
// A model in integers: a run over data finds how large the inputs of its products are, then
// passes/quantise.h rewrites its network (docs/quantised.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/nn/model.h"
#include "sheaf/tensor/quantisation.h"

namespace sheaf::engine {

struct QuantiseOptions {
  tensor::Bits bits{8, 8};
  // Which share of the magnitudes of an input its integers tell apart; larger ones become the
  // largest integer. 100: all that the run met.
  double percentile = 100;
  std::vector<std::string> keep_float;  // patterns of weights (compress/encode.h: matches())
  std::uint32_t instances = 256;        // of the run, at most: the first ones
  std::string isa = "auto";
};

// What became of the weights of products.
struct Quantisation {
  tensor::Bits bits;
  std::vector<std::string> weights;  // that are integers
  std::vector<std::string> unseen;   // that stay floats, as the run met none of their products
};

// Folds batch normalisations, runs the model over `instances`, and gives it the network of
// integers. Ids and names of types and parameters stay. Sessions have to be compiled again. Throws
// UsageError for no instances, a percentile beyond 0 to 100, and a pattern that fits no weight, and
// as passes::quantise(); DataError where values are not finite. Nothing has changed then.
Quantisation quantise_model(nn::Model& model, std::span<const nn::Instance> instances,
                            const QuantiseOptions& options);

// Metadata of a weight file (io/weights_file.h) that holds such a network, and the opposite: gives
// a model, whose weights have no values yet, the form that the file's weights were saved in. Throws
// DataError that names `file` for metadata that are no such thing, or do not fit the model. Nothing
// where the file has floats.
[[nodiscard]] std::map<std::string, std::string, std::less<>> quantised_metadata(
    const Quantisation& quantisation);
std::optional<Quantisation> take_quantised_form(
    const std::map<std::string, std::string, std::less<>>& metadata, const std::string& file,
    nn::Model& model);

}  // namespace sheaf::engine
