// SPDX-License-Identifier: Apache-2.0
#include "tests/report/xml.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>

namespace sheaf::test {
namespace {

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':';
}

class XmlReader {
 public:
  XmlReader(std::string_view document, std::string& fault) : rest_(document), fault_(fault) {}

  std::vector<XmlElement> run() {
    while (fault_.empty() && !rest_.empty()) {
      if (rest_.starts_with("</")) {
        close();
      } else if (rest_.front() == '<') {
        open();
      } else {
        text();
      }
    }
    if (fault_.empty() && !open_.empty()) fault_ = "<" + elements_[open_.back()].name + "> is open";
    if (fault_.empty() && roots_ != 1) fault_ = std::to_string(roots_) + " roots";
    return std::move(elements_);
  }

 private:
  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) {
      fault_ = "expected '" + std::string(expected) + "' before '" +
               std::string(rest_.substr(0, 30)) + "'";
      return false;
    }
    rest_.remove_prefix(expected.size());
    return true;
  }
  std::string name() {
    std::size_t length = 0;
    while (length < rest_.size() && is_name(rest_[length])) ++length;
    if (length == 0) fault_ = "no name at '" + std::string(rest_.substr(0, 30)) + "'";
    const std::string result(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return result;
  }
  bool skip_blanks() {
    bool any = false;
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0) {
      rest_.remove_prefix(1);
      any = true;
    }
    return any;
  }
  // Up to `end`, references replaced.
  std::string characters(char end) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> kReferences = {
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    std::string result;
    while (!rest_.empty() && rest_.front() != end && fault_.empty()) {
      char c = rest_.front();
      std::size_t length = 1;
      if (c == '<') fault_ = "'<' in text or a value";
      if (c == '&') {
        length = 0;
        for (const auto& [reference, meaning] : kReferences) {
          if (!rest_.starts_with(reference)) continue;
          c = meaning;
          length = reference.size();
        }
        if (length == 0) fault_ = "'&' begins no reference";
      }
      result += c;
      rest_.remove_prefix(length);
    }
    return result;
  }
  void text() {
    const std::string found = characters('<');
    if (!open_.empty()) elements_[open_.back()].text += found;
    const bool blank = found.find_first_not_of(" \n\t\r") == std::string::npos;
    if (open_.empty() && !blank) fault_ = "text outside of the root";
  }
  void open() {
    take("<");
    XmlElement element{.name = name(), .attributes = {}, .text = {}};
    if (open_.empty()) ++roots_;
    while (fault_.empty()) {
      const bool blanks = skip_blanks();
      if (rest_.starts_with("/>") || rest_.starts_with(">")) break;
      if (!blanks) fault_ = "no blank before an attribute of <" + element.name + ">";
      const std::string key = name();
      if (!take("=\"")) return;
      if (!element.attributes.try_emplace(key, characters('"')).second) fault_ = "twice: " + key;
      take("\"");
    }
    const bool empty = rest_.starts_with("/>");
    elements_.push_back(std::move(element));
    if (!empty) open_.push_back(elements_.size() - 1);
    take(empty ? "/>" : ">");
  }
  void close() {
    take("</");
    const std::string closed = name();
    if (open_.empty() || elements_[open_.back()].name != closed) {
      fault_ = "</" + closed + "> closes another element";
      return;
    }
    open_.pop_back();
    take(">");
  }

  std::string_view rest_;
  std::string& fault_;
  std::vector<XmlElement> elements_;
  std::vector<std::size_t> open_;
  std::size_t roots_ = 0;
};

}  // namespace

std::vector<XmlElement> parse_xml(std::string_view document, std::string& fault) {
  fault.clear();
  return XmlReader(document, fault).run();
}

std::vector<XmlElement> elements_of(std::string_view document) {
  std::string fault;
  auto elements = parse_xml(document, fault);
  EXPECT_EQ(fault, "");
  return elements;
}

double number(const XmlElement& element, const std::string& attribute) {
  return std::stod(element.attributes.at(attribute));
}

}  // namespace sheaf::test
