// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/scatter_chart.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/report/log_axis.h"
#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

std::vector<XmlElement> named(const std::string& svg, const std::string& name) {
  std::vector<XmlElement> found;
  for (const XmlElement& element : test::elements_of(svg)) {
    if (element.name == name) found.push_back(element);
  }
  return found;
}

ScatterChart some() {
  ScatterChart chart{.title = "a < b", .note = "n", .x_label = "x", .y_label = "y", .series = {}};
  chart.series.push_back({"vgg & co",
                          {{"small", 1, 100, true},
                           {"large", 100, 1, true},
                           {"plain", 10, 50, false},
                           {"same place", 10, 50, false},
                           {"none", 0, 1, false},
                           {"none", 1, NAN, true}},
                          true});
  return chart;
}

TEST(ScatterChart, DrawsWhatCanBeSeenAndNamesWhatIsMarked) {
  const std::string svg = some().to_svg();
  // Two marked, one for two that cover each other, one of the legend.
  EXPECT_EQ(named(svg, "circle").size(), 4U);
  const auto titles = named(svg, "title");
  ASSERT_EQ(titles.size(), 2U);
  EXPECT_EQ(titles[0].text, "small: 1, 100");
}

TEST(ScatterChart, RightIsMoreAndUpIsMore) {
  const auto circles = named(some().to_svg(), "circle");
  EXPECT_LT(number(circles[1], "cx"), number(circles[2], "cx"));
  EXPECT_LT(number(circles[1], "cy"), number(circles[2], "cy"));
}

TEST(ScatterChart, JoinsMarkedPointsByAStaircaseWhereAsked) {
  ScatterChart chart = some();
  EXPECT_EQ(named(chart.to_svg(), "polyline").size(), 1U);
  chart.series[0].joined = false;
  EXPECT_TRUE(named(chart.to_svg(), "polyline").empty());
}

TEST(ScatterChart, OfNothingIsWellFormed) {
  EXPECT_TRUE(named(ScatterChart{}.to_svg(), "circle").empty());
}

TEST(LogAxis, EndsBeyondItsValuesAndHasTicksBetween) {
  LogAxis axis;
  axis.hold(20);
  axis.hold(3000);
  axis.widen();
  EXPECT_LT(axis.least(), 20);
  EXPECT_GT(axis.most(), 3000);
  EXPECT_NEAR(axis.share(axis.most()), 1, 1e-12);
  EXPECT_EQ(axis.ticks(), (std::vector<double>{20, 50, 100, 200, 500, 1000, 2000}));
}

TEST(LogAxis, OfOneValueIsAsLongAsAThirdOfADecade) {
  LogAxis axis;
  axis.hold(7);
  axis.widen();
  EXPECT_NEAR(std::log10(axis.most() / axis.least()), 0.34, 1e-9);
}

}  // namespace
}  // namespace sheaf::report
