// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/machine_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

constexpr double kBoxWidth = 150;
constexpr double kBoxHeight = 40;
constexpr double kMargin = 110;

struct Point {
  double x, y;
};

class Drawing {
 public:
  explicit Drawing(const MachinePicture& machine) : machine_(machine) {
    const auto n = static_cast<double>(std::max<std::size_t>(machine.states.size(), 1));
    // As wide a circle as keeps neighbouring boxes apart.
    radius_ = std::max(130.0, n * (kBoxWidth + 24) / (2 * std::numbers::pi));
    size_ = 2 * (radius_ + kMargin);
    width_ = std::max(size_, 40 + 8.2 * static_cast<double>(machine.title.size()));
  }

  std::string draw() {
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"11\">\n",
        width_, size_ + 40);
    add("<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker>"
        "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    add("<text x=\"20\" y=\"26\" font-size=\"15\">{}</text>\n", xml_text(machine_.title));
    for (const auto& step : machine_.steps) draw_step(step);
    for (std::size_t s = 0; s < machine_.states.size(); ++s) draw_state(s);
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }

  [[nodiscard]] Point at(std::size_t state) const {
    const double n = static_cast<double>(machine_.states.size());
    const double angle = 2 * std::numbers::pi * static_cast<double>(state) / n;
    return {width_ / 2 + radius_ * std::sin(angle), 40 + size_ / 2 - radius_ * std::cos(angle)};
  }

  void draw_state(std::size_t s) {
    const MachinePicture::State& state = machine_.states[s];
    const Point p = at(s);
    add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{}\" "
        "stroke=\"{}\" stroke-width=\"{}\"/>\n",
        p.x - kBoxWidth / 2, p.y - kBoxHeight / 2, kBoxWidth, kBoxHeight,
        state.known ? "#eef4fb" : "#fdeee0", "#456", s == 0 ? 2.5 : 1.0);
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", p.x, p.y - 4,
        xml_text(state.name));
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" font-weight=\"bold\">{}</text>\n",
        p.x, p.y + 12, xml_text((state.known ? "runs " : "falls back: ") + state.action));
  }

  // From the edge of one box to the edge of the other, bent to one side so that there and back are
  // two lines.
  void draw_step(const MachinePicture::Step& step) {
    const Point from = at(step.from);
    if (step.from == step.to) {
      const double top = from.y - kBoxHeight / 2;
      add("<path d=\"M{0:.1f} {1:.1f}C{2:.1f} {3:.1f} {4:.1f} {3:.1f} {5:.1f} {1:.1f}\" "
          "fill=\"none\" stroke=\"#555\" marker-end=\"url(#arrow)\"/>",
          from.x - 14, top, from.x - 34, top - 40, from.x + 34, from.x + 14);
      label(from.x, top - 32, step.times);
      return;
    }
    const Point to = at(step.to);
    const double dx = to.x - from.x;
    const double dy = to.y - from.y;
    const double length = std::hypot(dx, dy);
    const Point middle{(from.x + to.x) / 2 + dy / length * 24,
                       (from.y + to.y) / 2 - dx / length * 24};
    const Point begin = leave(from, middle);
    const Point end = leave(to, middle);
    add("<path d=\"M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}\" fill=\"none\" stroke=\"#555\" "
        "marker-end=\"url(#arrow)\"/>",
        begin.x, begin.y, middle.x, middle.y, end.x, end.y);
    label((begin.x + 2 * middle.x + end.x) / 4, (begin.y + 2 * middle.y + end.y) / 4, step.times);
  }

  // Where the line from the middle of a box to `towards` crosses its edge.
  static Point leave(Point box, Point towards) {
    const double dx = towards.x - box.x;
    const double dy = towards.y - box.y;
    const double scale = std::min(kBoxWidth / 2 / std::max(std::abs(dx), 1e-9),
                                  kBoxHeight / 2 / std::max(std::abs(dy), 1e-9));
    return {box.x + dx * scale, box.y + dy * scale};
  }

  void label(double x, double y, std::uint32_t times) {
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" fill=\"#a33\" stroke=\"white\" "
        "stroke-width=\"3\" paint-order=\"stroke\">{}</text>\n",
        x, y, times);
  }

  const MachinePicture& machine_;
  double radius_ = 0;
  double size_ = 0;   // of the square around the circle
  double width_ = 0;  // of the picture
  std::string text_;
};

}  // namespace

std::string MachinePicture::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
