// SPDX-License-Identifier: Apache-2.0
//
// The reader that the tests of pictures rely on refuses what is not well-formed.
#include "tests/report/xml.h"

#include <gtest/gtest.h>

namespace sheaf::test {
namespace {

std::string fault_of(std::string_view document) {
  std::string fault;
  static_cast<void>(parse_xml(document, fault));
  return fault;
}

TEST(Xml, ReadsElementsAttributesAndText) {
  std::string fault;
  const auto elements = parse_xml("<a x=\"1\" y=\"&lt;\">b<c/>&amp;d</a>\n", fault);
  EXPECT_EQ(fault, "");
  ASSERT_EQ(elements.size(), 2U);
  EXPECT_EQ(elements[0].attributes.at("y"), "<");
  EXPECT_EQ(elements[0].text, "b&d");
  EXPECT_EQ(elements[1].name, "c");
}

TEST(Xml, RefusesWhatIsNotWellFormed) {
  EXPECT_EQ(fault_of("<a><b></a>"), "</a> closes another element");
  EXPECT_EQ(fault_of("<a><b/>"), "<a> is open");
  EXPECT_EQ(fault_of("<a>x & y</a>"), "'&' begins no reference");
  EXPECT_EQ(fault_of("<a/><b/>"), "2 roots");
  EXPECT_EQ(fault_of("<a x=\"1\" x=\"2\"/>"), "twice: x");
  EXPECT_NE(fault_of("<a>1 < 2</a>"), "");
  EXPECT_NE(fault_of("<a x=1/>"), "");
  EXPECT_NE(fault_of("<a x=\"1\"y=\"2\"/>"), "");
}

}  // namespace
}  // namespace sheaf::test
