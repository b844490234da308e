// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sheaf::test {

struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  // between its tags, without that of its children
};

// The elements of a document in the order of their opening tags. Knows no more of XML than SVG
// files of ours need: elements, attributes in double quotes, text, the five named references.
// `fault` says what is not well-formed, and stays empty when all is.
[[nodiscard]] std::vector<XmlElement> parse_xml(std::string_view document, std::string& fault);

// The same of one that has to be well-formed: a fault fails the test.
[[nodiscard]] std::vector<XmlElement> elements_of(std::string_view document);

// An attribute's value. Throws where there is none, or where it is no number.
[[nodiscard]] double number(const XmlElement& element, const std::string& attribute);

}  // namespace sheaf::test
