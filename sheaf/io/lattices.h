// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sheaf/io/vocabulary.h"

namespace sheaf::io {

// Reads integer lattices (docs/models.md): the number of sentences; then, per sentence, the number
// of positions, a line of as many tags, and a line per position: the number of incoming arcs and
// that many pairs (source position, id). Empty lines between sentences are skipped. `rows` becomes
// the largest id + 1, or is a limit when it is not 0. The tag of a position is its label, but for
// position 0, which has none. Throws DataError with file and line: an arc
// from a later or missing position, a position beyond the first without an arc, an id beyond
// `rows`, anything that is not a number, a file that ends too soon.
[[nodiscard]] std::vector<nn::Instance> read_lattices(std::string_view text,
                                                      const std::string& path, std::uint32_t& rows);
// The same where ids and tags are names, as "17" is: an id has the row that `words` gives it, a tag
// the number that `tags` gives it. Throws DataError for a tag that a closed `tags` lacks too.
[[nodiscard]] std::vector<nn::Instance> read_lattices(std::string_view text,
                                                      const std::string& path, WordIndex& words,
                                                      LabelIndex& tags);

// The words of a lexicon file: the first column of each line ("word count tag" in jieba's
// dict.txt).
class Lexicon {
 public:
  // Throws DataError when the text is not UTF-8.
  Lexicon(std::string_view text, const std::string& path);

  [[nodiscard]] bool contains(std::string_view word) const { return words_.contains(word); }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  // Code points of the longest word.
  [[nodiscard]] std::size_t longest() const { return longest_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const {
      return std::hash<std::string_view>{}(word);
    }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> words_;
  std::size_t longest_ = 0;
};

// The lattice of one sentence: a position per character, an arc per character, and an arc per word
// of two or more characters that the lexicon has, the longest first. That of an empty text has a
// lone position. `text` is UTF-8.
[[nodiscard]] nn::Lattice text_lattice(std::string_view text, const Lexicon& lexicon,
                                       WordIndex& words);

// One lattice per line of text.
[[nodiscard]] std::vector<nn::Instance> read_text_lattices(std::string_view text,
                                                           const std::string& path,
                                                           const Lexicon& lexicon,
                                                           WordIndex& words);

// One lattice per sentence of a text with a character and its tag per line (read_bmes() of
// tagged_text.h). A position has the tag of the line that ends there: of a line with several
// characters all but the last have none.
[[nodiscard]] std::vector<nn::Instance> read_bmes_lattices(std::string_view text,
                                                           const std::string& path,
                                                           const Lexicon& lexicon, WordIndex& words,
                                                           LabelIndex& tags);

}  // namespace sheaf::io
