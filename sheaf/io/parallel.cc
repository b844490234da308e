// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/parallel.h"

#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"

namespace sheaf::io {
namespace {

std::vector<std::uint32_t> rows_of(std::string_view line, WordIndex& words) {
  std::vector<std::uint32_t> rows;
  for (std::string_view word = next_token(line); !word.empty(); word = next_token(line)) {
    rows.push_back(words.row(word));
  }
  return rows;
}

// The lines that `reader`, which gave `number` lines, has in all.
std::size_t count_lines(LineReader& reader) {
  std::string_view line;
  while (reader.next(line)) {
  }
  return reader.number();
}

void require_both(const nn::SentencePair& pair, const LineReader& sources,
                  const LineReader& targets) {
  const bool no_source = pair.source.empty();
  if (no_source == pair.target.empty()) return;
  const std::size_t words = no_source ? pair.target.size() : pair.source.size();
  throw base::DataError({.place = (no_source ? sources : targets).place(),
                         .what = "sentence",
                         .got = "an empty line",
                         .expected = "words, as " + (no_source ? targets : sources).place() +
                                     " has " + std::to_string(words)});
}

}  // namespace

std::vector<nn::Instance> read_parallel(const NamedText& source_text, const NamedText& target_text,
                                        std::uint32_t target_rows, WordIndex& source,
                                        WordIndex& target) {
  require_utf8(source_text.text, source_text.path);
  require_utf8(target_text.text, target_text.path);
  std::vector<nn::Instance> pairs;
  WordIndex numbers;
  LineReader sources(source_text.text, source_text.path);
  LineReader targets(target_text.text, target_text.path);
  std::string_view line;
  std::string_view translation;
  while (sources.next(line)) {
    if (!targets.next(translation)) break;
    nn::SentencePair pair{.source = rows_of(line, source),
                          .target = rows_of(translation, target_rows > 0 ? numbers : target)};
    require_both(pair, sources, targets);
    if (pair.source.empty()) continue;
    if (target_rows == 0) pair.target.push_back(target.row(kSentenceEnd));
    for (std::uint32_t& row : pair.target) {
      if (target_rows > 0) row %= target_rows;
    }
    pairs.emplace_back(std::move(pair));
  }
  const std::size_t wanted = count_lines(sources);
  const std::size_t got = count_lines(targets);
  if (got != wanted) {
    throw base::DataError({.place = targets.place(),
                           .what = "lines",
                           .got = std::to_string(got),
                           .expected = std::to_string(wanted) + ", as " + source_text.path + " has",
                           .hint = "line by line, one file translates the other"});
  }
  return pairs;
}

std::vector<nn::Instance> read_sources(const NamedText& source_text, WordIndex& source) {
  require_utf8(source_text.text, source_text.path);
  std::vector<nn::Instance> pairs;
  LineReader sources(source_text.text, source_text.path);
  std::string_view line;
  while (sources.next(line)) {
    nn::SentencePair pair{.source = rows_of(line, source), .target = {}};
    if (!pair.source.empty()) pairs.emplace_back(std::move(pair));
  }
  return pairs;
}

}  // namespace sheaf::io
