// SPDX-License-Identifier: Apache-2.0
//
// Translations as text, and how good they are.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sheaf/engine/translator.h"
#include "sheaf/nn/model.h"
#include "sheaf/train/metrics.h"

namespace sheaf::train {

// The model as one that translates; null for any other.
[[nodiscard]] const nn::LstmNmt* as_translator(const nn::Model& model);

// The words of a translation; "<unk>" is one of them.
[[nodiscard]] Bleu::Sentence words_of(const engine::Decoded& translation,
                                      const nn::Vocabulary& target);

// The target of a pair, without the end of the sentence, as the reference of a translation. A word
// that the vocabulary lacks is the empty word, which no translation has: BLEU is that of the texts,
// where these do not hold "<unk>" themselves. Throws UsageError for an instance of another kind.
[[nodiscard]] Bleu::Sentence reference_of(const nn::Instance& pair, const nn::Vocabulary& target);

// BLEU of greedy translations of all pairs, between 0 and 1. Throws UnsupportedError for a model
// that has not learned to end a sentence.
[[nodiscard]] double greedy_bleu(const nn::LstmNmt& model, std::span<const nn::Instance> pairs,
                                 const nn::Vocabulary& target, engine::Options session_options);

}  // namespace sheaf::train
