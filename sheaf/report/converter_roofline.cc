// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/converter_roofline.h"

#include <algorithm>
#include <cmath>

#include "sheaf/report/colours.h"
#include "sheaf/report/log_frame.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 76;
constexpr double kTop = 40;
constexpr double kWidth = 520;
constexpr double kHeight = 340;
constexpr double kBottom = 52;
constexpr double kLegendRow = 16;

bool is_drawn(const ConverterRoofline::Point& point) {
  return LogFrame::has_place(point.macs_per_conversion, point.gmacs_per_s);
}

struct Label {
  double x;
  double y;
  std::vector<std::size_t> numbers;  // rising
};

// "2-5, 8".
std::string ranges(const std::vector<std::size_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (last > i) text += (last == i + 1 ? ", " : "-") + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text;
}

class Drawing {
 public:
  explicit Drawing(const ConverterRoofline& chart) : chart_(chart) {
    const double ridge = chart.peak_gmacs / chart.gconversions_per_s;
    frame_.hold(ridge * 2, chart.peak_gmacs * 1.3);
    frame_.hold(ridge / 4, chart.peak_gmacs / 20);
    for (const auto& point : chart.points) {
      frame_.hold(point.macs_per_conversion, point.gmacs_per_s);
    }
    frame_.widen();
  }

  std::string draw() {
    double legend = 120;
    for (const auto& point : chart_.points) {
      legend = std::max(legend, 40 + text_width(point.name));
    }
    const double rows = kLegendRow * static_cast<double>(chart_.points.size());
    SvgText svg(kLeft + kWidth + legend + 20, std::max(kTop + kHeight + kBottom, kTop + rows + 12));
    svg.title(12, chart_.title);
    frame_.draw(svg, "multiply-adds per conversion", "10^9 multiply-adds/s and crossbar");
    roofs(svg);
    for (std::size_t i = 0; i < chart_.points.size(); ++i) point(svg, i);
    labels(svg);
    return svg.done();
  }

 private:
  [[nodiscard]] double x_of(double value) const { return frame_.x_of(value); }
  [[nodiscard]] double y_of(double value) const { return frame_.y_of(value); }

  void roofs(SvgText& svg) const {
    const double rate = chart_.gconversions_per_s;
    const double left = std::max(frame_.x().least(), frame_.y().least() / rate);
    const double right = std::min(frame_.x().most(), chart_.peak_gmacs / rate);
    if (left < right) {
      svg.line(x_of(left), y_of(left * rate), x_of(right), y_of(right * rate),
               " stroke=\"#d55e00\" stroke-width=\"2\"");
    }
    svg.line(x_of(std::max(right, frame_.x().least())), y_of(chart_.peak_gmacs), kLeft + kWidth,
             y_of(chart_.peak_gmacs), " stroke=\"black\" stroke-width=\"2\"");
    svg.text(kLeft + kWidth - 4, kTop + 14,
             fmt::format("level: all rows in use, {:.4g} x 10^9/s", chart_.peak_gmacs),
             " text-anchor=\"end\"");
    svg.text(kLeft + 8, kTop + 14,
             fmt::format("slope: converters at {:.4g} x 10^9 conversions/s", rate),
             " fill=\"#b04a00\"");
  }

  void point(SvgText& svg, std::size_t i) const {
    const auto& point = chart_.points[i];
    const std::string number = std::to_string(i + 1);
    const double y = kTop + kLegendRow * static_cast<double>(i);
    svg.text(kLeft + kWidth + 36, y + 9, number, " text-anchor=\"end\" fill=\"#555555\"");
    svg.text(kLeft + kWidth + 42, y + 9, point.name);
    if (!is_drawn(point)) return;
    svg.add(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#0072b2\" fill-opacity=\"0.7\">"
        "<title>{}: {:.4g} multiply-adds per conversion, {:.4g} x 10^9/s</title></circle>\n",
        x_of(point.macs_per_conversion), y_of(point.gmacs_per_s), xml_text(point.name),
        point.macs_per_conversion, point.gmacs_per_s);
  }

  // Numbers of points that lie together stand in one label, by the first of them.
  void labels(SvgText& svg) const {
    std::vector<Label> labels;
    for (std::size_t i = 0; i < chart_.points.size(); ++i) {
      const auto& point = chart_.points[i];
      if (!is_drawn(point)) continue;
      const double x = x_of(point.macs_per_conversion);
      const double y = y_of(point.gmacs_per_s);
      const auto near = std::find_if(labels.begin(), labels.end(), [&](const Label& label) {
        return std::abs(label.x - x) < 24 && std::abs(label.y - y) < 12;
      });
      if (near == labels.end()) {
        labels.push_back({x, y, {i + 1}});
      } else {
        near->numbers.push_back(i + 1);
      }
    }
    for (const Label& label : labels) {
      svg.text(label.x + 7, label.y + 15, ranges(label.numbers), " font-size=\"10\"");
    }
  }

  const ConverterRoofline& chart_;
  LogFrame frame_{{kLeft, kTop, kWidth, kHeight}};
};

}  // namespace

std::string ConverterRoofline::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
