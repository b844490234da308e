// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/lattices.h"

#include <algorithm>
#include <charconv>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/tagged_text.h"

namespace sheaf::io {
namespace {

class LatticeParser {
 public:
  LatticeParser(std::string_view text, const std::string& path, std::uint32_t rows)
      : lines_(text, path), limit_(rows), rows_(rows) {}
  LatticeParser(std::string_view text, const std::string& path, WordIndex& words, LabelIndex& tags)
      : lines_(text, path), limit_(0), rows_(0), words_(&words), tags_(&tags) {}

  std::vector<nn::Instance> parse() {
    std::vector<nn::Instance> lattices;
    next_line("the number of sentences");
    const std::uint32_t sentences = number("number of sentences");
    end_of_line();
    for (std::uint32_t s = 0; s < sentences; ++s) lattices.emplace_back(lattice());
    std::string_view line;
    while (lines_.next(line)) {
      if (trim(line).empty()) continue;
      refuse("after the last sentence", excerpt(line), std::to_string(sentences) + " sentences");
    }
    return lattices;
  }
  [[nodiscard]] std::uint32_t rows() const { return rows_; }

 private:
  nn::Lattice lattice() {
    do {
      next_line("the number of positions");
    } while (rest_.empty());
    const std::uint32_t positions = number("number of positions");
    if (positions == 0) refuse("number of positions", "0", "1 or more");
    end_of_line();
    next_line("a line of tags");
    nn::Lattice lattice;
    while (!rest_.empty()) lattice.labels.push_back(tag(lattice.labels.empty()));
    const std::size_t tags = lattice.labels.size();
    if (tags != positions) refuse("tags", std::to_string(tags), std::to_string(positions));
    for (std::uint32_t p = 0; p < positions; ++p) {
      next_line("the arcs of position " + std::to_string(p));
      add_position(p, lattice);
    }
    return lattice;
  }

  std::uint32_t tag(bool first) {
    const std::uint32_t value = number("tag");
    if (first) return nn::kNoLabel;
    return tags_ == nullptr ? value : tags_->number(std::to_string(value), lines_.place(), "tag");
  }

  void add_position(std::uint32_t p, nn::Lattice& lattice) {
    const std::uint32_t arcs = number("number of arcs");
    if (p == 0 && arcs != 0) refuse("arcs of position 0", std::to_string(arcs), "0");
    if (p > 0 && arcs == 0) refuse("arcs of position " + std::to_string(p), "0", "1 or more");
    for (std::uint32_t a = 0; a < arcs; ++a) {
      nn::Lattice::Arc arc{number("source position"), 0};
      if (arc.source >= p) {
        refuse("an arc into position " + std::to_string(p),
               "source position " + std::to_string(arc.source), "an earlier position");
      }
      arc.id = number("id");
      if (limit_ != 0 && arc.id >= limit_) {
        refuse("id", std::to_string(arc.id), "below " + std::to_string(limit_),
               "the embedding table has no such row");
      }
      if (arc.id >= kMaxId) refuse("id", std::to_string(arc.id), "below " + std::to_string(kMaxId));
      if (words_ != nullptr) arc.id = words_->row(std::to_string(arc.id));
      rows_ = std::max(rows_, arc.id + 1);
      lattice.arcs.push_back(arc);
    }
    lattice.arc_begin.push_back(static_cast<std::uint32_t>(lattice.arcs.size()));
    end_of_line();
  }

  void next_line(const std::string& expected) {
    std::string_view line;
    if (!lines_.next(line)) refuse("the file ends too soon", "its end", expected);
    rest_ = trim(line);
  }

  std::uint32_t number(const std::string& what) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    const std::size_t length = static_cast<std::size_t>(end - rest_.data());
    const bool ends = length == rest_.size() || rest_[length] == ' ' || rest_[length] == '\t';
    if (error != std::errc() || !ends) {
      const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t"));
      refuse(what, word.empty() ? "the end of the line" : excerpt(word), "an integer from 0 on");
    }
    rest_ = trim(rest_.substr(length));
    return value;
  }

