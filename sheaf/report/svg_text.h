// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>

#include "sheaf/report/xml_text.h"

namespace sheaf::report {

// A picture that grows: what charts share.
class SvgText {
 public:
  SvgText(double width, double height) {
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
        R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="sans-serif" font-size="12">)"
        "\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        width, height);
  }

  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  void title(double x, const std::string& text) {
    add("<text x=\"{}\" y=\"22\" font-size=\"15\">{}</text>\n", x, xml_text(text));
  }
  // `attributes` begin with a blank.
  void text(double x, double y, const std::string& text, const char* attributes = "") {
    add("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, attributes, xml_text(text));
  }
  void line(double x1, double y1, double x2, double y2, const char* attributes) {
    add("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"{}/>\n", x1, y1, x2, y2,
        attributes);
  }
  // A box that says `tip` when one points at it.
  void box(double x, double y, double width, double height, const std::string& fill,
           const std::string& tip) {
    add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.1f}\" fill=\"{}\"><title>{}"
        "</title></rect>\n",
        x, y, width, height, fill, xml_text(tip));
  }
  [[nodiscard]] std::string done() { return text_ + "</svg>\n"; }

 private:
  std::string text_;
};

// About how wide a text of the charts' size is drawn.
[[nodiscard]] inline double text_width(const std::string& text) {
  return 6.8 * static_cast<double>(text.size());
}

}  // namespace sheaf::report
