// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/product_picture.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

using sim::crossbar::Format;
using sim::crossbar::ProductFlow;
using sim::crossbar::trace_product;
using sim::crossbar::WeightEncoding;

// 3 * 2 + 1 * 5 and 7 * 2 + 7 * 5, whose lower slices add up to 2 in a read.
ProductFlow flow(std::uint32_t adc_bits, WeightEncoding encoding = WeightEncoding::differential) {
  Format format;
  format.encoding = encoding;
  format.weight_bits = 4;
  format.input_bits = 3;
  format.cell_bits = 1;
  format.rows = format.parallel_rows = 2;
  format.adc_bits = adc_bits;
  const std::vector<std::int32_t> weights = {3, 7, 1, 7};
  const std::vector<std::int32_t> x = {3, 5};
  return trace_product(format, weights, 2, x);
}

std::size_t count(const std::string& svg, const std::string& text) {
  const auto elements = test::elements_of(svg);
  return static_cast<std::size_t>(std::count_if(elements.begin(), elements.end(),
                                                [&](const auto& e) { return e.text == text; }));
}

TEST(ProductPicture, HasResultsAndAConverterPerColumn) {
  const std::string svg = product_to_svg(flow(2));
  EXPECT_EQ(count(svg, "y0 = 14"), 1U);
  EXPECT_EQ(count(svg, "y1 = 56"), 1U);
  EXPECT_EQ(count(svg, "ADC"), 2U * 3 * 2);  // outputs, slices, polarities
  EXPECT_EQ(svg.find("#d00000"), std::string::npos);
}

TEST(ProductPicture, MarksWhatSaturates) {
  const ProductFlow narrow = flow(1);
  const std::string svg = product_to_svg(narrow);
  const auto elements = test::elements_of(svg);
  const auto red = std::count_if(elements.begin(), elements.end(), [](const auto& e) {
    const auto fill = e.attributes.find("fill");
    return fill != e.attributes.end() && fill->second == "#d00000";
  });
  // A reading each, and the results that are not W x: both.
  EXPECT_GT(narrow.saturated(), 0U);
  EXPECT_EQ(static_cast<std::size_t>(red), narrow.saturated() + 2);
  EXPECT_EQ(count(svg, "y1 = 49, not 56"), 1U);
}

TEST(ProductPicture, FitsItsFrame) {
  const auto elements = test::elements_of(product_to_svg(flow(2, WeightEncoding::offset)));
  const double width = number(elements[0], "width");
  const double height = number(elements[0], "height");
  for (const test::XmlElement& element : elements) {
    if (element.name != "rect" || element.attributes.count("x") == 0) continue;
    EXPECT_LE(number(element, "x") + number(element, "width"), width);
    EXPECT_LE(number(element, "y") + number(element, "height"), height);
  }
}

TEST(ProductPicture, TheTextHasTheSameNumbers) {
  const std::string text = product_to_text(flow(1));
  EXPECT_NE(text.find("1 of 2"), std::string::npos);
  EXPECT_NE(text.find("y1 = 49, not 56"), std::string::npos);
}

}  // namespace
}  // namespace sheaf::report
