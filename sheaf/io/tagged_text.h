// SPDX-License-Identifier: Apache-2.0
//
// Sentences with a tag on every word, and words without tags. What is read are the words
// themselves; `sentences_of` and `spelt_sentences` (spelling.h) turn them into rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/vocabulary.h"

namespace sheaf::io {

struct TaggedSentence {
  std::vector<std::string_view> words;  // parts of the text that was read
  std::vector<std::uint32_t> labels;    // one per word; empty where the text has no tags
};

// A sentence per line, "word|tag" separated by blanks; empty lines are skipped:
//
//   Kojima|I-PER played|O guitar|O
//
// The last bar of a token splits it. Where every token of the file has three fields, as WikiNER
// (Nothman et al., 2013) is published, the middle one, a part of speech, is dropped. Throws
// DataError with file and line: a token without a bar, without a word or a tag, a tag that
// a closed `labels` lacks, bytes that are not UTF-8.
[[nodiscard]] std::vector<TaggedSentence> read_tagged_text(std::string_view text,
                                                           const std::string& path,
                                                           LabelIndex& labels);
// The same of a part of a file, of which `three_fields` says whether all tokens have three fields.
[[nodiscard]] std::vector<TaggedSentence> read_tagged_text(std::string_view text,
                                                           const std::string& path,
                                                           LabelIndex& labels, bool three_fields);

// Whether there are tokens and each of them has three fields.
[[nodiscard]] bool has_three_fields(std::string_view text);

// A character and its BMES tag per line (begin, middle, end, single; "O" outside), sentences
// separated by empty lines. The last blank or tab of a line splits it; the character may be any
// text. Throws DataError with file and line as above.
[[nodiscard]] std::vector<TaggedSentence> read_bmes(std::string_view text, const std::string& path,
                                                    LabelIndex& labels);

// A sentence per line, words separated by blanks, no tags; empty lines are skipped. Throws
// DataError when the text is not UTF-8.
[[nodiscard]] std::vector<TaggedSentence> read_words(std::string_view text,
                                                     const std::string& path);

// Instances of nn::Sentence; every word has the row that `words` gives it.
[[nodiscard]] std::vector<nn::Instance> sentences_of(std::span<const TaggedSentence> sentences,
                                                     WordIndex& words);

}  // namespace sheaf::io
