// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/html_page.h"

#include <gtest/gtest.h>

#include "sheaf/report/stacked_bars.h"
#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

constexpr std::string_view kDoctype = "<!DOCTYPE html>\n";

std::vector<std::string> texts(const HtmlPage& page, const std::string& name) {
  const std::string html = page.to_html();
  EXPECT_TRUE(html.starts_with(kDoctype));
  std::vector<std::string> found;
  for (const auto& element : test::elements_of(html.substr(kDoctype.size()))) {
    if (element.name == name) found.push_back(element.text);
  }
  return found;
}

TEST(HtmlPage, HoldsWhatItWasGivenInOrder) {
  HtmlPage page("a & b");
  page.paragraph("x < y");
  page.section("one");
  page.cards({{"5 uJ", "energy", "of an input"}, {"3", "chips"}});
  page.list({"first", "second"});
  page.section("two");
  page.table({{"layer", "n"}, {{"conv", "1"}, {}, {"fc", "2"}}});
  page.picture(StackedBars{}.to_svg(), "a caption");
  EXPECT_EQ(texts(page, "title"), std::vector<std::string>{"a & b"});
  EXPECT_EQ(texts(page, "p"), std::vector<std::string>{"x < y"});
  EXPECT_EQ(texts(page, "h2"), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(texts(page, "b"), (std::vector<std::string>{"5 uJ", "3"}));
  EXPECT_EQ(texts(page, "li"), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(texts(page, "td"), (std::vector<std::string>{"conv", "1", "fc", "2"}));
  EXPECT_EQ(texts(page, "figcaption"), std::vector<std::string>{"a caption"});
  EXPECT_EQ(texts(page, "svg").size(), 1U);
}

TEST(HtmlPage, OfNothingIsWellFormed) {
  EXPECT_EQ(texts(HtmlPage("t"), "body").size(), 1U);
  HtmlPage page("t");
  page.list({});
  EXPECT_TRUE(texts(page, "ul").empty());
}

}  // namespace
}  // namespace sheaf::report
