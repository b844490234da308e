// SPDX-License-Identifier: Apache-2.0
//
// Words of the lines of small text files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::sim::noc {

struct Line {
  std::size_t number = 0;  // from 1
  std::vector<std::string_view> words;
};

// The lines that have words, split at blanks, tabs, commas and semicolons; # begins a comment.
[[nodiscard]] std::vector<Line> words_of(std::string_view text);

// The number that a word is, finite or not; false when it is none.
[[nodiscard]] bool read_number(std::string_view word, double& value);

// At most 20 characters in quotes.
[[nodiscard]] std::string quoted(std::string_view word);

}  // namespace sheaf::sim::noc
