// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/stacked_bars.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sheaf/report/svg_text.h"
#include "sheaf/report/ticks.h"

namespace sheaf::report {
namespace {

constexpr double kRow = 20;
constexpr double kTop = 40;
constexpr double kWidth = 560;
constexpr double kRight = 90;
// Of Okabe and Ito, with others that can be told from them where there are more series.
constexpr std::array kColours = {"#0072b2", "#e69f00", "#d55e00", "#56b4e9", "#009e73", "#cc79a7",
                                 "#f0e442", "#7a5195", "#999999", "#8c564b", "#1f3b4d"};

bool counts(double value) { return std::isfinite(value) && value > 0; }

double sum_of(const StackedBars::Row& row) {
  double sum = 0;
  for (const double value : row.values) sum += counts(value) ? value : 0;
  return sum;
}

std::vector<std::size_t> used_series(const StackedBars& chart) {
  std::vector<std::size_t> used;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const bool any = std::any_of(chart.rows.begin(), chart.rows.end(), [&](const auto& row) {
      return s < row.values.size() && counts(row.values[s]);
    });
    if (any) used.push_back(s);
  }
  return used;
}

class Drawing {
 public:
  explicit Drawing(const StackedBars& chart)
      : chart_(chart), series_(used_series(chart)), left_(left_of(chart)) {
    for (const auto& row : chart.rows) most_ = std::max(most_, sum_of(row));
    if (most_ == 0) most_ = 1;
    lay_out_legend();
  }

  std::string draw() {
    const double height = kRow * static_cast<double>(chart_.rows.size());
    SvgText svg(left_ + kWidth + kRight, top_ + height + 30);
    svg.title(12, chart_.title);
    legend(svg);
    axis(svg, top_ + height);
    for (std::size_t r = 0; r < chart_.rows.size(); ++r) row(svg, r);
    return svg.done();
  }

 private:
  static double left_of(const StackedBars& chart) {
    double widest = 60;
    for (const auto& row : chart.rows) widest = std::max(widest, text_width(row.name));
    return widest + 20;
  }
  [[nodiscard]] double x_of(double value) const { return left_ + kWidth * value / most_; }

  // Names beside boxes, in as many lines as they need.
  void lay_out_legend() {
    double x = 12;
    double y = kTop;
    for (const std::size_t s : series_) {
      const double width = 30 + text_width(chart_.series[s]);
      if (x + width > left_ + kWidth + kRight) {
        x = 12;
        y += 18;
      }
      places_.emplace_back(x, y);
      x += width;
    }
    top_ = y + 26;
  }

  void legend(SvgText& svg) const {
    for (std::size_t i = 0; i < series_.size(); ++i) {
      const auto [x, y] = places_[i];
      svg.add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"10\" height=\"10\" fill=\"{}\"/>", x, y - 3,
              kColours[series_[i] % kColours.size()]);
      svg.text(x + 14, y + 6, chart_.series[series_[i]]);
    }
  }

  void axis(SvgText& svg, double bottom) const {
    const double step = tick_step(most_);
    for (double value = 0; value <= most_ * 1.0001; value += step) {
      svg.line(x_of(value), top_, x_of(value), bottom, " stroke=\"#dddddd\"");
      svg.text(x_of(value), bottom + 16, plain_number(value), " text-anchor=\"middle\"");
    }
    svg.text(left_ + kWidth + 40, bottom + 16, chart_.unit);
  }

  void row(SvgText& svg, std::size_t r) const {
    const StackedBars::Row& row = chart_.rows[r];
    const double y = top_ + kRow * static_cast<double>(r);
    svg.text(left_ - 8, y + 14, row.name, " text-anchor=\"end\"");
    double before = 0;
    for (const std::size_t s : series_) {
      if (s >= row.values.size() || !counts(row.values[s])) continue;
      const double value = row.values[s];
      svg.box(x_of(before), y + 3, kWidth * value / most_, kRow - 6, kColours[s % kColours.size()],
              fmt::format("{}, {}: {} {}", row.name, chart_.series[s], plain_number(value),
                          chart_.unit));
      before += value;
    }
    svg.text(x_of(before) + 5, y + 14, row.note.empty() ? plain_number(before, 3) : row.note,
             " fill=\"#555555\"");
  }

  const StackedBars& chart_;
  std::vector<std::size_t> series_;
  std::vector<std::pair<double, double>> places_;  // of their names
  double left_;
  double top_ = 0;
  double most_ = 0;
};

}  // namespace

std::string StackedBars::to_svg() const { return Drawing(*this).draw(); }

}  // namespace sheaf::report
