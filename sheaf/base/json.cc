// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/json.h"

#include <algorithm>
#include <utility>

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

ParsedJson parse_json(std::string_view text) {
  if (depth_of(text) > kMostJsonDepth) {
    return {nullptr, "JSON nested deeper than " + std::to_string(kMostJsonDepth) + " levels"};
  }
  try {
    return {nlohmann::json::parse(text), {}};
  } catch (const nlohmann::json::exception& error) {
    return {nullptr, error.what()};
  }
}

}  // namespace sheaf::base
