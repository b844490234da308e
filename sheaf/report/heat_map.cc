// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/heat_map.h"

#include <algorithm>
#include <cmath>

#include "sheaf/report/svg_text.h"
#include "sheaf/report/ticks.h"

namespace sheaf::report {
namespace {

constexpr double kLeft = 12;
constexpr double kTop = 36;
constexpr double kSide = 560;  // the longer side, about
constexpr int kDecades = 3;

double most_of(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::isfinite(value) ? value : 0);
  return most;
}

class Drawing {
 public:
  explicit Drawing(const HeatMap& map)
      : map_(map),
        pitch_(std::clamp(kSide / std::max({map.columns, map.rows, 1U}), 8.0, 64.0)),
        router_(pitch_ * 0.56),
        most_router_(most_of(map.routers)),
        most_link_(std::max(most_of(map.right), most_of(map.down))) {}

  std::string draw() {
    const double width = std::max(pitch_ * map_.columns, 300.0);
    SvgText svg(kLeft + width + 190, std::max(kTop + pitch_ * map_.rows, 200.0) + 12);
    svg.title(kLeft, map_.title);
    for (std::uint32_t y = 0; y < map_.rows; ++y) {
      for (std::uint32_t x = 0; x < map_.columns; ++x) links(svg, x, y);
    }
    for (std::uint32_t y = 0; y < map_.rows; ++y) {
      for (std::uint32_t x = 0; x < map_.columns; ++x) router(svg, x, y);
    }
    scale(svg, kLeft + width + 20, kTop, "routers", most_router_);
    scale(svg, kLeft + width + 110, kTop, "links", most_link_);
    return svg.done();
  }

 private:
  [[nodiscard]] double at(const std::vector<double>& values, std::uint32_t x,
                          std::uint32_t y) const {
    const std::size_t i = std::size_t{y} * map_.columns + x;
    return i < values.size() && std::isfinite(values[i]) ? values[i] : 0;
  }
  // By the logarithm: what carries a thousandth of the most can still be told from what carries
  // nothing.
  static double share(double value, double most) {
    if (!(value > 0) || !(most > 0)) return 0;
    return std::max(0.08, 1 + std::log10(value / most) / kDecades);
  }

  void links(SvgText& svg, std::uint32_t x, std::uint32_t y) {
    const double left = kLeft + pitch_ * x + router_ / 2;
    const double top = kTop + pitch_ * y + router_ / 2;
    const double thick = std::max(2.0, pitch_ * 0.2);
    if (x + 1 < map_.columns) {
      const double value = at(map_.right, x, y);
      svg.box(left, top - thick / 2, pitch_, thick, heat_colour(share(value, most_link_)),
              fmt::format("{}, {} - {}, {}: {:.4g} {}", x, y, x + 1, y, value, map_.unit));
    }
    if (y + 1 < map_.rows) {
      const double value = at(map_.down, x, y);
      svg.box(left - thick / 2, top, thick, pitch_, heat_colour(share(value, most_link_)),
              fmt::format("{}, {} - {}, {}: {:.4g} {}", x, y, x, y + 1, value, map_.unit));
    }
  }

  void router(SvgText& svg, std::uint32_t x, std::uint32_t y) {
    const double value = at(map_.routers, x, y);
    svg.add(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" "
        "stroke=\"#888888\" stroke-width=\"0.5\"><title>router {}, {}: {:.4g} {}</title>"
        "</rect>\n",
        kLeft + pitch_ * x, kTop + pitch_ * y, router_, router_,
        heat_colour(share(value, most_router_)), x, y, value, xml_text(map_.unit));
  }

  void scale(SvgText& svg, double x, double y, const char* name, double most) const {
    constexpr int kSteps = 12;
    svg.text(x, y + 8, name);
    for (int i = 0; i <= kSteps; ++i) {
      svg.add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"10.5\" fill=\"{}\"/>\n", x,
              y + 16 + 10 * i, heat_colour(1 - i / double{kSteps}));
    }
    for (int decade = 0; decade < kDecades; ++decade) {
      svg.text(x + 19, y + 26 + 10.0 * kSteps / kDecades * decade,
               plain_number(most / std::pow(10, decade), 3));
    }
    svg.text(x + 19, y + 26 + 10 * kSteps, "0");
    svg.text(x, y + 46 + 10 * kSteps, map_.unit, " fill=\"#555555\"");
  }

  const HeatMap& map_;
  double pitch_;
  double router_;
  double most_router_;
  double most_link_;
};

}  // namespace

std::string heat_colour(double share) {
  const double s = std::clamp(share, 0.0, 1.0);
  // White over yellow and orange to dark red: lightness falls all the way.
  const double hue = 52 - 52 * s;
  const double lightness = 97 - 67 * s;
  return fmt::format("hsl({:.0f},90%,{:.0f}%)", hue, lightness);
}

std::string HeatMap::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
