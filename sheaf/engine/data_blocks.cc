// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/data_blocks.h"

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "sheaf/io/tagged_text.h"

namespace sheaf::engine {
namespace {

void require_file(const WorkloadOptions& options) {
  if (options.data != "-" && options.target != "-") return;
  throw base::UsageError({.place = options.data == "-" ? "--data" : "--target",
                          .what = "data to train on",
                          .got = "standard input",
                          .expected = "a file, which can be read more than once"});
}

// Of `tagged` files: whether each of their tokens has three fields.
bool has_three_fields(const std::string& path, const std::vector<io::Block>& blocks) {
  bool any = false;
  for (const io::Block& block : blocks) {
    const std::string text = io::read_block(path, block);
    const bool has = io::has_three_fields(text);
    // A block of empty lines says nothing.
    if (!has && text.find('|') != std::string::npos) return false;
    any = any || has;
  }
  return any;
}

}  // namespace

DataBlocks::DataBlocks(const WorkloadOptions& options, const ModelData& row,
                       std::uint64_t block_bytes)
    : options_(options) {
  require_file(options);
  // The format shows itself in the first line that is not empty.
  blocks_ = io::find_blocks(options.data, io::Records::lines, block_bytes);
  std::string begin;
  for (std::size_t b = 0; b < blocks_.size() && io::trim(begin).empty(); ++b) begin += text(b);
  format_ = choose_format(options, row, begin);
  if (!io::is_cut(format_)) {
    io::Block whole;
    for (const io::Block& block : blocks_) {
      whole.bytes += block.bytes;
      whole.lines += block.lines;
    }
    blocks_ = {whole};
  } else if (io::records_of(format_) != io::Records::lines) {
    blocks_ = io::find_blocks(options.data, io::records_of(format_), block_bytes);
  }
  if (row.kind == DataKind::pairs) {
    target_blocks_ = io::find_blocks(options.target, blocks_, options.data);
  }
  if (format_ == io::Format::tagged) three_fields_ = has_three_fields(options.data, blocks_);
}

std::vector<nn::Instance> DataBlocks::read(std::size_t block, BlockReader& reader) const {
  const std::string source = text(block);
  const std::string place = io::place_of(options_.data, blocks_[block]);
  if (target_blocks_.empty()) return reader.read({source, place});
  const io::Block& translated = target_blocks_[block];
  const std::string target = io::read_block(options_.target, translated);
  return reader.read({source, place}, {target, io::place_of(options_.target, translated)});
}

}  // namespace sheaf::engine
