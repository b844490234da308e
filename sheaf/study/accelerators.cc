// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/accelerators.h"

#include <fmt/format.h>

#include <utility>

#include "sheaf/report/table.h"
#include "sheaf/study/accelerator_parts.h"

namespace sheaf::study {

AcceleratorCell word(std::string text) { return {std::move(text), std::nullopt}; }
AcceleratorCell number(double value) { return {fmt::format("{:.4g}", value), value}; }
AcceleratorCell times(double value) { return {fmt::format("{:.2f}x", value), value}; }

std::vector<AcceleratorTable> study_accelerators(const AcceleratorOptions& options) {
  std::vector<AcceleratorTable> tables = study_reboc(options);
  for (AcceleratorTable& table : study_tinyadc()) tables.push_back(std::move(table));
  tables.push_back(study_cannon());
  tables.push_back(study_smartdeal(options));
  tables.push_back(study_rivals(options));
  return tables;
}

std::string accelerators_text(const std::vector<AcceleratorTable>& tables, bool markdown) {
  std::string text;
  for (const AcceleratorTable& part : tables) {
    report::Table table;
    table.head = part.head;
    for (const auto& row : part.rows) {
      std::vector<std::string> cells;
      for (const AcceleratorCell& cell : row) cells.push_back(cell.text);
      table.rows.push_back(std::move(cells));
    }
    text += text.empty() ? "" : "\n";
    text += (markdown ? "### " : "") + part.title + "\n\n";
    text += markdown ? table.to_markdown() : table.to_string();
    text += "\n";
    for (const std::string& note : part.notes) text += (markdown ? "- " : "  ") + note + "\n";
  }
  return text;
}

nlohmann::ordered_json accelerators_json(const std::vector<AcceleratorTable>& tables) {
  nlohmann::ordered_json json;
  json["study"] = "accelerators";
  for (const AcceleratorTable& part : tables) {
    nlohmann::ordered_json table;
    table["title"] = part.title;
    table["rows"] = nlohmann::ordered_json::array();
    for (const auto& row : part.rows) {
      nlohmann::ordered_json cells;
      for (std::size_t i = 0; i < row.size() && i < part.head.size(); ++i) {
        if (row[i].value) {
          cells[part.head[i]] = *row[i].value;
        } else {
          cells[part.head[i]] = row[i].text;
        }
      }
      table["rows"].push_back(std::move(cells));
    }
    table["notes"] = part.notes;
    json[part.name] = std::move(table);
  }
  return json;
}

}  // namespace sheaf::study
