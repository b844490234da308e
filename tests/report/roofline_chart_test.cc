// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/roofline_chart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

std::vector<XmlElement> elements_of(const RooflineChart& chart) {
  return test::elements_of(chart.to_svg());
}

std::vector<XmlElement> named(const std::vector<XmlElement>& elements, const std::string& name) {
  std::vector<XmlElement> found;
  std::copy_if(elements.begin(), elements.end(), std::back_inserter(found),
               [&](const XmlElement& element) { return element.name == name; });
  return found;
}

RooflineChart two_cells() {
  return {.title = "cells & limits",
          .peak_gflops = 100,
          .levels = {{"L1", 400}, {"DRAM", 20}},
          .series = {{"leaf", {{"leaf, 1 row", 0.1, 10}, {"leaf, 8 rows", 1, 50}}},
                     {"node", {{"node, 1 row", 10, 100}}}}};
}

TEST(RooflineChart, TenTimesAsMuchIsEverywhereTheSameDistance) {
  RooflineChart chart = two_cells();
  chart.series = {{"s", {{"a", 0.1, 1}, {"b", 1, 10}, {"c", 10, 100}}}};
  const auto points = named(elements_of(chart), "circle");
  ASSERT_EQ(points.size(), 3U);
  for (const char* at : {"cx", "cy"}) {
    EXPECT_NEAR(number(points[1], at) - number(points[0], at),
                number(points[2], at) - number(points[1], at), 0.2);
  }
  EXPECT_LT(number(points[0], "cx"), number(points[1], "cx"));
  EXPECT_GT(number(points[0], "cy"), number(points[1], "cy"));
}

TEST(RooflineChart, APointAtThePeakLiesOnItsLine) {
  const auto elements = elements_of(two_cells());
  const auto points = named(elements, "circle");
  ASSERT_EQ(points.size(), 3U);
  double peak = 0;
  for (const XmlElement& line : named(elements, "line")) {
    if (line.attributes.at("stroke") == "black") peak = number(line, "y1");
  }
  EXPECT_NEAR(number(points[2], "cy"), peak, 0.11);
}

// 400 GB/s meet 100 GFLOP/s at a quarter of a flop per byte, 20 GB/s at 5.
TEST(RooflineChart, ASlopeEndsWhereItMeetsThePeak) {
  RooflineChart chart = two_cells();
  chart.series.push_back({"knees", {{"L1", 0.25, 100}, {"DRAM", 5, 100}}});
  const auto elements = elements_of(chart);
  const auto points = named(elements, "circle");
  std::vector<double> ends;
  for (const XmlElement& line : named(elements, "line")) {
    if (line.attributes.contains("stroke-dasharray")) ends.push_back(number(line, "x2"));
  }
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_NEAR(ends[0], number(points[3], "cx"), 0.11);
  EXPECT_NEAR(ends[1], number(points[4], "cx"), 0.11);
}

TEST(RooflineChart, NamesSeriesAndWhatAPointIs) {
  const auto elements = elements_of(two_cells());
  std::vector<std::string> texts;
  for (const XmlElement& element : elements) texts.push_back(element.text);
  for (const char* text : {"cells & limits", "leaf", "node", "L1 400 GB/s",
                           "leaf, 8 rows: 1 flops per byte, 50 GFLOP/s"}) {
    EXPECT_NE(std::find(texts.begin(), texts.end(), text), texts.end()) << text;
  }
}

TEST(RooflineChart, LeavesOutWhatHasNoLogarithm) {
  RooflineChart chart = two_cells();
  const double infinite = std::numeric_limits<double>::infinity();
  chart.series = {{"s", {{"a", 0, 1}, {"b", 1, -1}, {"c", infinite, 1}, {"d", 1, 1}}}};
  chart.levels.push_back({"none", 0});
  EXPECT_EQ(named(elements_of(chart), "circle").size(), 1U);
}

}  // namespace
}  // namespace sheaf::report
