// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/log_frame.h"

#include <cmath>

#include "sheaf/report/ticks.h"

namespace sheaf::report {

bool LogFrame::has_place(double x, double y) {
  return std::isfinite(x) && std::isfinite(y) && x > 0 && y > 0;
}

void LogFrame::hold(double x, double y) {
  if (!has_place(x, y)) return;
  x_.hold(x);
  y_.hold(y);
}

void LogFrame::widen() {
  x_.widen();
  y_.widen();
}

void LogFrame::draw(SvgText& svg, const std::string& x_label, const std::string& y_label) const {
  constexpr const char* kGrid = " stroke=\"#e4e4e4\"";
  const double right = place_.left + place_.width;
  const double bottom = place_.top + place_.height;
  for (const double value : x_.ticks()) {
    svg.line(x_of(value), place_.top, x_of(value), bottom, kGrid);
    svg.text(x_of(value), bottom + 16, plain_number(value), " text-anchor=\"middle\"");
  }
  for (const double value : y_.ticks()) {
    svg.line(place_.left, y_of(value), right, y_of(value), kGrid);
    svg.text(place_.left - 6, y_of(value) + 4, plain_number(value), " text-anchor=\"end\"");
  }
  svg.text(place_.left + place_.width / 2, bottom + 38, x_label, " text-anchor=\"middle\"");
  svg.add("<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
          place_.top + place_.height / 2, xml_text(y_label));
}

}  // namespace sheaf::report
