// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sheaf/train/training_options.h"

namespace sheaf::train {

// What a file holds, as SHA-256 in hexadecimal, so that a training is not resumed on other data; of
// random data their name, of no file nothing. Throws what io::digest_of_file() throws.
[[nodiscard]] std::string digest_of_data(const std::string& path);

// What the result of a training depends on beside the options of loop and updater
// (TrainOptions::recipe), by names that option_words.h knows.
[[nodiscard]] nlohmann::ordered_json recipe_of(const TrainingOptions& options);

}  // namespace sheaf::train
