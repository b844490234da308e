// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/xml_text.h"

#include <gtest/gtest.h>

#include "tests/report/xml.h"

namespace sheaf::report {
namespace {

TEST(XmlText, EscapesWhatHasAMeaningInXml) {
  EXPECT_EQ(xml_text("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
  EXPECT_EQ(xml_text("&lt;"), "&amp;lt;");
  EXPECT_EQ(xml_text(""), "");
}

TEST(XmlText, LeavesOtherLettersAsTheyAre) {
  EXPECT_EQ(xml_text("W_f · 中文 'x'"), "W_f · 中文 'x'");
}

TEST(XmlText, ComesBackFromTextAndAttributes) {
  const std::string text = "]]> <a b=\"c\"> & 'd' &amp;";
  std::string fault;
  const auto elements =
      test::parse_xml("<r k=\"" + xml_text(text) + "\">" + xml_text(text) + "</r>", fault);
  ASSERT_EQ(fault, "");
  EXPECT_EQ(elements.at(0).text, text);
  EXPECT_EQ(elements.at(0).attributes.at("k"), text);
}

}  // namespace
}  // namespace sheaf::report
