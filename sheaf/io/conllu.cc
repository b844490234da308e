// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/conllu.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/topological_order.h"

namespace sheaf::io {
namespace {

constexpr std::size_t kColumns = 10;
constexpr std::size_t kId = 0;
constexpr std::size_t kForm = 1;
constexpr std::size_t kHead = 6;
constexpr std::size_t kRelation = 7;

class ConlluParser {
 public:
  ConlluParser(std::string_view text, const std::string& path, WordIndex& words,
               LabelIndex& relations)
      : path_(path), lines_(text, path), words_(words), relations_(relations) {}

  std::vector<nn::Instance> parse() {
    std::string_view line;
    while (lines_.next(line)) {
      if (trim(line).empty()) {
        end_sentence();
      } else if (line[0] != '#') {
        add_word(line);
      }
    }
    end_sentence();
    return std::move(trees_);
  }

 private:
  void add_word(std::string_view line) {
    const auto columns = split(line);
    const std::string_view id = columns[kId];
    // Neither is a word of the tree.
    if (id.find_first_of("-.") != std::string_view::npos && id[0] >= '0' && id[0] <= '9') return;
    const std::size_t wanted = tree_.words.size() + 1;
    if (id != std::to_string(wanted)) {
      refuse(lines_.place(), "ID", excerpt(id), std::to_string(wanted));
    }
    if (columns[kForm].empty()) refuse(lines_.place(), "FORM", "nothing", "a word");
    if (columns[kRelation].empty()) refuse(lines_.place(), "DEPREL", "nothing", "a relation");
    const std::string_view text = columns[kHead];
    std::uint32_t head = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), head);
    if (error != std::errc() || end != text.data() + text.size()) {
      refuse(lines_.place(), "HEAD", excerpt(text), "an integer from 0 on");
    }
    word_lines_.push_back(lines_.number());
    tree_.words.push_back(words_.row(columns[kForm]));
    tree_.heads.push_back(head);
    tree_.labels.push_back(relations_.number(columns[kRelation], lines_.place(), "DEPREL"));
  }

  std::array<std::string_view, kColumns> split(std::string_view line) const {
    std::array<std::string_view, kColumns> columns;
    std::size_t count = 0;
    for (std::size_t begin = 0; begin <= line.size(); ++count) {
      const std::size_t end = std::min(line.find('\t', begin), line.size());
      if (count < kColumns) columns[count] = line.substr(begin, end - begin);
      begin = end + 1;
    }
    if (count != kColumns) {
      refuse(lines_.place(), "columns", std::to_string(count),
             std::to_string(kColumns) + " separated by tabs");
    }
    return columns;
  }

  // Turns the heads, which count words from 1 on, into indices.
  void end_sentence() {
    if (tree_.words.empty()) return;
    const auto count = static_cast<std::uint32_t>(tree_.words.size());
    std::vector<Edge> edges;  // from 0, the root
    for (std::uint32_t w = 0; w < count; ++w) {
      const std::uint32_t head = tree_.heads[w];
      if (head > count) {
        refuse(path_ + ":" + std::to_string(word_lines_[w]), "HEAD", std::to_string(head),
               "0 to " + std::to_string(count));
      }
      edges.emplace_back(head, w + 1);
      tree_.heads[w] = head == 0 ? nn::DependencyTree::kRoot : head - 1;
    }
    const TopologicalOrder order = topological_order(count + 1, edges);
    if (!order.cycle.empty()) {
      refuse(path_ + ":" + std::to_string(word_lines_[0]), "heads of the sentence",
             "the cycle " + to_string(order.cycle), "a tree");
    }
    trees_.emplace_back(std::exchange(tree_, {}));
    word_lines_.clear();
  }

  [[noreturn]] static void refuse(std::string place, std::string what, std::string got,
                                  std::string expected) {
    throw base::DataError({std::move(place), std::move(what), std::move(got), std::move(expected)});
  }

  std::string path_;
  LineReader lines_;
  WordIndex& words_;
  LabelIndex& relations_;
  nn::DependencyTree tree_;
  std::vector<std::size_t> word_lines_;  // by word
  std::vector<nn::Instance> trees_;
};

}  // namespace

std::vector<nn::Instance> read_conllu(std::string_view text, const std::string& path,
                                      WordIndex& words, LabelIndex& relations) {
  require_utf8(text, path);
  return ConlluParser(text, path, words, relations).parse();
}

}  // namespace sheaf::io
