// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/spelling.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "sheaf/io/file.h"

namespace sheaf::io {

nn::Vocabulary frequent_words(std::span<const TaggedSentence> sentences, std::uint32_t least) {
  std::unordered_map<std::string_view, std::uint32_t> seen;
  std::vector<std::string_view> order;
  for (const TaggedSentence& sentence : sentences) {
    for (const std::string_view word : sentence.words) {
      if (++seen[word] == 1) order.push_back(word);
    }
  }
  nn::Vocabulary words = {kUnknownWord};
  for (const std::string_view word : order) {
    if (seen[word] >= least && word != kUnknownWord) words.emplace_back(word);
  }
  return words;
}

std::vector<nn::Instance> spelt_sentences(std::span<const TaggedSentence> sentences,
                                          const WordIndex& words, WordIndex& characters) {
  std::vector<nn::Instance> instances;
  for (const TaggedSentence& sentence : sentences) {
    nn::Sentence instance;
    instance.labels = sentence.labels;
    instance.spelling_begin.push_back(0);
    for (std::string_view word : sentence.words) {
      const auto row = words.find(word);
      instance.ids.push_back(row.value_or(0));
      while (!row && !word.empty()) {
        instance.spelling.push_back(characters.row(next_code_point(word)));
      }
      instance.spelling_begin.push_back(static_cast<std::uint32_t>(instance.spelling.size()));
    }
    if (instance.spelling.empty()) instance.spelling_begin.clear();
    instances.emplace_back(std::move(instance));
  }
  return instances;
}

}  // namespace sheaf::io
