// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace sheaf::train {

// What an option that a checkpoint records (Trainer, training.h) is to a user: "held-out data
// (--dev)". Of a name that is not known, "option 'NAME'".
[[nodiscard]] std::string words_of_option(const std::string& name);

// Its value for messages: a digest shortened, "none" for null.
[[nodiscard]] std::string words_of_value(const nlohmann::json& value);

}  // namespace sheaf::train
