// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <span>
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

// What a fault of the JSON library says, without its name in the library.
[[nodiscard]] std::string words_of(const nlohmann::json::exception& error);

inline constexpr int kMostJsonDepth = 64;

// Throws ConfigError at `place` unless `object`, which is a `what`, is an object with these keys
// and no others, suggesting the nearest of them.
void require_keys(const nlohmann::json& object, const std::string& place, const std::string& what,
                  std::span<const std::string> keys);

}  // namespace sheaf::base
