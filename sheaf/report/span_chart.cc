// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/span_chart.h"

#include <algorithm>

#include "sheaf/report/svg_text.h"
#include "sheaf/report/ticks.h"

namespace sheaf::report {
namespace {

constexpr double kRow = 20;
constexpr double kTop = 36;
constexpr double kWidth = 600;
constexpr double kRight = 60;

}  // namespace

std::string SpanChart::to_svg() const {
  double left = 60;
  double most = 0;
  for (const Row& row : rows) {
    left = std::max(left, text_width(row.name));
    most = std::max(most, row.end);
  }
  left += 20;
  if (most <= 0) most = 1;
  const double bottom = kTop + kRow * static_cast<double>(rows.size());
  const auto x_of = [&](double value) { return left + kWidth * value / most; };
  SvgText svg(left + kWidth + kRight, bottom + 30);
  svg.title(12, title);
  const double step = tick_step(most);
  for (double value = 0; value <= most * 1.0001; value += step) {
    svg.line(x_of(value), kTop, x_of(value), bottom, " stroke=\"#dddddd\"");
    svg.text(x_of(value), bottom + 16, plain_number(value), " text-anchor=\"middle\"");
  }
  svg.text(left + kWidth + 30, bottom + 16, unit);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    const double y = kTop + kRow * static_cast<double>(r);
    svg.text(left - 8, y + 14, row.name, " text-anchor=\"end\"");
    const double width = std::max(1.0, kWidth * (row.end - row.begin) / most);
    svg.add(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#0072b2\" "
        "fill-opacity=\"{:.2f}\" stroke=\"#0072b2\"><title>{}: {:.4g} to {:.4g} {}, at work "
        "{:.0f} % of it</title></rect>\n",
        x_of(row.begin), y + 3, width, kRow - 6, 0.12 + 0.8 * std::clamp(row.busy, 0.0, 1.0),
        xml_text(row.name), row.begin, row.end, xml_text(unit), 100 * row.busy);
  }
  return svg.done();
}

}  // namespace sheaf::report
