// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/bar_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sheaf/report/ticks.h"
#include "sheaf/report/xml_text.h"

namespace sheaf::report {
namespace {

constexpr double kBar = 11;
constexpr double kGap = 18;
constexpr double kLeft = 64;
constexpr double kTop = 74;
constexpr double kHeight = 260;
constexpr double kBottom = 96;
// Of Okabe and Ito: told apart by readers who do not see all colours.
constexpr std::array kColours = {"#999999", "#56b4e9", "#0072b2", "#cc79a7", "#e69f00",
                                 "#d55e00", "#f0e442", "#009e73", "#000000", "#7a5195"};

const char* colour(std::size_t series) { return kColours[series % kColours.size()]; }

double legend_width(const std::string& name) { return 28 + 7.2 * static_cast<double>(name.size()); }

class Drawing {
 public:
  explicit Drawing(const BarChart& chart) : chart_(chart), most_(chart.most) {
    for (const BarChart::Group& group : chart.groups) {
      for (const double value : group.values) {
        if (chart.most == 0 && std::isfinite(value)) most_ = std::max(most_, value);
      }
    }
    if (most_ <= 0) most_ = 1;
    group_width_ = kBar * static_cast<double>(chart.series.size()) + kGap;
    width_ = kLeft + group_width_ * static_cast<double>(chart.groups.size()) + kGap;
    double legend = kLeft + kGap;
    for (const std::string& name : chart.series) legend += legend_width(name);
    width_ = std::max(width_, legend);
  }

  std::string draw() {
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0:.0f}" height="{1:.0f}" )"
        R"(viewBox="0 0 {0:.0f} {1:.0f}" font-family="sans-serif" font-size="12">)"
        "\n",
        width_, kTop + kHeight + kBottom);
    add("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    add("<text x=\"{}\" y=\"22\" font-size=\"15\">{}</text>\n", kLeft, xml_text(chart_.title));
    legend();
    axis();
    for (std::size_t g = 0; g < chart_.groups.size(); ++g) group(g);
    return text_ + "</svg>\n";
  }

 private:
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }
  [[nodiscard]] double y_of(double value) const {
    return kTop + kHeight * (1 - std::min(value, most_) / most_);
  }

  void legend() {
    double x = kLeft;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      add("<rect x=\"{:.1f}\" y=\"38\" width=\"10\" height=\"10\" fill=\"{}\"/>", x, colour(s));
      add("<text x=\"{:.1f}\" y=\"47\">{}</text>\n", x + 14, xml_text(chart_.series[s]));
      x += legend_width(chart_.series[s]);
    }
  }

  void axis() {
    const double step = tick_step(most_);
    for (double value = 0; value <= most_ * 1.0001; value += step) {
      add("<line x1=\"{0}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#dddddd\"/>",
          kLeft, width_ - kGap, y_of(value));
      add("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.4g}</text>\n", kLeft - 6,
          y_of(value) + 4, value);
    }
    add("<text transform=\"translate(16 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
        kTop + kHeight / 2, xml_text(chart_.y_label));
    if (chart_.line <= 0 || chart_.line > most_) return;
    add("<line x1=\"{0}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"black\" "
        "stroke-dasharray=\"4 3\"/>\n",
        kLeft, width_ - kGap, y_of(chart_.line));
  }

  void group(std::size_t g) {
    const BarChart::Group& group = chart_.groups[g];
    const double left = kLeft + kGap / 2 + group_width_ * static_cast<double>(g);
    for (std::size_t s = 0; s < group.values.size() && s < chart_.series.size(); ++s) {
      const double value = group.values[s];
      if (!std::isfinite(value) || value < 0) continue;
      const double x = left + kBar * static_cast<double>(s);
      add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\">"
          "<title>{}, {}: {:.4g}</title></rect>\n",
          x, y_of(value), kBar - 1, kTop + kHeight - y_of(value), colour(s), xml_text(group.name),
          xml_text(chart_.series[s]), value);
      if (value <= most_) continue;
      add("<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" font-size=\"9\" "
          "fill=\"white\">{:.3g}</text>\n",
          x + kBar - 2, kTop + 24, value);
    }
    const double middle = left + (group_width_ - kGap) / 2;
    add("<text transform=\"translate({:.1f} {:.1f}) rotate(-28)\" text-anchor=\"end\">{}</text>\n",
        middle + 6, kTop + kHeight + 16, xml_text(group.name));
  }

  const BarChart& chart_;
  double most_;
  double group_width_ = 0;
  double width_ = 0;
  std::string text_;
};

}  // namespace

std::string BarChart::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
