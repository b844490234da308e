// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/table.h"

#include <algorithm>

namespace sheaf::report {
namespace {

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string blanks(widths[i] - std::min(widths[i], cells[i].size()), ' ');
    if (i > 0) line += "  ";
    line += i == 0 ? cells[i] + blanks : blanks + cells[i];
  }
  line.resize(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string Table::to_string() const {
  std::vector<std::size_t> widths(head.size(), 0);
  const auto widen = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  };
  widen(head);
  for (const auto& row : rows) widen(row);
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + 2;
  const std::string rule(total - 2, '-');
  std::string text = line_of(head, widths) + rule + "\n";
  for (const auto& row : rows) text += row.empty() ? rule + "\n" : line_of(row, widths);
  return text;
}

std::string Table::to_markdown() const {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + cell + " |";
    return text + "\n";
  };
  std::string text = line(head) + line(std::vector<std::string>(head.size(), "---"));
  for (const auto& row : rows) text += row.empty() ? "" : line(row);
  return text;
}

std::string with_commas(unsigned long long value) {
  std::string text = std::to_string(value);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

}  // namespace sheaf::report
