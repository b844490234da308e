// SPDX-License-Identifier: Apache-2.0
//
// What `sheaf train` leaves, as reports of inspect.h.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "sheaf/io/weights_file.h"

namespace sheaf::study {

// Whether a weight file is a checkpoint (train/checkpoint.h); if so, adds kind "checkpoint", how
// far it has come, what was best, and the options.
[[nodiscard]] bool add_checkpoint(const io::WeightsFile& file, nlohmann::ordered_json& report);

// Whether the text is a file of `--losses` (train/loss_log.h), as its first line says; if so, adds
// kind "losses", how many updates there are, and the losses of the first, the last and the lowest.
// Throws DataError, naming the line, for one that is none.
[[nodiscard]] bool add_losses(std::string_view text, const std::string& path,
                              nlohmann::ordered_json& report);

// Of a model folder (train/model_folder.h): kind "model", what model.json says, sizes of the
// vocabularies and numbers in the parameters. Throws NotFoundError where there is no model.json,
// DataError for one that is no JSON, and as io::read_weights().
void add_model_folder(const std::string& folder, nlohmann::ordered_json& report);

}  // namespace sheaf::study
