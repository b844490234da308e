// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/lines.h"

#include <charconv>
#include <system_error>
#include <utility>

namespace sheaf::sim::noc {
namespace {

constexpr std::string_view kBetween = " \t\r,;";

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  while (true) {
    const std::size_t begin = line.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::size_t length = std::min(line.find_first_of(kBetween), line.size());
    words.push_back(line.substr(0, length));
    line.remove_prefix(length);
  }
}

}  // namespace

std::vector<Line> words_of(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Line line{.number = number, .words = split(text.substr(0, end))};
    if (!line.words.empty()) lines.push_back(std::move(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool read_number(std::string_view word, double& value) {
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  return problem == std::errc() && end == word.data() + word.size();
}

std::string quoted(std::string_view word) {
  constexpr std::size_t kMost = 20;
  std::string text = "'";
  for (const char c : word.substr(0, kMost)) text += c >= ' ' && c != 127 ? c : '?';
  return text + (word.size() > kMost ? "...'" : "'");
}

}  // namespace sheaf::sim::noc
