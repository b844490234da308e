// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/io/file_writer.h"

namespace sheaf::io {
namespace {

std::string reason() { return std::strerror(errno); }

// Length of the code point that begins at `text[i]`, or 0 when it is not valid UTF-8 (RFC 3629: no
// overlong forms, no surrogates).
std::size_t code_point_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) -> unsigned {
    return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0;
  };
  const auto follows = [&](std::size_t k) { return (byte(k) & 0xC0U) == 0x80U; };
  const unsigned b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xC2 && b <= 0xDF) return follows(1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    const bool overlong = b == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = b == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    const bool overlong = b == 0xF0 && byte(1) < 0x90;
    const bool beyond = b == 0xF4 && byte(1) > 0x8F;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

// The code points that Unicode calls white space, and the four separators of ASCII: what Python's
// str.strip() strips.
bool is_blank(std::string_view point) {
  if (point.size() == 1) {
    const auto c = static_cast<unsigned char>(point[0]);
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  }
  static constexpr std::array<std::string_view, 18> kBlanks = {
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
      "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f"};
  return point == "\u3000" || std::find(kBlanks.begin(), kBlanks.end(), point) != kBlanks.end();
}

}  // namespace

std::string read_file(const std::string& path) {
  if (path == "-") {
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw base::IoError(
        {.place = path, .what = "cannot read", .got = "a folder", .expected = "a file"});
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    if (errno == ENOENT) throw base::NotFoundError({.place = path, .what = "no such file"});
    throw base::IoError({.place = path, .what = "cannot open", .got = reason()});
  }
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) throw base::IoError({.place = path, .what = "cannot read", .got = reason()});
  return bytes;
}

void write_file(const std::string& path, std::string_view bytes) {
  FileWriter writer(path);
  writer.append(bytes);
  writer.commit();
}

void require_folder_of(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw base::IoError(
        {.place = path, .what = "cannot write", .got = "a folder", .expected = "a file"});
  }
  const auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return;
  throw base::IoError({.place = path,
                       .what = "cannot write",
                       .got = "no folder '" + folder.string() + "'",
                       .hint = "make it first"});
}

void require_utf8(std::string_view text, const std::string& path) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = code_point_length(text, i);
    if (length == 0) {
      static constexpr char kHex[] = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(text[i]);
      throw base::DataError({.place = path + ":" + std::to_string(line),
                             .what = "text",
                             .got = std::string("byte 0x") + kHex[byte >> 4U] + kHex[byte & 15U],
                             .expected = "UTF-8",
                             .hint = "convert the file with iconv"});
    }
    if (text[i] == '\n') ++line;
    i += length;
  }
}

std::string excerpt(std::string_view text) {
  constexpr int kMost = 20;
  std::string_view rest = text;
  for (int i = 0; i < kMost && !rest.empty(); ++i) static_cast<void>(next_code_point(rest));
  return "'" + std::string(text.substr(0, text.size() - rest.size())) + "'";
}

std::string_view next_code_point(std::string_view& line) {
  const std::size_t length = std::max<std::size_t>(code_point_length(line, 0), 1);
  const std::string_view point = line.substr(0, length);
  line.remove_prefix(point.size());
  return point;
}

std::string_view next_token(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view token = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(token.size());
  return token;
}

LineReader::LineReader(std::string_view text, std::string path)
    : rest_(text), path_(std::move(path)) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

bool LineReader::next(std::string_view& line) {
  if (rest_.empty()) return false;
  ++number_;
  const std::size_t end = rest_.find('\n');
  line = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

std::string_view trim(std::string_view line) {
  while (!line.empty()) {
    std::string_view rest = line;
    if (!is_blank(next_code_point(rest))) break;
    line = rest;
  }
  while (!line.empty()) {
    std::size_t begin = line.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(line[begin]) & 0xC0U) == 0x80U) --begin;
    if (!is_blank(line.substr(begin))) break;
    line.remove_suffix(line.size() - begin);
  }
  return line;
}

}  // namespace sheaf::io
