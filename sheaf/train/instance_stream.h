// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
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

 private:
  [[nodiscard]] std::vector<nn::Instance> read_blocks(std::uint64_t epoch, std::size_t w);

  engine::WorkloadOptions data_;
  StreamOptions options_;
  const engine::ModelData& row_;
  // None of random data. The reader's vocabularies are closed: what it read does not change it.
  std::optional<engine::DataBlocks> blocks_;
  std::optional<engine::BlockReader> reader_;
};

}  // namespace sheaf::train
