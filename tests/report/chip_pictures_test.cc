// SPDX-License-Identifier: Apache-2.0
//
// Pictures of chips: bars, spans, tiles, heat, converters.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sheaf/report/converter_roofline.h"
#include "sheaf/report/heat_map.h"
#include "sheaf/report/span_chart.h"
#include "sheaf/report/stacked_bars.h"
#include "sheaf/report/tile_map.h"
#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using test::XmlElement;

// Boxes and circles that say something when one points at them, with what they say.
struct Spot {
  XmlElement shape;
  std::string tip;
};
std::vector<Spot> spots(const std::string& svg) {
  const auto elements = test::elements_of(svg);
  std::vector<Spot> found;
  for (std::size_t i = 0; i + 1 < elements.size(); ++i) {
    if (elements[i + 1].name == "title") found.push_back({elements[i], elements[i + 1].text});
  }
  return found;
}

bool has_text(const std::string& svg, const std::string& text) {
  for (const XmlElement& element : test::elements_of(svg)) {
    if (element.text == text) return true;
  }
  return false;
}

double end_of(const XmlElement& box) { return number(box, "x") + number(box, "width"); }

StackedBars two_bars() {
  return {.title = "a < b",
          .unit = "uJ",
          .series = {"adc", "none", "dac & co"},
          .rows = {{"conv1", {3, 0, 1}}, {"conv2", {1, 0, 1}, "a note"}}};
}

TEST(StackedBars, PartsFollowEachOtherInProportion) {
  const auto parts = spots(two_bars().to_svg());
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].tip, "conv1, adc: 3 uJ");
  EXPECT_NEAR(number(parts[0].shape, "width"), 3 * number(parts[1].shape, "width"), 0.05);
  EXPECT_NEAR(end_of(parts[0].shape), number(parts[1].shape, "x"), 0.15);
  EXPECT_NEAR(number(parts[2].shape, "x"), number(parts[0].shape, "x"), 0.01);
}

TEST(StackedBars, SeriesWithoutValuesAreLeftOutOfTheLegend) {
  const std::string svg = two_bars().to_svg();
  EXPECT_TRUE(has_text(svg, "dac & co"));
  EXPECT_FALSE(has_text(svg, "none"));
  EXPECT_TRUE(has_text(svg, "a note"));
}

TEST(StackedBars, LeavesOutWhatIsNoNumber) {
  StackedBars chart = two_bars();
  chart.rows[0].values = {NAN, -1, std::numeric_limits<double>::infinity()};
  EXPECT_EQ(spots(chart.to_svg()).size(), 2U);
  EXPECT_TRUE(spots(StackedBars{}.to_svg()).empty());
}

TEST(SpanChart, BarsStandWhereTheirTimesAre) {
  const SpanChart chart{
      .title = "t", .unit = "us", .rows = {{"a & b", 0, 4, 1}, {"second", 2, 8, 0.5}}};
  const auto bars = spots(chart.to_svg());
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_NEAR(end_of(bars[0].shape) - number(bars[0].shape, "x"),
              (end_of(bars[1].shape) - number(bars[1].shape, "x")) * 4 / 6, 0.2);
  EXPECT_GT(number(bars[0].shape, "fill-opacity"), number(bars[1].shape, "fill-opacity"));
  EXPECT_EQ(bars[1].tip, "second: 2 to 8 us, at work 50 % of it");
  EXPECT_TRUE(spots(SpanChart{}.to_svg()).empty());
}

TEST(TileMap, PartsOfATileLieInIt) {
  TileMap map;
  map.columns = 2;
  map.rows = 1;
  map.layers = {"conv<1>", "fc"};
  map.tiles = {{0, 0, {{0, 0.5, 1}, {1, 0.25, 0}}}, {1, 0, {{1, 1, 0.5}}}};
  const auto parts = spots(map.to_svg());
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_NEAR(end_of(parts[0].shape), number(parts[1].shape, "x"), 0.15);
  EXPECT_LE(end_of(parts[1].shape), number(parts[2].shape, "x"));
  EXPECT_NEAR(number(parts[0].shape, "width"), number(parts[2].shape, "width") / 2, 0.1);
  EXPECT_EQ(parts[0].tip, "tile 0, 0: conv<1>, 50 % of the tile, 100.0 % of its cells in use");
}

