// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sheaf/report/table.h"

namespace sheaf::report {

// A page in one file: no scripts, and nothing that is not in the file. It is well-formed XML after
// its first line.
class HtmlPage {
 public:
  explicit HtmlPage(const std::string& title);

  void section(const std::string& heading);
  void paragraph(const std::string& text);
  // What is to be seen at once: a figure and what it is, side by side.
  struct Card {
    std::string figure;
    std::string name;
    std::string note = {};
  };
  void cards(const std::vector<Card>& cards);
  void list(const std::vector<std::string>& items);
  // Rules are left out. The first column is set left.
  void table(const Table& table);
  // Of a chart's to_svg(); `caption` may be empty.
  void picture(const std::string& svg, const std::string& caption);

  [[nodiscard]] std::string to_html() const;

 private:
  std::string title_;
  std::string body_;
  bool in_section_ = false;
};

}  // namespace sheaf::report
