// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/yaml.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::base {
namespace {

std::string refusal(const std::string& text) {
  return test::message_of<ConfigError>([&] { (void)parse_yaml(text, "f.yaml"); });
}

TEST(Yaml, EveryNodeKnowsItsLine) {
  const YamlNode root = parse_yaml("a: 1\nb:\n  c: x y\n  d: [p, q]\n", "f.yaml");
  ASSERT_EQ(root.kind, YamlNode::Kind::map);
  EXPECT_EQ(root.keys, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_EQ(root.find("a")->place, "f.yaml:1");
  const YamlNode& b = *root.find("b");
  EXPECT_EQ(b.find("c")->text, "x y");
  EXPECT_EQ(b.find("c")->place, "f.yaml:3");
  EXPECT_EQ(b.find("d")->kind, YamlNode::Kind::list);
  EXPECT_EQ(b.find("d")->children.at(1).text, "q");
  EXPECT_EQ(b.find("e"), nullptr);
}

TEST(Yaml, AnEmptyTextIsNothing) {
  EXPECT_EQ(parse_yaml("", "f").kind, YamlNode::Kind::nothing);
  EXPECT_EQ(parse_yaml("# only a remark\n", "f").kind, YamlNode::Kind::nothing);
  EXPECT_EQ(parse_yaml("a:\n", "f").find("a")->kind, YamlNode::Kind::nothing);
}

TEST(Yaml, RefusesAKeyGivenTwice) {
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"),
            "[f.yaml:3] a: got the key a second time, expected one; the first is at f.yaml:1");
}

TEST(Yaml, RefusesAnchorsAndAliases) {
  EXPECT_EQ(refusal("a: &x 1\nb: 2\n"),
            "[f.yaml:1] YAML: got an anchor, expected no anchors (&name) and no aliases (*name)");
  // Ten levels of ten aliases each: ten thousand million nodes for who expands them.
  std::string bomb = "a0: &a0 x\n";
  for (int i = 1; i < 10; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += "*a" + std::to_string(i - 1) + ",";
    bomb += "]\n";
  }
  EXPECT_EQ(refusal(bomb),
            "[f.yaml:1] YAML: got an anchor, expected no anchors (&name) and no aliases (*name)");
}

TEST(Yaml, RefusesAnAliasOfNothing) {
  EXPECT_NE(refusal("a: *x\n").find("[f.yaml:1] YAML: got "), std::string::npos);
}

TEST(Yaml, RefusesTags) {
  EXPECT_EQ(refusal("a: !!int 1\n"),
            "[f.yaml:1] YAML: got the tag 'tag:yaml.org,2002:int', expected no tags");
}

TEST(Yaml, RefusesASecondDocument) {
  EXPECT_EQ(refusal("a: 1\n---\nb: 1\n"),
            "[f.yaml:2] YAML: got a second document, expected one document a file");
}

TEST(Yaml, RefusesKeysThatAreNoWords) {
  EXPECT_EQ(refusal("? [a, b]\n: 1\n"),
            "[f.yaml:1] YAML: got a key that is a map or a list, expected a word");
  EXPECT_EQ(refusal("\"\": 1\n"), "[f.yaml:1] YAML: got a key that is empty, expected a word");
}

TEST(Yaml, RefusesDeepNesting) {
  std::string deep;
  for (int i = 0; i < kMostYamlDepth; ++i) deep += "[";
  for (int i = 0; i < kMostYamlDepth; ++i) deep += "]";
  EXPECT_NO_THROW((void)parse_yaml(deep, "f"));
  EXPECT_EQ(refusal("[" + deep + "]"), "[f.yaml:1] YAML: got more than 16 levels, expected fewer");
  EXPECT_NE(refusal(std::string(2000, '[')), "nothing was thrown");
}

TEST(Yaml, RefusesWhatIsNoText) {
  EXPECT_EQ(refusal(std::string("a: 1\0", 5)), "[f.yaml] YAML: got a NUL byte, expected text");
  EXPECT_EQ(refusal(std::string(kMostYamlBytes + 1, ' ')),
            "[f.yaml] YAML: got 1048577 bytes, expected at most 1048576");
}

TEST(Yaml, NamesTheLineOfASyntaxError) {
  EXPECT_EQ(refusal("a: 1\nb: [1, 2\nc: 3\n").substr(0, 20), "[f.yaml:3] YAML: got");
}

TEST(Yaml, NamesTheLineOfAQuoteThatDoesNotEnd) {
  EXPECT_EQ(refusal("a: 1\nµ: [1, \"x]\nc: 3\n"),
            "[f.yaml:2] YAML: got a quote that does not end, expected \" at its end");
  EXPECT_EQ(refusal("a: 'it''s\n"),
            "[f.yaml:1] YAML: got a quote that does not end, expected ' at its end");
  EXPECT_EQ(parse_yaml("a: 'it''s'\nb: \"two\n lines\"", "f").find("a")->text, "it's");
}

TEST(Yaml, WhatIsQuotedComesBack) {
  for (const std::string text : {"a b", "a: b", " a", "a ", "", "null", "~", "-x", "\"q\"", "a\\b",
                                 "two\nlines", "tab\t", "#x", "*a", "&a", "Joule/s", "[1]", "µm"}) {
    EXPECT_EQ(parse_yaml("k: " + yaml_quoted(text), "f").find("k")->text, text) << text;
    if (!text.empty()) {
      EXPECT_EQ(parse_yaml(yaml_quoted(text) + ": v", "f").keys.at(0), text) << text;
    }
  }
}

}  // namespace
}  // namespace sheaf::base
