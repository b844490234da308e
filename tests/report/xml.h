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

}  // namespace sheaf::test
