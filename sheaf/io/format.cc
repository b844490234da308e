// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/format.h"

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"
#include "sheaf/io/file.h"

namespace sheaf::io {
namespace {

bool is_number(std::string_view token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_bmes_tag(std::string_view token) {
  return token == "O" || (token.size() > 2 && token[1] == '-' &&
                          std::string_view("BMES").find(token[0]) != std::string_view::npos);
}

bool is_slf(std::string_view line) {
  for (const char* name : {"VERSION=", "V=", "UTTERANCE=", "U=", "N=", "NODES="}) {
    if (line.starts_with(name)) return true;
  }
  return false;
}

// Of a line that is neither empty nor a comment.
Format format_of(std::string_view line) {
  if (line[0] == '{') return Format::dags;
  if (line[0] == '(') return Format::brackets;
  if (is_slf(line)) return Format::slf;
  if (std::count(line.begin(), line.end(), '\t') == 9) return Format::conllu;
  std::size_t tokens = 0;
  bool bars = true;
  std::string_view last;
  std::string_view rest = line;
  for (std::string_view token = next_token(rest); !token.empty(); token = next_token(rest)) {
    ++tokens;
    bars = bars && token.find('|') != std::string_view::npos;
    last = token;
  }
  if (tokens == 1 && is_number(last)) return Format::lattices;
  if (bars) return Format::tagged;
  return tokens == 2 && is_bmes_tag(last) ? Format::bmes : Format::text;
}

}  // namespace

Format parse_format(std::string_view name) {
  const auto it = std::find(kFormatNames.begin(), kFormatNames.end(), name);
  if (it != kFormatNames.end()) return static_cast<Format>(it - kFormatNames.begin());
  throw base::UsageError({.place = "--format",
                          .what = "unknown format",
                          .got = "'" + std::string(name) + "'",
                          .hint = base::suggest(name, kFormatNames)});
}

Format guess_format(std::string_view text) {
  LineReader lines(text, {});
  std::string_view line;
  std::string_view comment;  // the first line that begins with '#'
  while (lines.next(line)) {
    line = trim(line);
    if (line.empty()) continue;
    if (line[0] != '#') {
      const Format format = format_of(line);
      // Only these two have comments: any other text may begin with '#'.
      if (comment.empty() || format == Format::conllu || format == Format::slf) return format;
      return format_of(comment);
    }
    if (comment.empty()) comment = line;
  }
  return comment.empty() ? Format::text : format_of(comment);
}

}  // namespace sheaf::io
