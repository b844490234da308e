// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/roofline_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sheaf/report/colours.h"
#include "sheaf/report/log_frame.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 70;
constexpr double kTop = 40;
constexpr double kWidth = 560;
constexpr double kHeight = 360;
constexpr double kRight = 190;
constexpr double kBottom = 52;

bool is_drawn(const RooflineChart::Point& point) {
  return LogFrame::has_place(point.flops_per_byte, point.gflops_per_s);
}

class Drawing {
 public:
  explicit Drawing(const RooflineChart& chart)
      : chart_(chart), svg_(kLeft + kWidth + kRight, kTop + kHeight + kBottom) {
    frame_.hold(1, 1);
    frame_.hold(100, std::max(1.0, chart.peak_gflops * 1.2));
    for (const auto& series : chart.series) {
      for (const auto& point : series.points) frame_.hold(point.flops_per_byte, point.gflops_per_s);
    }
    frame_.widen();
  }

  std::string draw() {
    svg_.title(kLeft, chart_.title);
    frame_.draw(svg_, "flops per byte", "GFLOP/s");
    for (const auto& level : chart_.levels) slope(level);
    peak();
    for (std::size_t s = 0; s < chart_.series.size(); ++s) series(s);
    return svg_.done();
  }

 private:
  [[nodiscard]] double x_of(double value) const { return frame_.x_of(value); }
  [[nodiscard]] double y_of(double value) const { return frame_.y_of(value); }

  // From where it enters the picture to where it meets the peak.
  void slope(const RooflineChart::Level& level) {
    const double rate = level.gigabytes_per_s;
    if (!std::isfinite(rate) || rate <= 0) return;
    const double left = std::max(frame_.x().least(), frame_.y().least() / rate);
    const double right = std::min(frame_.x().most(), chart_.peak_gflops / rate);
    if (left >= right) return;
    svg_.line(x_of(left), y_of(left * rate), x_of(right), y_of(right * rate),
              " stroke=\"#777777\" stroke-dasharray=\"5 3\"");
    svg_.text(x_of(left) + 4, y_of(left * rate) - 5,
              fmt::format("{} {:.0f} GB/s", level.name, rate),
              " font-size=\"10\" fill=\"#555555\"");
  }

  void peak() {
    const double y = y_of(chart_.peak_gflops);
    svg_.line(kLeft, y, kLeft + kWidth, y, " stroke=\"black\"");
    svg_.text(kLeft + kWidth - 4, y - 5, fmt::format("FMA peak {:.0f} GFLOP/s", chart_.peak_gflops),
              " text-anchor=\"end\"");
  }

  void series(std::size_t s) {
    const auto& series = chart_.series[s];
    const char* colour = line_colour(s);
    std::string path;
    for (const auto& point : series.points) {
      if (!is_drawn(point)) continue;
      const double x = x_of(point.flops_per_byte);
      const double y = y_of(point.gflops_per_s);
      path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "" : " ", x, y);
      svg_.add(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"><title>{}: {:.3g} flops per "
          "byte, {:.4g} GFLOP/s</title></circle>\n",
          x, y, colour, xml_text(point.name), point.flops_per_byte, point.gflops_per_s);
    }
    svg_.add("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", path, colour);
    const double y = kTop + 16 * static_cast<double>(s);
    svg_.add("<rect x=\"{}\" y=\"{:.1f}\" width=\"10\" height=\"10\" fill=\"{}\"/>",
             kLeft + kWidth + 16, y, colour);
    svg_.text(kLeft + kWidth + 32, y + 9, series.name);
  }

  const RooflineChart& chart_;
  SvgText svg_;
  LogFrame frame_{{kLeft, kTop, kWidth, kHeight}};
};

}  // namespace

std::string RooflineChart::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
