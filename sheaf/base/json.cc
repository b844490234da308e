// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/json.h"

#include <algorithm>
#include <utility>

#include "sheaf/base/error.h"
#include "sheaf/base/nearest.h"

namespace sheaf::base {
namespace {

// Brackets that are open at the same time, strings left out.
int depth_of(std::string_view text) {
  int depth = 0;
  int most = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '[' || c == '{')) {
      most = std::max(most, ++depth);
    } else if (!in_string && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return most;
}

}  // namespace

std::string words_of(const nlohmann::json::exception& error) {
  // "[json.exception.parse_error.101] parse error at line 1, column 1: ..."
  const std::string_view words = error.what();
  const std::size_t end = words.starts_with("[json.exception") ? words.find("] ") : words.npos;
  return std::string(end == words.npos ? words : words.substr(end + 2));
}

ParsedJson parse_json(std::string_view text) {
  if (depth_of(text) > kMostJsonDepth) {
    return {nullptr, "JSON nested deeper than " + std::to_string(kMostJsonDepth) + " levels"};
  }
  try {
    return {nlohmann::json::parse(text), {}};
  } catch (const nlohmann::json::exception& error) {
    return {nullptr, words_of(error)};
  }
}

void require_keys(const nlohmann::json& object, const std::string& place, const std::string& what,
                  std::span<const std::string> keys) {
  if (!object.is_object()) throw ConfigError({place, what, object.type_name(), "an object", {}});
  for (const std::string& key : keys) {
    if (!object.contains(key)) {
      throw ConfigError({place, "missing key", "none", "'" + key + "'", {}});
    }
  }
  for (const auto& [key, value] : object.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    throw ConfigError({place, "unknown key", "'" + key + "'", "", suggest(key, keys)});
  }
}

}  // namespace sheaf::base
