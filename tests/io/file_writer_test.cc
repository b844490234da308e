// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/file_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "sheaf/base/error.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Names = std::vector<std::string>;

TEST(FileWriter, WritesPiecesInOrderAndPatchesWhatIsWritten) {
  const test::TempFolder folder;
  FileWriter writer(folder.path("x"));
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {  // more than any buffer of a stream
    writer.append("piece ");
    expected += "piece ";
    if (i == 10) writer.patch(6, "PATCH");
  }
  expected.replace(6, 5, "PATCH");
  EXPECT_EQ(writer.size(), expected.size());
  writer.commit();
  EXPECT_EQ(test::bytes_of(folder.path("x")), expected);
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(FileWriter, TheOldFileStaysUntilTheNewOneIsComplete) {
  const test::TempFolder folder;
  const std::string path = folder.write("x", "old");
  FileWriter writer(path);
  writer.append("new");
  EXPECT_EQ(test::bytes_of(path), "old");
  writer.commit();
  EXPECT_EQ(test::bytes_of(path), "new");
}

TEST(FileWriter, WhatIsNotCommittedLeavesNothing) {
  const test::TempFolder folder;
  const std::string path = folder.write("x", "old");
  FileWriter(path).append("new");
  EXPECT_EQ(test::bytes_of(path), "old");
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(FileWriter, APipeGetsAllBytesPatchedOnCommit) {
  const test::TempFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  FileWriter writer(path);
  writer.append("0123456789");
  writer.patch(2, "ab");
  char bytes[16] = {};
  EXPECT_EQ(read(reader, bytes, sizeof bytes), 0);
  writer.commit();
  EXPECT_EQ(read(reader, bytes, sizeof bytes), 10);
  EXPECT_STREQ(bytes, "01ab456789");
  close(reader);
}

TEST(FileWriter, ADurableCommitReplacesTheOldFileToo) {
  const test::TempFolder folder;
  const std::string path = folder.write("x", "old");
  FileWriter writer(path);
  writer.append("new");
  EXPECT_EQ(test::bytes_of(path), "old");
  writer.commit_durably();
  EXPECT_EQ(test::bytes_of(path), "new");
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(FileWriter, LeftoversOfAFileAreThoseOfItsName) {
  const test::TempFolder folder;
  for (const char* name : {"x", "x.tmp12", "x.tmp", "x.tmp1a", "y.tmp12", "x.tmp7"}) {
    static_cast<void>(folder.write(name, ""));
  }
  FileWriter::remove_leftovers(folder.path("x"));
  EXPECT_EQ(folder.names(), (Names{"x", "x.tmp", "x.tmp1a", "y.tmp12"}));
  FileWriter::remove_leftovers(folder.path("no/such"));
}

TEST(FileWriter, RefusesAPatchBeyondTheEnd) {
  const test::TempFolder folder;
  FileWriter writer(folder.path("x"));
  writer.append("12");
  EXPECT_EQ(test::message_of<base::InternalError>([&] { writer.patch(1, "ab"); }),
            "[file writer] patch beyond the end");
}

}  // namespace
}  // namespace sheaf::io
