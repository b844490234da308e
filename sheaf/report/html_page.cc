// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/html_page.h"

#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

constexpr const char* kStyle =
    "body{margin:0 auto;max-width:1100px;padding:16px 24px 48px;font:15px/1.5 sans-serif;"
    "color:#222;background:#fff}\n"
    "h1{font-size:26px;margin:12px 0}\n"
    "h2{font-size:19px;margin:36px 0 8px;border-bottom:1px solid #ddd;padding-bottom:4px}\n"
    "p{max-width:900px}\n"
    ".cards{display:flex;flex-wrap:wrap;gap:12px;margin:12px 0}\n"
    ".card{border:1px solid #ddd;border-radius:6px;padding:10px 14px;min-width:120px}\n"
    ".card b{display:block;font-size:20px}\n"
    ".card span{display:block;color:#444}\n"
    ".card i{display:block;color:#777;font-size:12px}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:13px;margin:12px 0}\n"
    "th,td{padding:3px 9px;border-bottom:1px solid #eee;text-align:right;white-space:nowrap}\n"
    "th{background:#f6f6f6}\n"
    "td.first,th.first{text-align:left}\n"
    "figure{margin:12px 0}\n"
    "figcaption{color:#555;font-size:13px;max-width:900px}\n"
    "svg{max-width:100%;height:auto}\n";

std::string element(const std::string& name, const std::string& text) {
  return "<" + name + ">" + xml_text(text) + "</" + name + ">";
}

std::string row(const std::vector<std::string>& cells, const std::string& name) {
  std::string text = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text +=
        "<" + name + (i == 0 ? " class=\"first\">" : ">") + xml_text(cells[i]) + "</" + name + ">";
  }
  return text + "</tr>\n";
}

}  // namespace

HtmlPage::HtmlPage(const std::string& title) : title_(title) {}

void HtmlPage::section(const std::string& heading) {
  if (in_section_) body_ += "</section>\n";
  in_section_ = true;
  body_ += "<section>\n" + element("h2", heading) + "\n";
}

void HtmlPage::paragraph(const std::string& text) { body_ += element("p", text) + "\n"; }

void HtmlPage::cards(const std::vector<Card>& cards) {
  body_ += "<div class=\"cards\">\n";
  for (const Card& card : cards) {
    body_ += "<div class=\"card\">" + element("b", card.figure) + element("span", card.name);
    if (!card.note.empty()) body_ += element("i", card.note);
    body_ += "</div>\n";
  }
  body_ += "</div>\n";
}

void HtmlPage::list(const std::vector<std::string>& items) {
  if (items.empty()) return;
  body_ += "<ul>\n";
  for (const std::string& item : items) body_ += element("li", item) + "\n";
  body_ += "</ul>\n";
}

void HtmlPage::table(const Table& table) {
  body_ += "<div class=\"wide\"><table>\n<thead>" + row(table.head, "th") + "</thead>\n<tbody>\n";
  for (const auto& cells : table.rows) {
    if (!cells.empty()) body_ += row(cells, "td");
  }
  body_ += "</tbody></table></div>\n";
}

void HtmlPage::picture(const std::string& svg, const std::string& caption) {
  body_ += "<figure>\n" + svg;
  if (!caption.empty()) body_ += element("figcaption", caption);
  body_ += "</figure>\n";
}

std::string HtmlPage::to_html() const {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width\"/>\n" +
         element("title", title_) + "\n<style>\n" + kStyle + "</style>\n</head>\n<body>\n" +
         element("h1", title_) + "\n" + body_ + (in_section_ ? "</section>\n" : "") +
         "</body>\n</html>\n";
}

}  // namespace sheaf::report