  void end_of_line() {
    if (!rest_.empty()) {
      refuse("after the end of the line", excerpt(rest_), "nothing");
    }
  }

  [[noreturn]] void refuse(std::string what, std::string got, std::string expected,
                           std::string hint = {}) const {
    throw base::DataError(
        {lines_.place(), std::move(what), std::move(got), std::move(expected), std::move(hint)});
  }

  // Ids index a table that is made as large as the largest of them.
  static constexpr std::uint32_t kMaxId = 1U << 22U;

  LineReader lines_;
  std::string_view rest_;
  std::uint32_t limit_;
  std::uint32_t rows_;
  WordIndex* words_ = nullptr;  // null: an id is its row
  LabelIndex* tags_ = nullptr;  // null: a tag is its number
};

}  // namespace

std::vector<nn::Instance> read_lattices(std::string_view text, const std::string& path,
                                        std::uint32_t& rows) {
  LatticeParser parser(text, path, rows);
  auto lattices = parser.parse();
  rows = std::max(parser.rows(), 1U);
  return lattices;
}

std::vector<nn::Instance> read_lattices(std::string_view text, const std::string& path,
                                        WordIndex& words, LabelIndex& tags) {
  return LatticeParser(text, path, words, tags).parse();
}

Lexicon::Lexicon(std::string_view text, const std::string& path) {
  require_utf8(text, path);
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    const std::string_view word = trim(line).substr(0, trim(line).find_first_of(" \t"));
    if (word.empty()) continue;
    std::size_t length = 0;
    for (std::string_view rest = word; !rest.empty(); ++length) {
      static_cast<void>(next_code_point(rest));
    }
    longest_ = std::max(longest_, length);
    words_.emplace(word);
  }
}

nn::Lattice text_lattice(std::string_view text, const Lexicon& lexicon, WordIndex& words) {
  // begins[p]: where character p begins; the last entry is the end of the text.
  std::vector<std::size_t> begins = {0};
  for (std::string_view rest = text; !rest.empty();) {
    static_cast<void>(next_code_point(rest));
    begins.push_back(text.size() - rest.size());
  }
  nn::Lattice lattice;
  lattice.arc_begin.push_back(0);
  for (std::size_t p = 1; p < begins.size(); ++p) {
    const auto span = [&](std::size_t from) {
      return text.substr(begins[from], begins[p] - begins[from]);
    };
    lattice.arcs.push_back({static_cast<std::uint32_t>(p - 1), words.row(span(p - 1))});
    for (std::size_t length = std::min(p, lexicon.longest()); length > 1; --length) {
      if (!lexicon.contains(span(p - length))) continue;
      lattice.arcs.push_back({static_cast<std::uint32_t>(p - length), words.row(span(p - length))});
    }
    lattice.arc_begin.push_back(static_cast<std::uint32_t>(lattice.arcs.size()));
  }
  return lattice;
}

std::vector<nn::Instance> read_text_lattices(std::string_view text, const std::string& path,
                                             const Lexicon& lexicon, WordIndex& words) {
  require_utf8(text, path);
  std::vector<nn::Instance> lattices;
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) lattices.emplace_back(text_lattice(trim(line), lexicon, words));
  return lattices;
}

std::vector<nn::Instance> read_bmes_lattices(std::string_view text, const std::string& path,
                                             const Lexicon& lexicon, WordIndex& words,
                                             LabelIndex& tags) {
  std::vector<nn::Instance> lattices;
  for (const TaggedSentence& sentence : read_bmes(text, path, tags)) {
    std::string line;
    std::vector<std::uint32_t> labels = {nn::kNoLabel};
    for (std::size_t w = 0; w < sentence.words.size(); ++w) {
      line += sentence.words[w];
      for (std::string_view rest = sentence.words[w]; !rest.empty();) {
        static_cast<void>(next_code_point(rest));
        labels.push_back(rest.empty() ? sentence.labels[w] : nn::kNoLabel);
      }
    }
    nn::Lattice lattice = text_lattice(line, lexicon, words);
    lattice.labels = std::move(labels);
    lattices.emplace_back(std::move(lattice));
  }
  return lattices;
}

}  // namespace sheaf::io
