// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/tagged_text.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"

namespace sheaf::io {
namespace {

// `what` is the token that is to have both parts, in words.
void require_parts(std::string_view word, std::string_view tag, const std::string& place,
                   const std::string& what) {
  if (!word.empty() && !tag.empty()) return;
  throw base::DataError({.place = place,
                         .what = what,
                         .got = word.empty() ? "no word" : "no tag",
                         .expected = "a word and a tag"});
}

}  // namespace

bool has_three_fields(std::string_view text) {
  bool any = false;
  LineReader lines(text, {});
  std::string_view line;
  while (lines.next(line)) {
    for (std::string_view token = next_token(line); !token.empty(); token = next_token(line)) {
      if (std::count(token.begin(), token.end(), '|') != 2) return false;
      any = true;
    }
  }
  return any;
}

std::vector<TaggedSentence> read_tagged_text(std::string_view text, const std::string& path,
                                             LabelIndex& labels) {
  return read_tagged_text(text, path, labels, has_three_fields(text));
}

std::vector<TaggedSentence> read_tagged_text(std::string_view text, const std::string& path,
                                             LabelIndex& labels, bool three_fields) {
  require_utf8(text, path);
  std::vector<TaggedSentence> sentences;
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    TaggedSentence sentence;
    for (std::string_view token = next_token(line); !token.empty(); token = next_token(line)) {
      const std::string what = "token " + std::to_string(sentence.words.size() + 1);
      const std::size_t bar = token.rfind('|');
      if (bar == std::string_view::npos) {
        throw base::DataError({.place = lines.place(),
                               .what = what,
                               .got = excerpt(token),
                               .expected = "word|tag",
                               .hint = "text without tags is read with --format text"});
      }
      std::string_view word = token.substr(0, bar);
      if (three_fields) word = word.substr(0, word.rfind('|'));
      const std::string_view tag = token.substr(bar + 1);
      require_parts(word, tag, lines.place(), what);
      sentence.words.push_back(word);
      sentence.labels.push_back(labels.number(tag, lines.place(), "tag"));
    }
    if (!sentence.words.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

std::vector<TaggedSentence> read_bmes(std::string_view text, const std::string& path,
                                      LabelIndex& labels) {
  require_utf8(text, path);
  std::vector<TaggedSentence> sentences;
  TaggedSentence sentence;
  const auto end_sentence = [&] {
    if (!sentence.words.empty()) sentences.push_back(std::exchange(sentence, {}));
  };
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    line = line.substr(0, line.find_last_not_of(" \t") + 1);
    if (line.empty()) {
      end_sentence();
      continue;
    }
    const std::size_t blank = line.find_last_of(" \t");
    if (blank == std::string_view::npos) {
      throw base::DataError({.place = lines.place(),
                             .what = "line",
                             .got = excerpt(line),
                             .expected = "a character, a blank and its tag"});
    }
    require_parts(line.substr(0, blank), line.substr(blank + 1), lines.place(), "line");
    sentence.words.push_back(line.substr(0, blank));
    sentence.labels.push_back(labels.number(line.substr(blank + 1), lines.place(), "tag"));
  }
  end_sentence();
  return sentences;
}

std::vector<TaggedSentence> read_words(std::string_view text, const std::string& path) {
  require_utf8(text, path);
  std::vector<TaggedSentence> sentences;
  LineReader lines(text, path);
  std::string_view line;
  while (lines.next(line)) {
    TaggedSentence sentence;
    for (std::string_view word = next_token(line); !word.empty(); word = next_token(line)) {
      sentence.words.push_back(word);
    }
    if (!sentence.words.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

std::vector<nn::Instance> sentences_of(std::span<const TaggedSentence> sentences,
                                       WordIndex& words) {
  std::vector<nn::Instance> instances;
  for (const TaggedSentence& sentence : sentences) {
    nn::Sentence instance;
    for (const std::string_view word : sentence.words) instance.ids.push_back(words.row(word));
    instance.labels = sentence.labels;
    instances.emplace_back(std::move(instance));
  }
  return instances;
}

}  // namespace sheaf::io
