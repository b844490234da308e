// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sheaf/engine/block_reader.h"
#include "sheaf/engine/data_blocks.h"
#include "sheaf/engine/workload.h"
#include "sheaf/io/blocks.h"

namespace sheaf::train {

struct StreamOptions {
  std::optional<std::uint64_t> shuffle_seed;    // none: the order of the data
  std::uint64_t block_bytes = io::kBlockBytes;  // of the file, read as a whole
  std::uint32_t window_blocks = 16;             // whose instances are in memory at a time
};

// The training data of an epoch in *windows*, so that files may be larger than the memory. The file
// is cut into blocks of whole records (io/blocks.h). Of every epoch the blocks are shuffled, and
// window w consists of blocks w * window_blocks to (w + 1) * window_blocks - 1 of that order, whose
// instances are shuffled as well: an instance may come anywhere in an epoch, but what lies in one
// block comes in one window. A window is a function of the options, the data, the epoch and w
// alone, so that a run that is resumed goes on with the window where it stopped.
//
// Formats that cannot be cut (integer lattices, HTK's) and random data are a single window.
class InstanceStream {
 public:
  // `data` must have vocabularies. Throws UsageError and DataError as engine::read_instances()
  // does, and for standard input.
  InstanceStream(engine::WorkloadOptions data, const StreamOptions& options);

  // The blocks refer to data_ of the object that found them.
  InstanceStream(const InstanceStream&) = delete;
  InstanceStream& operator=(const InstanceStream&) = delete;

  [[nodiscard]] std::size_t windows() const;

  // Instances in the order in which they are to be trained on; w < windows().
  [[nodiscard]] std::vector<nn::Instance> read(std::uint64_t epoch, std::size_t w);

  // Their numbers in the data, from 0. Reads the data once, when it is first asked for one of
  // these.
  [[nodiscard]] std::vector<std::uint32_t> numbers(std::uint64_t epoch, std::size_t w);
  [[nodiscard]] std::uint32_t window_size(std::uint64_t epoch, std::size_t w);
  // Of the data. Throws DataError for more than 2^32 - 1.
  [[nodiscard]] std::uint32_t instances();

  // The first ones in the order of the data: those of its first block that has any. They show what
  // the model's graphs are like.
  [[nodiscard]] std::vector<nn::Instance> sample();

 private:
  // Of window w, in their order.
  [[nodiscard]] std::span<const std::size_t> blocks_of(std::uint64_t epoch, std::size_t w);
  [[nodiscard]] std::vector<nn::Instance> read_block(std::size_t block);
  void count();
  template <typename T>
  void shuffle_window(std::vector<T>& items, std::uint64_t epoch, std::size_t w) const;

  engine::WorkloadOptions data_;
  StreamOptions options_;
  const engine::ModelData& row_;
  // None of random data. The reader's vocabularies are closed: what it read does not change it.
  std::optional<engine::DataBlocks> blocks_;
  std::optional<engine::BlockReader> reader_;
  std::vector<std::size_t> order_;  // of the blocks in the epoch that was asked for last
  std::optional<std::uint64_t> order_epoch_;
  std::vector<std::uint32_t> first_;  // instance of each block, and behind the last; empty: unknown
};

}  // namespace sheaf::train
