// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/brackets.h"

#include <charconv>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"

namespace sheaf::io {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }

// One line. The stack is explicit: a tree may be deeper than the machine's.
class TreeParser {
 public:
  TreeParser(std::string_view line, std::string place, WordIndex& words, std::uint32_t classes)
      : line_(line), place_(std::move(place)), words_(words), classes_(classes) {}

  nn::Tree parse() {
    skip_blanks();
    while (true) {
      if (at_ < line_.size() && line_[at_] == '(') {
        open();
      } else if (at_ < line_.size() && line_[at_] == ')') {
        if (close()) break;
      } else if (at_ == line_.size()) {
        refuse("unbalanced brackets", "the end of the line",
               std::to_string(open_.size()) + " more ')'");
      } else {
        word();
      }
      skip_blanks();
    }
    skip_blanks();
    if (at_ != line_.size()) {
      refuse("after the end of the tree", excerpt(line_.substr(at_)), "nothing");
    }
    return std::move(tree_);
  }

 private:
  struct Open {
    std::uint32_t label;
    std::uint32_t children[2];
    int count = 0;
    bool has_word = false;
    std::uint32_t word = 0;
  };

  void open() {
    if (!open_.empty()) {
      if (open_.back().has_word) refuse("tree", "a word and a tree", "one word or two trees");
      if (open_.back().count == 2) {
        refuse("tree", "more than two children", "one word or two trees",
               "binarise the tree first");
      }
    }
    ++at_;
    skip_blanks();
    Open next{};
    next.label = label();
    open_.push_back(next);
  }

  std::uint32_t label() {
    const std::string_view text = token();
    if (text == "_") return nn::kNoLabel;
    if (text.empty() && at_ < line_.size() && line_[at_] == ')') {
      refuse("empty tree", "'()'", "a label and a word or two trees");
    }
    std::uint32_t label = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (is_number && label != nn::kNoLabel && (classes_ == 0 || label < classes_)) return label;
    at_ -= text.size();
    refuse("label", excerpt(text),
           classes_ == 0 ? "an integer from 0 on" : "0 to " + std::to_string(classes_ - 1));
  }

  // Whether this closed the root.
  bool close() {
    if (open_.empty()) refuse("unbalanced brackets", "')'", "'('");
    const Open closed = open_.back();
    open_.pop_back();
    nn::Tree::Node node{.word = closed.word, .label = closed.label};
    if (!closed.has_word) {
      if (closed.count == 0) refuse("empty tree", "a label only", "a word or two trees");
      if (closed.count == 1) {
        refuse("tree", "one child", "one word or two trees", "collapse unary chains first");
      }
      node.left = closed.children[0];
      node.right = closed.children[1];
    }
    ++at_;
    tree_.nodes.push_back(node);
    if (open_.empty()) return true;
    open_.back().children[open_.back().count++] =
        static_cast<std::uint32_t>(tree_.nodes.size() - 1);
    return false;
  }

  void word() {
    const std::size_t begin = at_;
    const std::string_view text = token();
    const bool outside = open_.empty();
    if (outside || open_.back().has_word || open_.back().count > 0) {
      at_ = begin;
      if (outside) refuse("tree", excerpt(text), "'('");
      refuse("tree", excerpt(text) + " after a " + (open_.back().has_word ? "word" : "tree"),
             "one word or two trees");
    }
    open_.back().has_word = true;
    open_.back().word = words_.row(text);
  }

  std::string_view token() {
    const std::size_t begin = at_;
    while (at_ < line_.size() && !is_blank(line_[at_]) && line_[at_] != '(' && line_[at_] != ')') {
      ++at_;
    }
    return line_.substr(begin, at_ - begin);
  }

  void skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  }

  [[noreturn]] void refuse(std::string what, std::string got, std::string expected,
                           std::string hint = {}) const {
    throw base::DataError({place_ + ":" + std::to_string(at_ + 1), std::move(what), std::move(got),
                           std::move(expected), std::move(hint)});
  }

  std::string_view line_;
  std::string place_;
  WordIndex& words_;
  std::uint32_t classes_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  nn::Tree tree_;
};

}  // namespace

std::vector<nn::Instance> read_brackets(std::string_view text, const std::string& path,
                                        WordIndex& words, std::uint32_t classes) {
  require_utf8(text, path);
  std::vector<nn::Instance> trees;
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    if (trim(line).empty()) continue;
    trees.emplace_back(TreeParser(line, lines.place(), words, classes).parse());
  }
  return trees;
}

}  // namespace sheaf::io
