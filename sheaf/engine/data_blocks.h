// SPDX-License-Identifier: Apache-2.0
//
// The data that options name, in blocks that are read one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/engine/block_reader.h"
#include "sheaf/io/blocks.h"

namespace sheaf::engine {

class DataBlocks {
 public:
  // Finds the blocks. `options` and `row` must outlive the object. Throws UsageError for standard
  // input, DataError and others of the files.
  DataBlocks(const WorkloadOptions& options, const ModelData& row, std::uint64_t block_bytes);

  [[nodiscard]] std::size_t size() const { return blocks_.size(); }
  [[nodiscard]] io::Format format() const { return format_; }
  // BlockReader's.
  [[nodiscard]] std::optional<bool> three_fields() const { return three_fields_; }

  [[nodiscard]] std::vector<nn::Instance> read(std::size_t block, BlockReader& reader) const;

 private:
  [[nodiscard]] std::string text(std::size_t block) const {
    return io::read_block(options_.data, blocks_[block]);
  }

  const WorkloadOptions& options_;
  io::Format format_;
  std::vector<io::Block> blocks_;
  std::vector<io::Block> target_blocks_;  // as many; empty where there are no translations
  std::optional<bool> three_fields_;
};

}  // namespace sheaf::engine