TEST(HeatMap, AThousandthOfTheMostCanStillBeSeen) {
  HeatMap map{.title = "t", .unit = "flits", .columns = 3, .rows = 1, .routers = {1000, 1, 0}};
  const auto found = spots(map.to_svg());
  std::vector<std::string> fills;
  for (const Spot& spot : found) {
    if (spot.tip.find("router") == 0) fills.push_back(spot.shape.attributes.at("fill"));
  }
  EXPECT_EQ(fills, (std::vector<std::string>{heat_colour(1), heat_colour(0.08), heat_colour(0)}));
}

TEST(TileMap, EveryLayerIsNumberedOnceWhereItBegins) {
  TileMap map{.title = "t", .columns = 3, .rows = 1, .layers = {"a", "b"}};
  for (std::uint32_t x = 0; x < 3; ++x) map.tiles.push_back({x, 0, {{x / 2, 1, 1}}});
  const std::string svg = map.to_svg();
  for (const char* text : {"1", "2", "1 a", "2 b"}) EXPECT_TRUE(has_text(svg, text)) << text;
  const auto elements = test::elements_of(svg);
  EXPECT_EQ(std::count_if(elements.begin(), elements.end(),
                          [](const XmlElement& e) { return e.text == "1"; }),
            1);
}

TEST(HeatMap, HasARouterForEachNodeAndALinkBetweenNeighbours) {
  HeatMap map{.title = "t",
              .unit = "flits",
              .columns = 3,
              .rows = 2,
              .routers = {1, 2, 3, 4, 5, 6},
              .right = {9},
              .down = {}};
  const auto found = spots(map.to_svg());
  EXPECT_EQ(found.size(), 6U + 4U + 3U);
  EXPECT_EQ(found[0].tip, "0, 0 - 1, 0: 9 flits");
  EXPECT_EQ(found.back().tip, "router 2, 1: 6 flits");
  EXPECT_EQ(found.back().shape.attributes.at("fill"), heat_colour(1));
}

TEST(HeatColour, GetsDarkerAllTheWay) {
  const auto lightness = [](double share) {
    const std::string colour = heat_colour(share);
    return std::stod(colour.substr(colour.rfind(',') + 1));
  };
  for (int i = 1; i <= 10; ++i) EXPECT_LT(lightness(i / 10.0), lightness((i - 1) / 10.0));
  EXPECT_EQ(heat_colour(-1), heat_colour(0));
  EXPECT_EQ(heat_colour(2), heat_colour(1));
}

TEST(ConverterRoofline, NoPointIsDrawnBesideItsPlace) {
  const ConverterRoofline chart{.title = "t",
                                .gconversions_per_s = 1.28,
                                .peak_gmacs = 10.24,
                                .points = {{"on the bend", 8, 10.24},
                                           {"half of it", 8, 5.12},
                                           {"left", 1, 1.28},
                                           {"nothing", 0, 1}}};
  const auto points = spots(chart.to_svg());
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(number(points[0].shape, "cx"), number(points[1].shape, "cx"));
  EXPECT_LT(number(points[0].shape, "cy"), number(points[1].shape, "cy"));
  EXPECT_LT(number(points[2].shape, "cx"), number(points[0].shape, "cx"));
  EXPECT_TRUE(has_text(chart.to_svg(), "nothing"));
}

TEST(ConverterRoofline, PointsThatLieTogetherHaveOneLabel) {
  ConverterRoofline chart{.title = "t", .gconversions_per_s = 2, .peak_gmacs = 32, .points = {}};
  for (const double macs : {4, 4, 4, 16, 4}) chart.points.push_back({"p", macs, 2 * macs});
  EXPECT_TRUE(has_text(chart.to_svg(), "1-3, 5"));
}

TEST(ConverterRoofline, PointsOfFullColumnsLieOnTheSlope) {
  const ConverterRoofline chart{
      .title = "t", .gconversions_per_s = 2, .peak_gmacs = 32, .points = {{"p", 4, 8}}};
  const auto elements = test::elements_of(chart.to_svg());
  const auto point = spots(chart.to_svg())[0].shape;
  for (const XmlElement& line : elements) {
    if (line.name != "line" || line.attributes.at("stroke") != "#d55e00") continue;
    const double t =
        (number(point, "cx") - number(line, "x1")) / (number(line, "x2") - number(line, "x1"));
    EXPECT_NEAR(number(line, "y1") + t * (number(line, "y2") - number(line, "y1")),
                number(point, "cy"), 0.2);
  }
}

}  // namespace
}  // namespace sheaf::report
