// SPDX-License-Identifier: Apache-2.0
//
// Whatever the bytes, io::read_parallel() gives pairs of sentences with words or throws a
// DataError. The input is cut into source and target at its first NUL.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "sheaf/base/error.h"
#include "sheaf/io/parallel.h"

namespace {

void require_rows(const std::vector<std::uint32_t>& sentence, std::size_t rows) {
  if (sentence.empty()) std::abort();
  for (const std::uint32_t row : sentence) {
    if (row >= rows) std::abort();
  }
}

void read(std::string_view source, std::string_view target, std::uint32_t target_rows) {
  sheaf::io::WordIndex words;
  sheaf::io::WordIndex target_words;
  try {
    for (const auto& instance : sheaf::io::read_parallel({source, "source"}, {target, "target"},
                                                         target_rows, words, target_words)) {
      const auto& pair = std::get<sheaf::nn::SentencePair>(instance);
      require_rows(pair.source, words.vocabulary().size());
      require_rows(pair.target, target_rows > 0 ? target_rows : target_words.vocabulary().size());
    }
  } catch (const sheaf::base::DataError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\0');
  if (cut == std::string_view::npos) return 0;
  read(text.substr(0, cut), text.substr(cut + 1), 0);
  read(text.substr(0, cut), text.substr(cut + 1), 7);
  return 0;
}
