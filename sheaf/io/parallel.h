// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/vocabulary.h"

namespace sheaf::io {

struct NamedText {
  std::string_view text;
  std::string path;
};

// Ends every target sentence where the target's vocabulary is full, so that a decoder can learn to
// stop.
inline constexpr const char* kSentenceEnd = "</s>";

// Sentences and their translations: two texts of as many lines, a sentence per line, words
// separated by blanks. A pair of empty lines is skipped. Throws DataError with file and line: texts
// of different length, a sentence whose translation is empty or the reverse, bytes that are not
// UTF-8.
//
// `target_rows` > 0 folds the target into that many rows: words are numbered 1, 2, ... in the
// order of their first appearance (0 is "<unk>") and take the row of their number modulo
// `target_rows`, as the benchmark released with ED-Batch does; `target` is then left as it is.
// 0: a word takes the row that `target` gives it, and every sentence ends with kSentenceEnd.
[[nodiscard]] std::vector<nn::Instance> read_parallel(const NamedText& source_text,
                                                      const NamedText& target_text,
                                                      std::uint32_t target_rows, WordIndex& source,
                                                      WordIndex& target);

// The first of the two alone, to be translated: pairs whose targets are empty. Empty lines are
// skipped. Throws DataError with file and line for bytes that are not UTF-8.
[[nodiscard]] std::vector<nn::Instance> read_sources(const NamedText& source_text,
                                                     WordIndex& source);

}  // namespace sheaf::io
