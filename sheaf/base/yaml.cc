// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::base {
namespace {

std::string place_of(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : file + ":" + std::to_string(mark.line + 1);
}

// Builds the tree from the parser's events. What is open lies on a stack, and moves into what holds
// it once it is complete.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& file) : text_(text), file_(file) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\n') lines_.push_back(at + 1);
    }
  }

  [[nodiscard]] YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "a second document", "one document a file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (key_expected()) refuse(mark, "a key that is empty", "a word");
    add({.kind = YamlNode::Kind::nothing, .place = place_of_value(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(mark, "an alias", "no anchors (&name) and no aliases (*name)");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (tag == "!") refuse_open_quote(mark);
    if (key_expected()) {
      take_key(mark, value);
    } else {
      add({.kind = YamlNode::Kind::scalar, .place = place_of_value(mark), .text = value});
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& got,
                           const std::string& expected) const {
    throw ConfigError(
        {.place = place_of(file_, mark), .what = "YAML", .got = got, .expected = expected});
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor) {
      refuse(mark, "an anchor", "no anchors (&name) and no aliases (*name)");
    }
  }

  // The parser's own tags: "?" of a plain scalar, "!" of a quoted one.
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "the tag '" + tag + "'", "no tags");
  }

  // The parser takes the end of the text for the end of a quote.
  void refuse_open_quote(const YAML::Mark& mark) const {
    const auto line = static_cast<std::size_t>(mark.line);
    if (line >= lines_.size()) return;
    std::size_t at = lines_[line] + static_cast<std::size_t>(mark.column);
    if (at >= text_.size() || (text_[at] != '"' && text_[at] != '\'')) return;
    const char quote = text_[at];
    for (++at; at < text_.size(); ++at) {
      if (quote == '"' && text_[at] == '\\') {
        ++at;
      } else if (text_[at] == quote) {
        if (quote == '"' || at + 1 == text_.size() || text_[at + 1] != quote) return;
        ++at;  // a quote within the quote
      }
    }
    refuse(mark, "a quote that does not end", std::string(1, quote) + " at its end");
  }

  [[nodiscard]] bool key_expected() const {
    return !open_.empty() && open_.back().kind == YamlNode::Kind::map &&
           open_.back().keys.size() == open_.back().children.size();
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    YamlNode& map = open_.back();
    if (key.empty()) refuse(mark, "a key that is empty", "a word");
    const auto before = std::find(map.keys.begin(), map.keys.end(), key);
    if (before != map.keys.end()) {
      const YamlNode& first = map.children[static_cast<std::size_t>(before - map.keys.begin())];
      throw ConfigError({.place = place_of(file_, mark),
                         .what = key,
                         .got = "the key a second time",
                         .expected = "one",
                         .hint = "the first is at " + first.place});
    }
    map.keys.push_back(key);
    key_place_ = place_of(file_, mark);
  }

  // A value of a map is where its key is: the parser finds "nothing" at the next thing there is.
  [[nodiscard]] std::string place_of_value(const YAML::Mark& mark) const {
    const bool in_map = !open_.empty() && open_.back().kind == YamlNode::Kind::map;
    return in_map ? key_place_ : place_of(file_, mark);
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (key_expected()) refuse(mark, "a key that is a map or a list", "a word");
    if (open_.size() == static_cast<std::size_t>(kMostYamlDepth)) {
      refuse(mark, "more than " + std::to_string(kMostYamlDepth) + " levels", "fewer");
    }
    open_.push_back({.kind = kind, .place = place_of_value(mark)});
  }

  void close() {
    YamlNode done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().children.push_back(std::move(node));
    }
  }

  std::string_view text_;
  const std::string& file_;
  std::vector<std::size_t> lines_ = {0};  // where each begins
  int documents_ = 0;
  std::string key_place_;  // of the last key
  std::vector<YamlNode> open_;
  YamlNode root_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &children[static_cast<std::size_t>(found - keys.begin())];
}

YamlNode* YamlNode::find(std::string_view key) {
  return const_cast<YamlNode*>(std::as_const(*this).find(key));
}

std::string YamlNode::described() const {
  switch (kind) {
    case Kind::nothing:
      return "nothing";
    case Kind::scalar:
      return "'" + (text.size() > 80 ? text.substr(0, 80) + "..." : text) + "'";
    case Kind::map:
      return "a map";
    case Kind::list:
      break;
  }
  return "a list";
}

YamlNode parse_yaml(std::string_view text, const std::string& file) {
  if (text.size() > kMostYamlBytes) {
    throw ConfigError({.place = file,
                       .what = "YAML",
                       .got = std::to_string(text.size()) + " bytes",
                       .expected = "at most " + std::to_string(kMostYamlBytes)});
  }
  if (text.find('\0') != std::string_view::npos) {
    throw ConfigError({.place = file, .what = "YAML", .got = "a NUL byte", .expected = "text"});
  }
  std::istringstream stream{std::string(text)};
  TreeBuilder builder(text, file);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw ConfigError({.place = place_of(file, error.mark),
                       .what = "YAML",
                       .got = error.msg,
                       .expected = "maps of key: value"});
  }
  return builder.take();
}

std::string yaml_quoted(std::string_view text) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == ' ' || c == '/';
  };
  const bool starts_plain =
      !text.empty() && std::isalnum(static_cast<unsigned char>(text[0])) != 0 && text.back() != ' ';
  const bool is_null = text == "null" || text == "Null" || text == "NULL";
  if (starts_plain && !is_null && std::all_of(text.begin(), text.end(), plain)) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char code[8];
      std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(c));
      quoted += code;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace sheaf::base
