// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sheaf::base {

struct ParsedJson {
  nlohmann::json value;
  std::string problem;  // empty when `value` is what the text says
};

// Parses JSON of at most kMostJsonDepth levels: files of unknown origin may be nested deeper than a
// stack.
[[nodiscard]] ParsedJson parse_json(std::string_view text);

inline constexpr int kMostJsonDepth = 64;

}  // namespace sheaf::base
