// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace sheaf::io {

// The bytes of a file; "-" reads standard input. Throws
// NotFoundError or IoError.
[[nodiscard]] std::string read_file(const std::string& path);

// Writes under a temporary name in the same folder and renames: readers see the old file or the new
// one. Throws IoError.
void write_file(const std::string& path, std::string_view bytes);

// Throws IoError when the folder of `path` does not exist, so that long work is not done for
// nothing.
void require_folder_of(const std::string& path);

// Throws DataError, naming the line, when `text` is not UTF-8.
void require_utf8(std::string_view text, const std::string& path);

// The code points of one line of UTF-8, each as its bytes. `line` must be valid.
[[nodiscard]] std::string_view next_code_point(std::string_view& line);

// Takes the next run of bytes that are neither blanks nor tabs from the line; empty at its end.
[[nodiscard]] std::string_view next_token(std::string_view& line);

// At most 20 characters of `text`, in quotes, for messages.
[[nodiscard]] std::string excerpt(std::string_view text);

// Walks over the lines of a text: without their newline, a carriage return before it dropped.
class LineReader {
 public:
  // Skips a UTF-8 byte order mark.
  LineReader(std::string_view text, std::string path);

  // False at the end.
  [[nodiscard]] bool next(std::string_view& line);
  [[nodiscard]] std::size_t number() const { return number_; }
  // "path:line" of the line that next() returned last.
  [[nodiscard]] std::string place() const { return path_ + ":" + std::to_string(number_); }

 private:
  std::string_view rest_;
  std::string path_;
  std::size_t number_ = 0;
};

// The line without white space (Unicode's) at either end.
[[nodiscard]] std::string_view trim(std::string_view line);

}  // namespace sheaf::io
