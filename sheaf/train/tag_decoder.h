// SPDX-License-Identifier: Apache-2.0
//
// From the outputs of a model to its predicted classes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sheaf/engine/minibatches.h"
#include "sheaf/nn/model.h"
#include "sheaf/nn/tag_chain.h"

namespace sheaf::train {

enum class Decode : std::uint8_t {
  greedy,   // of every output its best class
  viterbi,  // models with a CRF: the best sequence of tags
  legal     // the best of the sequences that the names of the tags allow (nn/tag_scheme.h); of a
            // model with a CRF by its scores
};

[[nodiscard]] const std::string& name(Decode decode);

// Throws UsageError, suggesting the nearest.
[[nodiscard]] Decode parse_decode(const std::string& name);

// The predicted class of every output of an instance: what the model's decoder gave, or else the
// largest value of a row, of equal ones the first. NaN is never the largest.
[[nodiscard]] std::vector<std::uint32_t> predicted_labels(const engine::InstanceOutputs& outputs);

// Finds tags with the weights that the model has when it is made.
class TagDecoder {
 public:
  // Greedy.
  TagDecoder() = default;
  // Throws UsageError for a way that the model or its labels do not allow.
  TagDecoder(const nn::Model& model, const nn::Vocabulary& labels, Decode decode);

  // As predicted_labels(), for the way of this decoder. Position 0 of a lattice, to which no word
  // leads, is not part of the sequence; its class is the greedy one.
  [[nodiscard]] std::vector<std::uint32_t> decode(const nn::Instance& instance,
                                                  const engine::InstanceOutputs& outputs) const;

 private:
  std::optional<nn::TagChain> chain_;
};

// What decodes best where nothing is said: `legal` where the labels have a scheme whose rules 99 of
// 100 gold sequences of the training data keep (some are cut off); else viterbi with a CRF, greedy
// without. (Names do not tell IOB1, in which I-X may begin a span, from BIO.)
[[nodiscard]] Decode default_decode(const nn::Model& model, std::span<const nn::Instance> instances,
                                    const nn::Vocabulary& labels);

}  // namespace sheaf::train
