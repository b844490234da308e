// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/json.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/base/small_stack.h"

namespace sheaf::base {
namespace {

std::string nested(int levels, char open, char close) {
  std::string text;
  for (int i = 0; i < levels; ++i) {
    if (open == '{') text += i == 0 ? "{" : "\"k\":{";
    if (open == '[') text += "[";
  }
  return text + std::string(static_cast<std::size_t>(levels), close);
}

TEST(ParseJson, GivesTheValueThatTheTextSays) {
  const ParsedJson parsed = parse_json(R"({"a": [1, "two"]})");
  EXPECT_EQ(parsed.problem, "");
  EXPECT_EQ(parsed.value["a"][1], "two");
}

TEST(ParseJson, TellsWhatIsWrongWithTheText) {
  const ParsedJson parsed = parse_json("[1,");
  EXPECT_TRUE(parsed.problem.starts_with("parse error at line ")) << parsed.problem;
  EXPECT_TRUE(parsed.value.is_null());
}

TEST(ParseJson, ReadsAsManyLevelsAsItPromises) {
  EXPECT_EQ(parse_json(nested(kMostJsonDepth, '[', ']')).problem, "");
  EXPECT_EQ(parse_json(nested(kMostJsonDepth, '{', '}')).problem, "");
}

TEST(ParseJson, RefusesOneLevelMore) {
  const std::string message = "JSON nested deeper than 64 levels";
  EXPECT_EQ(parse_json(nested(kMostJsonDepth + 1, '[', ']')).problem, message);
  EXPECT_EQ(parse_json(nested(kMostJsonDepth + 1, '{', '}')).problem, message);
}

TEST(ParseJson, RefusesAMillionLevelsWithoutRecursion) {
  std::string problem;
  ASSERT_TRUE(
      run_on_small_stack([&] { problem = parse_json(std::string(1'000'000, '[')).problem; }));
  EXPECT_EQ(problem, "JSON nested deeper than 64 levels");
}

TEST(ParseJson, DoesNotCountBracketsInStrings) {
  const std::string brackets(1000, '[');
  EXPECT_EQ(parse_json("[\"" + brackets + "\"]").value[0], brackets);
  EXPECT_EQ(parse_json("[\"\\\"" + brackets + "\"]").value[0], "\"" + brackets);
  EXPECT_EQ(parse_json("[\"\\\\\", 1]").value[0], "\\");
}

TEST(ParseJson, CountsBracketsBehindAStringThatEndsInABackslash) {
  EXPECT_EQ(parse_json("[\"\\\\\", " + nested(kMostJsonDepth, '[', ']') + "]").problem,
            "JSON nested deeper than 64 levels");
}

TEST(ParseJson, DoesNotCountBracketsThatAreClosedAgain) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += "[],";
  EXPECT_EQ(parse_json(text + "1]").value.size(), 1001U);
}

}  // namespace
}  // namespace sheaf::base
