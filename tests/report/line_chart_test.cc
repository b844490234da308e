// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/line_chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

std::vector<XmlElement> elements_of(const LineChart& chart) {
  return test::elements_of(chart.to_svg());
}

struct Dot {
  double x, y;
  std::string colour, title;
};

std::vector<Dot> dots_of(const std::vector<XmlElement>& elements) {
  std::vector<Dot> dots;
  for (std::size_t i = 0; i + 1 < elements.size(); ++i) {
    const XmlElement& dot = elements[i];
    if (dot.name != "circle" || elements[i + 1].name != "title") continue;
    dots.push_back(
        {number(dot, "cx"), number(dot, "cy"), dot.attributes.at("fill"), elements[i + 1].text});
  }
  return dots;
}

const XmlElement* find_text(const std::vector<XmlElement>& elements, const std::string& text) {
  for (const XmlElement& element : elements) {
    if (element.name == "text" && element.text == text) return &element;
  }
  return nullptr;
}

LineChart two_lines() {
  return {.title = "a chart",
          .note = "what it is of",
          .x_label = "epochs",
          .y_label = "right",
          .series = {{"bag", {{1, 10}, {2, 20}, {3, 25}}}, {"tree", {{1, 20}, {2, 40}, {3, 50}}}},
          .levels = {{"majority", 12.5}}};
}

TEST(LineChart, PointsLieInProportionToTheirValues) {
  const auto dots = dots_of(elements_of(two_lines()));
  ASSERT_EQ(dots.size(), 6U);
  const double width = dots[1].x - dots[0].x;
  EXPECT_NEAR(dots[2].x - dots[1].x, width, 0.11);
  const double height = dots[0].y - dots[1].y;  // of 10
  EXPECT_GT(height, 0);
  EXPECT_NEAR(dots[1].y - dots[2].y, height / 2, 0.11);
  EXPECT_NEAR(dots[0].y - dots[5].y, 4 * height, 0.21);
  EXPECT_EQ(dots[1].y, dots[3].y);
  EXPECT_EQ(dots[5].title, "tree: 3, 50");
}

TEST(LineChart, ASeriesHasOneColourAndItsNameHasTheSame) {
  const auto elements = elements_of(two_lines());
  const auto dots = dots_of(elements);
  ASSERT_EQ(dots.size(), 6U);
  EXPECT_EQ(dots[0].colour, dots[2].colour);
  EXPECT_NE(dots[2].colour, dots[3].colour);
  ASSERT_NE(find_text(elements, "tree"), nullptr);
  EXPECT_EQ(find_text(elements, "tree")->attributes.at("fill"), dots[3].colour);
}

TEST(LineChart, ADashedLineStandsAtItsLevel) {
  const auto elements = elements_of(two_lines());
  const auto dots = dots_of(elements);
  ASSERT_EQ(dots.size(), 6U);
  std::vector<double> heights;
  for (const XmlElement& element : elements) {
    if (element.attributes.contains("stroke-dasharray")) heights.push_back(number(element, "y1"));
  }
  ASSERT_EQ(heights.size(), 1U);
  EXPECT_NEAR(heights[0], (dots[0].y * 3 + dots[1].y) / 4, 0.11);
  EXPECT_NE(find_text(elements, "majority"), nullptr);
}

TEST(LineChart, NamesStandApartAndInsideThePictureHoweverNearTheirLinesEnd) {
  LineChart chart = two_lines();
  chart.levels = {{"nothing", 0}, {"next to nothing", 0.1}};
  for (const char* name : {"third", "a fourth of some length", "fifth"}) {
    chart.series.push_back({name, {{3, 50}}});
  }
  const auto elements = elements_of(chart);
  std::vector<double> heights;
  for (const std::string name :
       {"bag", "tree", "third", "a fourth of some length", "fifth", "nothing", "next to nothing"}) {
    const XmlElement* text = find_text(elements, name);
    ASSERT_NE(text, nullptr) << name;
    heights.push_back(number(*text, "y"));
    EXPECT_LE(number(*text, "x") + 6.5 * static_cast<double>(name.size()),
              number(elements.at(0), "width"));
    EXPECT_LT(heights.back(), number(elements.at(0), "height"));
    EXPECT_GT(heights.back(), 0);
  }
  std::sort(heights.begin(), heights.end());
  for (std::size_t i = 1; i < heights.size(); ++i) EXPECT_GE(heights[i] - heights[i - 1], 12);
}

TEST(LineChart, AxesEndAtATickThatNoPointIsBeyond) {
  LineChart chart = two_lines();
  chart.series[1].points.back() = {17, 61.5};
  const auto elements = elements_of(chart);
  EXPECT_NE(find_text(elements, "70"), nullptr);
  EXPECT_EQ(find_text(elements, "80"), nullptr);
  EXPECT_NE(find_text(elements, "20"), nullptr);
  for (const char* label : {"a chart", "what it is of", "epochs", "right"}) {
    EXPECT_NE(find_text(elements, label), nullptr) << label;
  }
}

TEST(LineChart, LeavesOutWhatIsNotFiniteOrBelowZero) {
  LineChart chart = two_lines();
  chart.levels = {{"none", std::nan("")}};
  chart.series = {{"odd", {{1, std::nan("")}, {2, -1}, {3, 4}}},
                  {"all bad", {{1, std::numeric_limits<double>::infinity()}}}};
  const auto elements = elements_of(chart);
  ASSERT_EQ(dots_of(elements).size(), 1U);
  EXPECT_EQ(dots_of(elements)[0].title, "odd: 3, 4");
  EXPECT_EQ(find_text(elements, "all bad"), nullptr);
  EXPECT_EQ(find_text(elements, "none"), nullptr);
}

TEST(LineChart, EscapesEveryName) {
  const LineChart chart{.title = "a < b",
                        .note = "c & d",
                        .x_label = "<x>",
                        .y_label = "<y>",
                        .series = {{"list<T>", {{1, 1}}}},
                        .levels = {{"\"level\"", 1}}};
  const auto elements = elements_of(chart);
  for (const char* text : {"a < b", "c & d", "<x>", "<y>", "list<T>", "\"level\""}) {
    EXPECT_NE(find_text(elements, text), nullptr) << text;
  }
}

TEST(LineChart, OfNothingIsWellFormed) { EXPECT_TRUE(dots_of(elements_of(LineChart{})).empty()); }

}  // namespace
}  // namespace sheaf::report
