// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/scatter_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sheaf/report/colours.h"
#include "sheaf/report/log_axis.h"
#include "sheaf/report/ticks.h"
#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 76;
constexpr double kTop = 56;
constexpr double kWidth = 600;
constexpr double kHeight = 400;
constexpr double kRight = 200;
constexpr double kBottom = 52;

bool is_drawn(const ScatterChart::Point& point) {
  const auto good = [](double value) { return std::isfinite(value) && value > 0; };
  return good(point.x) && good(point.y);
}

class Drawing {
 public:
  explicit Drawing(const ScatterChart& chart) : chart_(chart) {
    for (const auto& series : chart.series) {
      for (const auto& point : series.points) {
        if (!is_drawn(point)) continue;
        x_.hold(point.x);
        y_.hold(point.y);
      }
    }
    x_.widen();
    y_.widen();
  }

  std::string draw() {
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
        R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="sans-serif" font-size="12">)"
        "\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        kLeft + kWidth + kRight, kTop + kHeight + kBottom);
    add("<text x=\"{}\" y=\"22\" font-size=\"15\">{}</text>\n", kLeft, xml_text(chart_.title));
    add("<text x=\"{}\" y=\"40\" fill=\"#555555\">{}</text>\n", kLeft, xml_text(chart_.note));
    axes();
    for (std::size_t s = 0; s < chart_.series.size(); ++s) plain_points(s);
    for (std::size_t s = 0; s < chart_.series.size(); ++s) marked_points(s);
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  [[nodiscard]] double x_of(double value) const { return kLeft + kWidth * x_.share(value); }
  [[nodiscard]] double y_of(double value) const { return kTop + kHeight * (1 - y_.share(value)); }

  void axes() {
    for (const double value : x_.ticks()) {
      add("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#e4e4e4\"/>",
          x_of(value), kTop, kTop + kHeight);
      add("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x_of(value),
          kTop + kHeight + 16, plain_number(value));
    }
    for (const double value : y_.ticks()) {
      add("<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#e4e4e4\"/>", kLeft,
          kLeft + kWidth, y_of(value));
      add("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 6, y_of(value) + 4,
          plain_number(value));
    }
    add("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", kLeft + kWidth / 2,
        kTop + kHeight + 38, xml_text(chart_.x_label));
    add("<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        kTop + kHeight / 2, xml_text(chart_.y_label));
  }

  void plain_points(std::size_t s) {
    const auto& series = chart_.series[s];
    std::set<std::pair<int, int>> drawn;  // places of 2 x 2 pixels
    for (const auto& point : series.points) {
      if (!is_drawn(point) || point.marked) continue;
      const double x = x_of(point.x);
      const double y = y_of(point.y);
      if (!drawn.insert({static_cast<int>(x / 2), static_cast<int>(y / 2)}).second) continue;
      add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2\" fill=\"{}\" fill-opacity=\"0.25\"/>\n", x, y,
          line_colour(s));
    }
  }

  void marked_points(std::size_t s) {
    const auto& series = chart_.series[s];
    std::string path;
    std::string circles;
    double last_y = 0;
    for (const auto& point : series.points) {
      if (!is_drawn(point) || !point.marked) continue;
      const double x = x_of(point.x);
      const double y = y_of(point.y);
      path += path.empty() ? fmt::format("{:.1f},{:.1f}", x, y)
                           : fmt::format(" {:.1f},{:.1f} {:.1f},{:.1f}", x, last_y, x, y);
      last_y = y;
      circles += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\" stroke=\"white\"><title>{}: "
          "{:.4g}, {:.4g}</title></circle>\n",
          x, y, line_colour(s), xml_text(point.name), point.x, point.y);
    }
    if (series.joined) {
      add("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", path, line_colour(s));
    }
    text_ += circles;
    const double y = kTop + 18 * static_cast<double>(s);
    add("<circle cx=\"{}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>", kLeft + kWidth + 20, y + 5,
        line_colour(s));
    add("<text x=\"{}\" y=\"{:.1f}\">{}</text>\n", kLeft + kWidth + 32, y + 9,
        xml_text(series.name));
  }

  const ScatterChart& chart_;
  LogAxis x_;
  LogAxis y_;
  std::string text_;
};

}  // namespace

std::string ScatterChart::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
