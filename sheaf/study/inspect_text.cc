// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sheaf/report/table.h"
#include "sheaf/study/inspect.h"

namespace sheaf::study {
namespace {

using nlohmann::ordered_json;

std::string cell(const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  if (value.is_number_integer()) return report::with_commas(value.get<std::uint64_t>());
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string more(std::size_t count, std::size_t most) {
  return count > most ? fmt::format("... {} more", report::with_commas(count - most)) : "";
}

// "mean 19.1, p50 18, max 56"; of long objects the first entries.
std::string pairs(const ordered_json& object, std::size_t most) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [key, value] : object.items()) {
    if (shown++ == most) break;
    text += (text.empty() ? "" : ", ") + key + " " + cell(value);
  }
  const std::string rest = more(object.size(), most);
  return rest.empty() ? text : text + ", " + rest;
}

std::string list(const ordered_json& values, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), most); ++i) {
    text += (i == 0 ? "" : ", ") + cell(values[i]);
  }
  const std::string rest = more(values.size(), most);
  return rest.empty() ? text : text + ", " + rest;
}

// Objects of the same keys.
std::string table(const ordered_json& rows, std::size_t most) {
  report::Table table;
  for (const auto& [key, value] : rows[0].items()) table.head.push_back(key);
  for (std::size_t i = 0; i < std::min(rows.size(), most); ++i) {
    std::vector<std::string>& row = table.rows.emplace_back();
    for (const auto& [key, value] : rows[i].items()) row.push_back(cell(value));
  }
  const std::string rest = more(rows.size(), most);
  return table.to_string() + (rest.empty() ? "" : rest + "\n");
}

}  // namespace

std::string to_text(const ordered_json& report, std::size_t most) {
  std::string text;
  std::string tables;
  for (const auto& [key, value] : report.items()) {
    if (value.is_structured() && value.empty()) continue;
    if (value.is_string() && value.get<std::string>().empty()) continue;
    if (value.is_array() && value[0].is_object()) {
      tables += fmt::format("\n{}\n{}", key, table(value, most));
      continue;
    }
    const std::string line = value.is_object()  ? pairs(value, most)
                             : value.is_array() ? list(value, most)
                                                : cell(value);
    text += fmt::format("{:18} {}\n", key, line);
  }
  return text + tables;
}

}  // namespace sheaf::study
