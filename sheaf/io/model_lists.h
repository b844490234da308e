// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::io {

// The layer lists of configs/models, which are part of the program.
[[nodiscard]] std::vector<std::string> model_list_names();

// The YAML of one of them, or nothing.
[[nodiscard]] std::optional<std::string_view> model_list_text(std::string_view name);

}  // namespace sheaf::io
