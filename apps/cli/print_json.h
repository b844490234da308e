// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

namespace sheaf::cli {

// One line. Bytes that are no UTF-8, as names of files may have, are replaced.
[[nodiscard]] inline std::string json_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

inline void print_json(const nlohmann::ordered_json& json) { fmt::print("{}\n", json_line(json)); }

inline CLI::Option* add_json_flag(CLI::App& verb, bool& json) {
  return verb.add_flag("--json", json, "Print one line of JSON");
}

}  // namespace sheaf::cli
