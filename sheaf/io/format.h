// SPDX-License-Identifier: Apache-2.0
//
// The formats of data files, and how a file shows its own.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sheaf::io {

enum class Format : std::uint8_t { brackets, lattices, slf, tagged, bmes, conllu, text, dags };

// By Format: "brackets", "lattices", ...
inline const std::array<std::string, 8> kFormatNames = {"brackets", "lattices", "slf",  "tagged",
                                                        "bmes",     "conllu",   "text", "dags"};

[[nodiscard]] inline const std::string& name(Format format) {
  return kFormatNames[static_cast<std::size_t>(format)];
}

// Throws UsageError for an unknown name, suggesting the nearest.
[[nodiscard]] Format parse_format(std::string_view name);

// What the first line that is not empty looks like:
//
//   {             dags       VERSION= or N=, or a comment before it     slf
//   (             brackets   ten columns, or a comment before them      conllu
//   a number      lattices   every token has a bar                      tagged
//   anything else text       two columns of which the second is a tag,  bmes
//                            "O" or "B-", "M-", "E-", "S-" and a name
[[nodiscard]] Format guess_format(std::string_view text);

}  // namespace sheaf::io
