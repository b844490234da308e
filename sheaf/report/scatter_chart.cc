// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/scatter_chart.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "sheaf/report/colours.h"
#include "sheaf/report/log_frame.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 76;
constexpr double kTop = 56;
constexpr double kWidth = 600;
constexpr double kHeight = 400;
constexpr double kRight = 200;
constexpr double kBottom = 52;

class Drawing {
 public:
  explicit Drawing(const ScatterChart& chart)
      : chart_(chart), svg_(kLeft + kWidth + kRight, kTop + kHeight + kBottom) {
    for (const auto& series : chart.series) {
      for (const auto& point : series.points) frame_.hold(point.x, point.y);
    }
    frame_.widen();
  }

  std::string draw() {
    svg_.title(kLeft, chart_.title);
    svg_.text(kLeft, 40, chart_.note, " fill=\"#555555\"");
    frame_.draw(svg_, chart_.x_label, chart_.y_label);
    for (std::size_t s = 0; s < chart_.series.size(); ++s) plain_points(s);
    for (std::size_t s = 0; s < chart_.series.size(); ++s) marked_points(s);
    return svg_.done();
  }

 private:
  void plain_points(std::size_t s) {
    std::set<std::pair<int, int>> drawn;  // places of 2 x 2 pixels
    for (const auto& point : chart_.series[s].points) {
      if (!LogFrame::has_place(point.x, point.y) || point.marked) continue;
      const double x = frame_.x_of(point.x);
      const double y = frame_.y_of(point.y);
      if (!drawn.insert({static_cast<int>(x / 2), static_cast<int>(y / 2)}).second) continue;
      svg_.add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2\" fill=\"{}\" fill-opacity=\"0.25\"/>\n",
               x, y, line_colour(s));
    }
  }

  void marked_points(std::size_t s) {
    const auto& series = chart_.series[s];
    std::string path;
    std::string circles;
    double last_y = 0;
    for (const auto& point : series.points) {
      if (!LogFrame::has_place(point.x, point.y) || !point.marked) continue;
      const double x = frame_.x_of(point.x);
      const double y = frame_.y_of(point.y);
      path += path.empty() ? fmt::format("{:.1f},{:.1f}", x, y)
                           : fmt::format(" {:.1f},{:.1f} {:.1f},{:.1f}", x, last_y, x, y);
      last_y = y;
      circles += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\" stroke=\"white\"><title>{}: "
          "{:.4g}, {:.4g}</title></circle>\n",
          x, y, line_colour(s), xml_text(point.name), point.x, point.y);
    }
    if (series.joined) {
      svg_.add("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", path, line_colour(s));
    }
    svg_.add("{}", circles);
    const double y = kTop + 18 * static_cast<double>(s);
    svg_.add("<circle cx=\"{}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>", kLeft + kWidth + 20, y + 5,
             line_colour(s));
    svg_.text(kLeft + kWidth + 32, y + 9, series.name);
  }

  const ScatterChart& chart_;
  SvgText svg_;
  LogFrame frame_{{kLeft, kTop, kWidth, kHeight}};
};

}  // namespace

std::string ScatterChart::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
