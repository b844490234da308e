// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/train/checkpoint.h"

namespace sheaf::train {

// The checkpoints of one training: "checkpoint-STEP.safetensors", of which the last two are kept,
// so that there is always a good one, whatever happens while one is written. Holds a lock on the
// folder (".lock", flock): one training at a time.
class CheckpointFolder {
 public:
  enum class Access { write, read };

  // Makes the folder where there is none. Throws IoError, and ResourceError when another training
  // holds the lock. To read only: takes no lock, as the processes of a job do whose first one
  // writes.
  explicit CheckpointFolder(std::string path, Access access = Access::write);
  ~CheckpointFolder();
  CheckpointFolder(const CheckpointFolder&) = delete;
  CheckpointFolder& operator=(const CheckpointFolder&) = delete;

  // Steps of the checkpoints that are there, good or damaged, ascending.
  [[nodiscard]] std::vector<std::uint64_t> steps() const;
  [[nodiscard]] std::string path_of(std::uint64_t step) const;

  // Writes the checkpoint of its step; then removes all others but the last one before it, and what
  // writers that were killed have left. Throws as write_checkpoint(); then nothing is removed.
  void save(const CheckpointView& checkpoint) const;

  struct Loaded {
    Checkpoint checkpoint;
    std::string path;
    std::vector<std::string> damaged;  // messages of newer ones that could not be read
  };

  // The newest that is good. None where the folder has none at all; throws DataError, with what
  // is wrong with each, when all are damaged.
  [[nodiscard]] std::optional<Loaded> load() const;

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace sheaf::train
