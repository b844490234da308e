// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/blocks.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"

namespace sheaf::io {
namespace {

// Walks over a file line by line.
class Lines {
 public:
  explicit Lines(const std::string& path) : path_(path) {
    errno = 0;
    in_.open(path, std::ios::binary);
    if (in_) return;
    if (errno == ENOENT) {
      throw base::NotFoundError({.place = path, .what = "no such file"});
    }
    refuse();
  }

  // Adds the next line to the block; false at the end of the file.
  bool next(Block& block) {
    errno = 0;
    if (!std::getline(in_, line_)) {
      if (in_.bad()) refuse();
      return false;
    }
    block.bytes += line_.size() + (in_.eof() ? 0 : 1);
    ++block.lines;
    return true;
  }
  // Whether the line that next() found is empty.
  [[nodiscard]] bool is_empty() const { return trim(line_).empty(); }

 private:
  [[noreturn]] void refuse() const {
    throw base::IoError({.place = path_,
                         .what = "cannot read",
                         .got = errno == 0 ? "a fault" : std::generic_category().message(errno)});
  }

  std::string path_;
  std::ifstream in_;
  std::string line_;
};

// The block that begins where `last` ends.
Block after(const Block& last) {
  return {
      .offset = last.offset + last.bytes, .bytes = 0, .first_line = last.first_line + last.lines};
}

}  // namespace

bool is_cut(Format format) { return format != Format::lattices && format != Format::slf; }

Records records_of(Format format) {
  const bool paragraphs = format == Format::bmes || format == Format::conllu;
  return paragraphs ? Records::paragraphs : Records::lines;
}

std::vector<Block> find_blocks(const std::string& path, Records records,
                               std::uint64_t block_bytes) {
  Lines lines(path);
  std::vector<Block> blocks;
  Block block;
  while (lines.next(block)) {
    const bool ends = records == Records::lines || lines.is_empty();
    if (!ends || block.bytes < block_bytes) continue;
    blocks.push_back(block);
    block = after(block);
  }
  if (block.lines > 0) blocks.push_back(block);
  return blocks;
}

std::vector<Block> find_blocks(const std::string& path, std::span<const Block> like,
                               const std::string& other_path) {
  Lines lines(path);
  std::vector<Block> blocks;
  Block block;
  std::uint64_t wanted = 0;
  std::uint64_t got = 0;
  for (const Block& other : like) {
    wanted += other.lines;
    while (block.lines < other.lines && lines.next(block)) ++got;
    blocks.push_back(block);
    block = after(block);
  }
  while (lines.next(block)) ++got;
  if (got == wanted) return blocks;
  throw base::DataError({.place = path,
                         .what = "lines",
                         .got = std::to_string(got),
                         .expected = std::to_string(wanted) + ", as " + other_path + " has",
                         .hint = "line by line, one file translates the other"});
}

std::string read_block(const std::string& path, const Block& block) {
  std::string bytes(block.bytes, '\0');
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(block.offset));
  in.read(bytes.data(), static_cast<std::streamsize>(block.bytes));
  if (in) return bytes;
  throw base::IoError(
      {.place = path,
       .what = "cannot read",
       .got = errno == 0 ? "an end before byte " + std::to_string(block.offset + block.bytes)
                         : std::generic_category().message(errno),
       .hint = "the file must not change while it is read"});
}

std::string place_of(const std::string& path, const Block& block) {
  if (block.first_line == 1) return path;
  return path + " (from line " + std::to_string(block.first_line) + " on)";
}

}  // namespace sheaf::io
