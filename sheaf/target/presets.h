// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::target {

// The chips of configs/hw, which are part of the program: it finds them wherever it is installed.
[[nodiscard]] std::vector<std::string> preset_names();

// The YAML of a preset, or nothing.
[[nodiscard]] std::optional<std::string_view> preset_text(std::string_view name);

}  // namespace sheaf::target
