// SPDX-License-Identifier: Apache-2.0
//
// A training that can go on, in one file: safetensors (io/weights_file.h) whose __metadata__ holds
//
//   sha256    SHA-256 of the file with 64 zeros in the place of these 64 digits
//   format    "sheaf-checkpoint-1"
//   options   JSON: everything that the result depends on, seed included
//   state     JSON: TrainState
//
// and begins the header, so that the digest lies at the same place in every file. Tensors are
// "parameters/NAME", "best/NAME", "optimiser/..." and "hook/...", of the stored shapes.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sheaf/train/named_tensors.h"
#include "sheaf/train/train_state.h"

namespace sheaf::train {

struct Checkpoint {
  nlohmann::json options;
  TrainState state;
  NamedTensors tensors;
};

// What a checkpoint is written from.
struct CheckpointView {
  const nlohmann::ordered_json& options;
  const TrainState& state;
  const std::map<std::string, const tensor::Tensor*>& tensors;
};

// Writes it under a temporary name, forces it to the disk and renames it. Throws DivergedError
// when a tensor holds NaN or infinity, and IoError; then what lay at `path` is as it was.
void write_checkpoint(const std::string& path, const CheckpointView& checkpoint);

// Throws NotFoundError, IoError, and DataError, naming the file, when it is not a checkpoint, its
// digest is another, or what it holds makes no sense.
[[nodiscard]] Checkpoint read_checkpoint(const std::string& path);
// The same of bytes that were read; `path` names them.
[[nodiscard]] Checkpoint parse_checkpoint(std::string_view bytes, const std::string& path);

// The digest that `bytes` should hold, and the place of its 64 digits. `bytes` holds them.
[[nodiscard]] std::string checkpoint_digest(std::string_view bytes);
[[nodiscard]] std::size_t checkpoint_digest_offset();

}  // namespace sheaf::train
