// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/io/vocabulary.h"
#include "sheaf/nn/lac.h"

namespace sheaf::io {

// The tagger that Debian's python3-jieba ships, ready to run.
struct LacFiles {
  std::unique_ptr<nn::Lac> model;
  WordIndex characters;             // closed; row 0 is not "<unk>" here, see `unknown`
  std::uint32_t unknown;            // row for characters that the dictionary lacks
  std::vector<std::string> labels;  // by tag: "n-B", "n-I", ..., "O"
};

// Where the package puts the model.
inline constexpr const char* kLacFolder = "/usr/lib/python3/dist-packages/jieba/lac_small";

// Reads the dictionaries and the weights below `folder`. Throws NotFoundError that names the
// package to install, and DataError for files that are truncated, of a wrong size, or hold NaN.
[[nodiscard]] LacFiles read_lac(const std::string& folder);

// One sentence per line of text, empty lines kept as sentences without characters. `lines` gets the
// characters of each sentence as UTF-8. Throws DataError when the text is not UTF-8.
[[nodiscard]] std::vector<nn::Instance> read_sentences(
    std::string_view text, const std::string& path, LacFiles& lac,
    std::vector<std::vector<std::string>>& lines);

// "word/tag word/tag": a word begins at a tag "x-B", and at an "O" that does not follow an "O".
[[nodiscard]] std::string tagged_line(const std::vector<std::string>& characters,
                                      const std::vector<std::uint32_t>& tags,
                                      const std::vector<std::string>& labels);

}  // namespace sheaf::io
