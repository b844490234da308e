// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/translations.h"

#include <utility>

#include "sheaf/io/parallel.h"

namespace sheaf::train {
namespace {

constexpr std::uint32_t kSentencesAtATime = 64;

}  // namespace

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

double greedy_bleu(const nn::LstmNmt& model, std::span<const nn::Instance> pairs,
                   const nn::Vocabulary& target, engine::Options session_options) {
  engine::Translator translator(
      model, {.end = engine::end_row(target), .growing = {.most_alive = kSentencesAtATime}},
      std::move(session_options));
  Bleu bleu;  // of sums, which do not depend on the order
  translator.translate(pairs, [&](std::uint32_t index, const engine::Decoded& translation) {
    const Bleu::Sentence reference = reference_of(pairs[index], target);
    bleu.add(words_of(translation, target), {&reference, 1});
  });
  return bleu.value();
}

}  // namespace sheaf::train
