// SPDX-License-Identifier: Apache-2.0
//
// What file.h knows about text: UTF-8, blanks, lines.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "sheaf/io/file.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

bool is_utf8(std::string_view text) {
  try {
    require_utf8(text, "t.txt");
  } catch (const base::DataError&) {
    return false;
  }
  return true;
}

// UTF-8 of any number up to 0x1fffff in `length` bytes, whether or not that is allowed.
std::string encode(std::uint32_t point, int length) {
  if (length == 1) return {static_cast<char>(point)};
  std::string bytes(static_cast<std::size_t>(length), '\0');
  for (int i = length - 1; i > 0; --i, point >>= 6U) {
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(0x80U | (point & 0x3fU));
  }
  static constexpr unsigned kLead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  bytes[0] = static_cast<char>(kLead[length] | point);
  return bytes;
}

int shortest_length(std::uint32_t point) {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

TEST(Utf8, EveryScalarValueIsValid) {
  for (std::uint32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    ASSERT_TRUE(is_utf8(encode(point, shortest_length(point)))) << std::hex << point;
  }
}

TEST(Utf8, SurrogatesAreNot) {
  for (std::uint32_t point = 0xd800; point <= 0xdfff; ++point) {
    ASSERT_FALSE(is_utf8(encode(point, 3))) << std::hex << point;
  }
}

TEST(Utf8, OverlongFormsAreNot) {
  for (int length = 2; length <= 4; ++length) {
    for (std::uint32_t point = 0; shortest_length(point) < length; point += 7) {
      ASSERT_FALSE(is_utf8(encode(point, length))) << std::hex << point << " in " << length;
    }
  }
}

TEST(Utf8, NumbersBeyondUnicodeAreNot) {
  for (const std::uint32_t point : {0x110000U, 0x13ffffU, 0x140000U, 0x1fffffU}) {
    EXPECT_FALSE(is_utf8(encode(point, 4))) << std::hex << point;
  }
}

TEST(Utf8, ContinuationsAloneAreNot) {
  for (unsigned byte = 0x80; byte <= 0xbf; ++byte) {
    EXPECT_FALSE(is_utf8(std::string(1, static_cast<char>(byte)) + "a")) << byte;
  }
}

TEST(Utf8, BytesThatNeverOccurAreNot) {
  for (const unsigned byte : {0xc0U, 0xc1U, 0xf5U, 0xf8U, 0xfcU, 0xfeU, 0xffU}) {
    EXPECT_FALSE(is_utf8(std::string(1, static_cast<char>(byte)) + "\x80\x80\x80\x80\x80")) << byte;
  }
}

TEST(Utf8, CharactersThatEndTooSoonAreNot) {
  for (const std::string whole : {"é", "京", "\U0001F333"}) {
    ASSERT_TRUE(is_utf8(whole));
    for (std::size_t length = 1; length < whole.size(); ++length) {
      EXPECT_FALSE(is_utf8(whole.substr(0, length))) << whole << " " << length;
      EXPECT_FALSE(is_utf8(whole.substr(0, length) + "abc")) << whole << " " << length;
    }
  }
}

TEST(Utf8, MessageNamesFileLineAndByte) {
  EXPECT_EQ(test::message_of<base::DataError>([] { require_utf8("北\n\nab\xe9t\n", "t.txt"); }),
            "[t.txt:3] text: got byte 0xe9, expected UTF-8; convert the file with iconv");
}

TEST(Utf8, LinesFallIntoTheirCharacters) {
  std::string_view rest = "aé京\U0001F333b";
  std::vector<std::string> points;
  while (!rest.empty()) points.emplace_back(next_code_point(rest));
  EXPECT_EQ(points, (std::vector<std::string>{"a", "é", "京", "\U0001F333", "b"}));
}

// What Python's str.isspace() says of all characters.
const std::vector<std::string> kBlanks = {
    "\t",     "\n",     "\v",     "\f",     "\r",     "\x1c",   "\x1d",   "\x1e",
    "\x1f",   " ",      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
    "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
    "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

TEST(Trim, CutsEveryBlankOfUnicodeAtBothEnds) {
  for (const std::string& blank : kBlanks) {
    EXPECT_EQ(trim(blank + blank + "京 x" + blank), "京 x") << ::testing::PrintToString(blank);
    EXPECT_EQ(trim(blank), "") << ::testing::PrintToString(blank);
  }
}

TEST(Trim, CutsNothingElse) {
  std::size_t blanks = 0;
  for (std::uint32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    const std::string text = encode(point, shortest_length(point));
    if (trim(text).empty()) {
      ++blanks;
    } else {
      ASSERT_EQ(trim(text), text) << std::hex << point;
    }
  }
  EXPECT_EQ(blanks, kBlanks.size());
}

TEST(Trim, LeavesBlanksWithin) { EXPECT_EQ(trim(" a \u3000 b\t"), "a \u3000 b"); }

TEST(Trim, OfNothingIsNothing) { EXPECT_EQ(trim(""), ""); }

TEST(Trim, MindsNoBytesThatAreNotUtf8) {
  EXPECT_EQ(trim(" \xff "), "\xff");
  EXPECT_EQ(trim("\x80\x80"), "\x80\x80");
  EXPECT_EQ(trim(" \xe3\x80"), "\xe3\x80");
}

std::vector<std::string> lines_of(std::string_view text) {
  LineReader reader(text, "t.txt");
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) lines.emplace_back(line);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, EndsLinesAtTheirNewline) {
  EXPECT_EQ(lines_of("a\nb\n"), (Lines{"a", "b"}));
  EXPECT_EQ(lines_of("a\nb"), (Lines{"a", "b"}));
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("\n\n"), (Lines{"", ""}));
}

TEST(LineReader, DropsOneCarriageReturnBeforeTheNewline) {
  EXPECT_EQ(lines_of("a\r\n\r\nb\rc\r\r\n"), (Lines{"a", "", "b\rc\r"}));
}

TEST(LineReader, KeepsBytesOfAnyKind) {
  EXPECT_EQ(lines_of(std::string_view("a\0b\n\xff\n", 6)), (Lines{std::string("a\0b", 3), "\xff"}));
}

TEST(LineReader, PlaceIsThatOfTheLastLineRead) {
  LineReader reader("a\n\nb", "t.txt");
  std::string_view line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(reader.place(), "t.txt:1");
  ASSERT_TRUE(reader.next(line));
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(reader.place(), "t.txt:3");
  EXPECT_EQ(reader.number(), 3U);
  EXPECT_FALSE(reader.next(line));
  EXPECT_EQ(reader.place(), "t.txt:3");
}

}  // namespace
}  // namespace sheaf::io
