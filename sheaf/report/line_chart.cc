// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "sheaf/report/colours.h"
#include "sheaf/report/ticks.h"
#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 64;
constexpr double kTop = 64;
constexpr double kWidth = 560;
constexpr double kHeight = 300;
constexpr double kBottom = 52;
constexpr double kLineHeight = 17;  // of names beside the chart
constexpr const char* kLevelColour = "#555555";

bool is_drawn(const LineChart::Point& point) {
  return std::isfinite(point.x) && std::isfinite(point.y) && point.x >= 0 && point.y >= 0;
}

struct Axis {
  double most = 0;
  double step = 1;

  void hold(double value) { most = std::max(most, value); }
  // Goes on to the next tick.
  void round_up() {
    if (most <= 0) most = 1;
    step = tick_step(most);
    most = step * std::ceil(most / step - 1e-9);
  }
};

// What stands right of the chart.
struct Name {
  std::string text;
  std::string colour;
  double end;  // height at which the line ends
  double y;    // height of the name
};

class Drawing {
 public:
  explicit Drawing(const LineChart& chart) : chart_(chart) {
    for (const LineChart::Series& series : chart.series) {
      for (const LineChart::Point& point : series.points) {
        if (!is_drawn(point)) continue;
        x_.hold(point.x);
        y_.hold(point.y);
      }
    }
    for (const LineChart::Level& level : chart.levels) {
      if (is_drawn(level)) y_.hold(level.y);
    }
    x_.round_up();
    y_.round_up();
  }

  std::string draw() {
    place_names();
    std::size_t longest = 0;
    for (const Name& name : names_) longest = std::max(longest, name.text.size());
    const double right = 44 + 7.2 * static_cast<double>(longest);
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
        R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="sans-serif" font-size="12">)"
        "\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        kLeft + kWidth + right, kTop + kHeight + kBottom);
    add("<text x=\"{}\" y=\"22\" font-size=\"15\">{}</text>\n", kLeft, xml_text(chart_.title));
    if (!chart_.note.empty()) {
      add("<text x=\"{}\" y=\"42\" fill=\"{}\">{}</text>\n", kLeft, kLevelColour,
          xml_text(chart_.note));
    }
    grid();
    for (const LineChart::Level& level : chart_.levels) draw_level(level);
    for (std::size_t s = 0; s < chart_.series.size(); ++s) draw_series(s);
    for (const Name& name : names_) draw_name(name);
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  static bool is_drawn(const LineChart::Point& point) { return report::is_drawn(point); }
  static bool is_drawn(const LineChart::Level& level) { return report::is_drawn({0, level.y}); }
  [[nodiscard]] double x_of(double value) const { return kLeft + kWidth * value / x_.most; }
  [[nodiscard]] double y_of(double value) const { return kTop + kHeight * (1 - value / y_.most); }

  // Each beside the end of its line; where two would touch, all are moved apart.
  void place_names() {
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      const LineChart::Series& series = chart_.series[s];
      const auto last = std::find_if(series.points.rbegin(), series.points.rend(),
                                     [](const auto& point) { return is_drawn(point); });
      if (last == series.points.rend()) continue;
      names_.push_back({series.name, line_colour(s), y_of(last->y), y_of(last->y)});
    }
    for (const LineChart::Level& level : chart_.levels) {
      if (is_drawn(level)) {
        names_.push_back({level.name, kLevelColour, y_of(level.y), y_of(level.y)});
      }
    }
    std::stable_sort(names_.begin(), names_.end(),
                     [](const Name& a, const Name& b) { return a.end < b.end; });
    double least = 0;
    for (Name& name : names_) {
      name.y = std::max(name.y, least);
      least = name.y + kLineHeight;
    }
    // Those that were pushed out below go up again.
    double most = kTop + kHeight;
    for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
      name->y = std::min(name->y, most);
      most = name->y - kLineHeight;
    }
  }

  void grid() {
    constexpr const char* kGrid = "stroke=\"#dddddd\"";
    for (double tick = 0; tick <= y_.most * 1.0001; tick += y_.step) {
      add("<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" {3}/>", kLeft, kLeft + kWidth,
          y_of(tick), tick == 0 ? "stroke=\"#777777\"" : kGrid);
      add("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.4g}</text>\n", kLeft - 8,
          y_of(tick) + 4, tick);
    }
    for (double tick = 0; tick <= x_.most * 1.0001; tick += x_.step) {
      add("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#777777\"/>",
          x_of(tick), kTop + kHeight, kTop + kHeight + 5);
      add("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.4g}</text>\n", x_of(tick),
          kTop + kHeight + 19, tick);
    }
    add("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", kLeft + kWidth / 2,
        kTop + kHeight + 40, xml_text(chart_.x_label));
    add("<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        kTop + kHeight / 2, xml_text(chart_.y_label));
  }

  void draw_level(const LineChart::Level& level) {
    if (!is_drawn(level)) return;
    add("<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\" "
        "stroke-dasharray=\"5 4\"/>\n",
        kLeft, kLeft + kWidth, y_of(level.y), kLevelColour);
  }

  void draw_series(std::size_t s) {
    const LineChart::Series& series = chart_.series[s];
    std::string path;
    std::string dots;
    for (const LineChart::Point& point : series.points) {
      if (!is_drawn(point)) continue;
      const double x = x_of(point.x);
      const double y = y_of(point.y);
      path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", x, y);
      dots += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{}: {:.4g}, {:.4g}"
          "</title></circle>\n",
          x, y, line_colour(s), xml_text(series.name), point.x, point.y);
    }
    if (path.empty()) return;
    add("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" "
        "stroke-linejoin=\"round\"/>\n{}",
        path, line_colour(s), dots);
  }

  void draw_name(const Name& name) {
    add("<polyline points=\"{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\" fill=\"none\" "
        "stroke=\"{}\" stroke-opacity=\"0.5\"/>",
        kLeft + kWidth + 3, name.end, kLeft + kWidth + 12, name.y, kLeft + kWidth + 18, name.y,
        name.colour);
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"{}\">{}</text>\n", kLeft + kWidth + 23, name.y + 4,
        name.colour, xml_text(name.text));
  }

  const LineChart& chart_;
  Axis x_;
  Axis y_;
  std::vector<Name> names_;
  std::string text_;
};

}  // namespace

std::string LineChart::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
