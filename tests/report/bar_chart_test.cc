// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/bar_chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

std::vector<XmlElement> elements_of(const BarChart& chart) {
  return test::elements_of(chart.to_svg());
}

// A bar is a box that says its value when one points at it.
struct Bar {
  double left, top, width, height;
  std::string colour, title;
};

std::vector<Bar> bars_of(const std::vector<XmlElement>& elements) {
  std::vector<Bar> bars;
  for (std::size_t i = 0; i + 1 < elements.size(); ++i) {
    const XmlElement& box = elements[i];
    if (box.name != "rect" || elements[i + 1].name != "title") continue;
    bars.push_back({number(box, "x"), number(box, "y"), number(box, "width"), number(box, "height"),
                    box.attributes.at("fill"), elements[i + 1].text});
  }
  return bars;
}

std::size_t count_text(const std::vector<XmlElement>& elements, const std::string& text) {
  std::size_t count = 0;
  for (const XmlElement& element : elements) {
    count += element.name == "text" && element.text == text ? 1 : 0;
  }
  return count;
}

BarChart two_by_three() {
  return {.title = "a chart",
          .y_label = "batches",
          .series = {"depth", "agenda", "critical"},
          .groups = {{"trees", {4, 2, 1}}, {"chains", {3, 1, 0.5}}}};
}

TEST(BarChart, HasABarPerValueOfHeightsInProportion) {
  const auto bars = bars_of(elements_of(two_by_three()));
  ASSERT_EQ(bars.size(), 6U);
  const double values[] = {4, 2, 1, 3, 1, 0.5};
  for (std::size_t b = 0; b < 6; ++b) {
    EXPECT_NEAR(bars[b].height, bars[0].height * values[b] / 4, 0.11) << b;
    EXPECT_NEAR(bars[b].top + bars[b].height, bars[0].top + bars[0].height, 0.11) << b;
  }
  EXPECT_EQ(bars[0].title, "trees, depth: 4");
  EXPECT_EQ(bars[5].title, "chains, critical: 0.5");
}

TEST(BarChart, BarsStandApartAndInsideThePicture) {
  const auto elements = elements_of(two_by_three());
  const auto bars = bars_of(elements);
  ASSERT_EQ(bars.size(), 6U);
  for (std::size_t b = 1; b < bars.size(); ++b) {
    EXPECT_LE(bars[b - 1].left + bars[b - 1].width, bars[b].left);
  }
  EXPECT_GE(bars[0].top, 0);
  EXPECT_LE(bars[5].left + bars[5].width, number(elements.at(0), "width"));
  EXPECT_LE(bars[0].top + bars[0].height, number(elements.at(0), "height"));
}

TEST(BarChart, ASeriesHasOneColourInEveryGroup) {
  const auto bars = bars_of(elements_of(two_by_three()));
  ASSERT_EQ(bars.size(), 6U);
  for (std::size_t s = 0; s < 3; ++s) EXPECT_EQ(bars[s].colour, bars[s + 3].colour);
  EXPECT_NE(bars[0].colour, bars[1].colour);
  EXPECT_NE(bars[1].colour, bars[2].colour);
}

TEST(BarChart, LeavesOutWhatIsNotFiniteOrBelowZero) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  BarChart chart = two_by_three();
  chart.groups = {{"odd", {kInfinite, std::nan(""), -1}}, {"even", {-kInfinite, 0, 2}}};
  const auto bars = bars_of(elements_of(chart));
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_EQ(bars[0].title, "even, agenda: 0");
  EXPECT_EQ(bars[0].height, 0);
  EXPECT_GT(bars[1].height, 0);
}

TEST(BarChart, CutsAndMarksBarsBeyondTheEndOfTheAxis) {
  BarChart chart = two_by_three();
  chart.most = 2;
  const auto elements = elements_of(chart);
  const auto bars = bars_of(elements);
  ASSERT_EQ(bars.size(), 6U);
  EXPECT_EQ(bars[0].height, bars[1].height);  // 4, cut, and 2
  EXPECT_EQ(bars[3].height, bars[1].height);  // 3, cut
  EXPECT_NEAR(bars[2].height, bars[1].height / 2, 0.11);
  EXPECT_EQ(count_text(elements, "4"), 1U);
  EXPECT_EQ(count_text(elements, "3"), 1U);
  EXPECT_EQ(bars[0].title, "trees, depth: 4");
}

TEST(BarChart, ADashedLineStandsAtItsValue) {
  BarChart chart = two_by_three();
  const auto dashed = [](const std::vector<XmlElement>& elements) {
    std::vector<double> heights;
    for (const XmlElement& element : elements) {
      if (element.attributes.contains("stroke-dasharray")) heights.push_back(number(element, "y1"));
    }
    return heights;
  };
  EXPECT_TRUE(dashed(elements_of(chart)).empty());
  chart.line = 2;
  const auto elements = elements_of(chart);
  ASSERT_EQ(dashed(elements).size(), 1U);
  EXPECT_NEAR(dashed(elements)[0], bars_of(elements).at(1).top, 0.11);
  chart.line = 5;  // beyond the axis
  EXPECT_TRUE(dashed(elements_of(chart)).empty());
}

TEST(BarChart, EscapesEveryName) {
  const BarChart chart{.title = "a < b & \"c\"",
                       .y_label = "<y>",
                       .series = {"s & t"},
                       .groups = {{"list<T>", {1}}},
                       .line = 0,
                       .most = 0};
  const auto elements = elements_of(chart);
  for (const char* text : {"a < b & \"c\"", "<y>", "s & t", "list<T>"}) {
    EXPECT_EQ(count_text(elements, text), 1U) << text;
  }
  EXPECT_EQ(bars_of(elements).at(0).title, "list<T>, s & t: 1");
}

TEST(BarChart, LegendFitsTheWidthHoweverLongNamesAre) {
  BarChart chart{.title = "t", .y_label = "y", .series = {}, .groups = {{"g", {}}}};
  for (int s = 0; s < 10; ++s) {
    chart.series.push_back("a rather long name of a policy " + std::to_string(s));
    chart.groups[0].values.push_back(s);
    const auto elements = elements_of(chart);
    for (const XmlElement& element : elements) {
      if (element.name != "text" || element.text != chart.series.back()) continue;
      const double end = number(element, "x") + 6.5 * static_cast<double>(element.text.size());
      EXPECT_LE(end, number(elements.at(0), "width")) << chart.series.size() << " series";
    }
    EXPECT_EQ(count_text(elements, chart.series.back()), 1U);
  }
}

TEST(BarChart, OfNothingIsWellFormed) {
  EXPECT_TRUE(bars_of(elements_of(BarChart{})).empty());
  EXPECT_TRUE(bars_of(elements_of({.title = "",
                                   .y_label = "",
                                   .series = {"a"},
                                   .groups = {{"none", {}}},
                                   .line = 1,
                                   .most = 0}))
                  .empty());
}

}  // namespace
}  // namespace sheaf::report
