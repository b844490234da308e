// SPDX-License-Identifier: Apache-2.0
//
// Files that may be larger than the memory, in blocks of whole records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sheaf/io/format.h"

namespace sheaf::io {

// Where records end: at the end of a line, or at an empty line.
enum class Records : std::uint8_t { lines, paragraphs };

// Whether a file of a format can be cut into blocks, each of which is a file of that format:
// integer lattices, whose first line counts them, and HTK's cannot.
[[nodiscard]] bool is_cut(Format format);
// Of a format that is cut.
[[nodiscard]] Records records_of(Format format);

// Bytes [offset, offset + bytes) of a file, whole lines.
struct Block {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t first_line = 1;
  std::uint64_t lines = 0;
};

// Enough for the cost of a seek not to matter.
inline constexpr std::uint64_t kBlockBytes = std::uint64_t{1} << 20U;

// The blocks of a file, in its order: each ends with the first record at whose end it has
// `block_bytes` or more. Reads the file once and keeps one line of it. Throws NotFoundError and
// IoError.
[[nodiscard]] std::vector<Block> find_blocks(const std::string& path, Records records,
                                             std::uint64_t block_bytes = kBlockBytes);
// The same with as many lines to a block as those of another file have. Throws DataError too when
// the file has another number of lines.
[[nodiscard]] std::vector<Block> find_blocks(const std::string& path, std::span<const Block> like,
                                             const std::string& other_path);

// The bytes of a block. Throws IoError where the file has become shorter.
[[nodiscard]] std::string read_block(const std::string& path, const Block& block);

// "path", or of a later block "path (from line N on)": line numbers in messages count from there.
[[nodiscard]] std::string place_of(const std::string& path, const Block& block);

}  // namespace sheaf::io
