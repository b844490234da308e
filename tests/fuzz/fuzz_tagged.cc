// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, the readers of sentences give as many labels as words and spellings that hold
// together, or throw a DataError; io::guess_format() gives a format.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/format.h"
#include "sheaf/io/spelling.h"

namespace {

namespace io = sheaf::io;

void require_spelt(const std::vector<io::TaggedSentence>& sentences) {
  const io::WordIndex words(io::frequent_words(sentences, 2));
  io::WordIndex characters;
  for (const auto& instance : io::spelt_sentences(sentences, words, characters)) {
    const auto& sentence = std::get<sheaf::nn::Sentence>(instance);
    const auto& begin = sentence.spelling_begin;
    if (begin.empty() != sentence.spelling.empty()) std::abort();
    if (begin.empty()) continue;
    if (begin.size() != sentence.ids.size() + 1) std::abort();
    if (begin.back() != sentence.spelling.size()) std::abort();
    for (std::size_t w = 0; w < sentence.ids.size(); ++w) {
      if (begin[w] > begin[w + 1]) std::abort();
      if (begin[w] < begin[w + 1] && sentence.ids[w] != 0) std::abort();
    }
  }
}

template <typename Read>
void try_reader(const Read& read) {
  try {
    const std::vector<io::TaggedSentence> sentences = read();
    for (const io::TaggedSentence& sentence : sentences) {
      if (sentence.words.empty()) std::abort();
      for (const std::string_view word : sentence.words) {
        if (word.empty()) std::abort();
      }
      if (!sentence.labels.empty() && sentence.labels.size() != sentence.words.size()) std::abort();
    }
    require_spelt(sentences);
  } catch (const sheaf::base::DataError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  io::LabelIndex labels;
  try_reader([&] { return io::read_tagged_text(text, "fuzz", labels); });
  try_reader([&] { return io::read_bmes(text, "fuzz", labels); });
  try_reader([&] { return io::read_words(text, "fuzz"); });
  if (io::name(io::guess_format(text)).empty()) std::abort();
  return 0;
}
