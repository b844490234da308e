// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/format.h"

#include <gtest/gtest.h>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

TEST(Format, IsGuessedFromTheFirstLine) {
  EXPECT_EQ(guess_format("(3 (2 a) (2 b))\n"), Format::brackets);
  EXPECT_EQ(guess_format("113\n14\n"), Format::lattices);
  EXPECT_EQ(guess_format("VERSION=1.0\n"), Format::slf);
  EXPECT_EQ(guess_format("# HTK\nN=1 L=0\n"), Format::slf);
  EXPECT_EQ(guess_format("a|O b|O\n"), Format::tagged);
  EXPECT_EQ(guess_format("\n\n吴 B-NAME\n"), Format::bmes);
  EXPECT_EQ(guess_format("， O\n"), Format::bmes);
  EXPECT_EQ(guess_format("# text = a\n1\ta\t_\t_\t_\t_\t0\troot\t_\t_\n"), Format::conllu);
  EXPECT_EQ(guess_format("{\"nodes\":[]}\n"), Format::dags);
  EXPECT_EQ(guess_format("Hello world\n"), Format::text);
}

TEST(Format, OfOtherLinesIsText) {
  EXPECT_EQ(guess_format(""), Format::text);
  EXPECT_EQ(guess_format("# a heading\nmore text\n"), Format::text);
  EXPECT_EQ(guess_format("# a heading\n(or so)\n"), Format::text);
  EXPECT_EQ(guess_format("a|O b\n"), Format::text);
  EXPECT_EQ(guess_format("1 2\n"), Format::text);
  EXPECT_EQ(guess_format("mind the O gap\n"), Format::text);
}

TEST(Format, HasAName) {
  for (const std::string& format : kFormatNames) EXPECT_EQ(name(parse_format(format)), format);
}

TEST(Format, MessageSuggestsTheNearest) {
  EXPECT_EQ(test::message_of<base::UsageError>([] { (void)parse_format("conll"); }),
            "[--format] unknown format: got 'conll'; did you mean 'conllu'?");
}

}  // namespace
}  // namespace sheaf::io
