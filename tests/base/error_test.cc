// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/error.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/message_of.h"

namespace sheaf::base {
namespace {

TEST(Error, MessageNamesPlaceGotAndExpected) {
  const UsageError error({.place = "--batch",
                          .what = "size",
                          .got = "0",
                          .expected = "1 or more",
                          .hint = "leave it out for the default"});
  EXPECT_STREQ(error.what(),
               "[--batch] size: got 0, expected 1 or more; leave it out for the default");
}

TEST(Error, MessageLeavesOutAnEmptyPlace) {
  EXPECT_EQ(to_string(Fault{.what = "size", .got = "0", .expected = "1"}),
            "size: got 0, expected 1");
}

TEST(Error, MessageLeavesOutAnEmptyGot) {
  EXPECT_EQ(to_string(Fault{.place = "a.yaml:3", .what = "size", .expected = "1"}),
            "[a.yaml:3] size: expected 1");
}

TEST(Error, MessageLeavesOutAnEmptyExpected) {
  EXPECT_EQ(to_string(Fault{.place = "a.yaml:3", .what = "size", .got = "0"}),
            "[a.yaml:3] size: got 0");
}

TEST(Error, MessageLeavesOutAnEmptyHint) {
  EXPECT_EQ(to_string(Fault{.place = "p", .what = "w", .hint = "h"}), "[p] w; h");
  EXPECT_EQ(to_string(Fault{.place = "p", .what = "w"}), "[p] w");
}

TEST(Error, FaultKeepsTheParts) {
  const DataError error({.place = "p", .what = "w", .got = "g", .expected = "e", .hint = "h"});
  EXPECT_EQ(error.fault().place, "p");
  EXPECT_EQ(error.fault().what, "w");
  EXPECT_EQ(error.fault().got, "g");
  EXPECT_EQ(error.fault().expected, "e");
  EXPECT_EQ(error.fault().hint, "h");
}

// Thrown and caught as its base, as the command line does.
template <typename E>
void expect_kind(const std::string& kind, int exit_code) {
  try {
    throw E({.place = "p", .what = "w"});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    EXPECT_EQ(error.exit_code(), exit_code) << kind;
    EXPECT_STREQ(error.what(), "[p] w") << kind;
  }
}

TEST(Error, EveryClassHasItsKindAndExitCode) {
  expect_kind<UsageError>("UsageError", 2);
  expect_kind<ConfigError>("ConfigError", 2);
  expect_kind<DataError>("DataError", 2);
  expect_kind<NotFoundError>("NotFoundError", 2);
  expect_kind<UnsupportedError>("UnsupportedError", 3);
  expect_kind<ResourceError>("ResourceError", 4);
  expect_kind<IoError>("IoError", 74);
  expect_kind<InternalError>("InternalError", 70);
}

TEST(Error, IsCaughtAsARuntimeError) {
  EXPECT_THROW(throw IoError({.what = "w"}), std::runtime_error);
}

TEST(Check, ThrowsWhenAnInvariantIsBroken) {
  EXPECT_EQ(test::message_of<InternalError>([] { check(false, "graph", "a node has no type"); }),
            "[graph] a node has no type");
}

TEST(Check, IsSilentWhenTheInvariantHolds) {
  EXPECT_NO_THROW(check(true, "graph", "a node has no type"));
}

}  // namespace
}  // namespace sheaf::base
