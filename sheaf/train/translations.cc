// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/translations.h"

#include "sheaf/io/parallel.h"

namespace sheaf::train {

const nn::LstmNmt* as_translator(const nn::Model& model) {
  return dynamic_cast<const nn::LstmNmt*>(&model);
}

Bleu::Sentence words_of(const engine::Decoded& translation, const nn::Vocabulary& target) {
  Bleu::Sentence words;
  for (const std::uint32_t word : translation.words) words.push_back(target.at(word));
  return words;
}

Bleu::Sentence reference_of(const nn::Instance& pair, const nn::Vocabulary& target) {
  Bleu::Sentence words;
  for (const std::uint32_t word : nn::require<nn::SentencePair>(pair, "lstm_nmt").target) {
    words.push_back(word == 0 ? "" : target.at(word));
  }
  if (!words.empty() && words.back() == io::kSentenceEnd) words.pop_back();
  return words;
}

}  // namespace sheaf::train
