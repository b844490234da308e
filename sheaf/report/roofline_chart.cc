// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/roofline_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sheaf/report/colours.h"
#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 70;
constexpr double kTop = 40;
constexpr double kWidth = 560;
constexpr double kHeight = 360;
constexpr double kRight = 190;
constexpr double kBottom = 52;

// An axis over whole powers of ten.
struct Axis {
  double least = 0;  // exponents
  double most = 1;

  void hold(double value) {
    least = std::min(least, std::floor(std::log10(value)));
    most = std::max(most, std::ceil(std::log10(value)));
  }
  [[nodiscard]] double share(double value) const {
    return (std::log10(value) - least) / (most - least);
  }
};

bool is_drawn(const RooflineChart::Point& point) {
  const auto good = [](double value) { return std::isfinite(value) && value > 0; };
  return good(point.flops_per_byte) && good(point.gflops_per_s);
}

class Drawing {
 public:
  explicit Drawing(const RooflineChart& chart) : chart_(chart) {
    y_.hold(chart.peak_gflops * 1.2);
    x_.most = 2;
    for (const auto& series : chart.series) {
      for (const auto& point : series.points) {
        if (!is_drawn(point)) continue;
        x_.hold(point.flops_per_byte);
        y_.hold(point.gflops_per_s);
      }
    }
  }

  std::string draw() {
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
        R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="sans-serif" font-size="12">)"
        "\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        kLeft + kWidth + kRight, kTop + kHeight + kBottom);
    add("<text x=\"{}\" y=\"22\" font-size=\"15\">{}</text>\n", kLeft, xml_text(chart_.title));
    grid();
    for (const auto& level : chart_.levels) slope(level);
    peak();
    for (std::size_t s = 0; s < chart_.series.size(); ++s) series(s);
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  [[nodiscard]] double x_of(double value) const { return kLeft + kWidth * x_.share(value); }
  [[nodiscard]] double y_of(double value) const { return kTop + kHeight * (1 - y_.share(value)); }

  void line(double x1, double y1, double x2, double y2, const char* style) {
    add("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2,
        style);
  }

  void grid() {
    constexpr const char* kGrid = "stroke=\"#dddddd\"";
    for (double e = x_.least; e <= x_.most; ++e) {
      const double x = x_of(std::pow(10, e));
      line(x, kTop, x, kTop + kHeight, kGrid);
      add("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.4g}</text>\n", x,
          kTop + kHeight + 16, std::pow(10, e));
    }
    for (double e = y_.least; e <= y_.most; ++e) {
      const double y = y_of(std::pow(10, e));
      line(kLeft, y, kLeft + kWidth, y, kGrid);
      add("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.4g}</text>\n", kLeft - 6, y + 4,
          std::pow(10, e));
    }
    add("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">flops per byte</text>\n",
        kLeft + kWidth / 2, kTop + kHeight + 38);
    add("<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">GFLOP/s"
        "</text>\n",
        kTop + kHeight / 2);
  }

  // From where it enters the picture to where it meets the peak.
  void slope(const RooflineChart::Level& level) {
    const double rate = level.gigabytes_per_s;
    if (!std::isfinite(rate) || rate <= 0) return;
    const double left = std::max(std::pow(10, x_.least), std::pow(10, y_.least) / rate);
    const double right = std::min(std::pow(10, x_.most), chart_.peak_gflops / rate);
    if (left >= right) return;
    line(x_of(left), y_of(left * rate), x_of(right), y_of(right * rate),
         "stroke=\"#777777\" stroke-dasharray=\"5 3\"");
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"10\" fill=\"#555555\">{} {:.0f} GB/s</text>\n",
        x_of(left) + 4, y_of(left * rate) - 5, xml_text(level.name), rate);
  }

  void peak() {
    const double y = y_of(chart_.peak_gflops);
    line(kLeft, y, kLeft + kWidth, y, "stroke=\"black\"");
    add("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">FMA peak {:.0f} GFLOP/s</text>\n",
        kLeft + kWidth - 4, y - 5, chart_.peak_gflops);
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
      add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"><title>{}: {:.3g} flops per "
          "byte, {:.4g} GFLOP/s</title></circle>\n",
          x, y, colour, xml_text(point.name), point.flops_per_byte, point.gflops_per_s);
    }
    add("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", path, colour);
    const double y = kTop + 16 * static_cast<double>(s);
    add("<rect x=\"{}\" y=\"{:.1f}\" width=\"10\" height=\"10\" fill=\"{}\"/>", kLeft + kWidth + 16,
        y, colour);
    add("<text x=\"{}\" y=\"{:.1f}\">{}</text>\n", kLeft + kWidth + 32, y + 9,
        xml_text(series.name));
  }

  const RooflineChart& chart_;
  Axis x_;
  Axis y_;
  std::string text_;
};

}  // namespace

std::string RooflineChart::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
