// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "sheaf/base/error.h"
#include "tests/io/temp_folder.h"
#include "tests/message_of.h"

namespace sheaf::io {
namespace {

using Names = std::vector<std::string>;

// No file of this process grows beyond `bytes` while this lives: a write fails as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(LineReader, SkipsAByteOrderMark) {
  LineReader lines("\xEF\xBB\xBFone\ntwo", "t.txt");
  std::string_view line;
  ASSERT_TRUE(lines.next(line));
  EXPECT_EQ(line, "one");
  EXPECT_EQ(lines.place(), "t.txt:1");
}

TEST(File, ReadGivesAllBytes) {
  const test::TempFolder folder;
  const std::string bytes("a\0b\r\n\xff\n", 7);
  EXPECT_EQ(read_file(folder.write("x", bytes)), bytes);
  EXPECT_EQ(read_file(folder.write("empty", "")), "");
}

TEST(File, ReadOfAMissingFileNamesIt) {
  const test::TempFolder folder;
  EXPECT_EQ(test::message_of<base::NotFoundError>(
                [&] { static_cast<void>(read_file(folder.path("x"))); }),
            "[" + folder.path("x") + "] no such file");
}

TEST(File, ReadOfAFolderIsRefused) {
  const test::TempFolder folder;
  EXPECT_EQ(test::message_of<base::IoError>([&] { static_cast<void>(read_file(folder.path())); }),
            "[" + folder.path() + "] cannot read: got a folder, expected a file");
}

TEST(File, ReadBelowAFileIsRefused) {
  const test::TempFolder folder;
  const std::string path = folder.write("file", "") + "/below";
  EXPECT_EQ(test::message_of<base::IoError>([&] { static_cast<void>(read_file(path)); }),
            "[" + path + "] cannot open: got Not a directory");
}

TEST(File, ReadOfANameThatIsTooLongIsAnIoError) {
  const std::string path(300, 'a');
  EXPECT_EQ(test::message_of<base::IoError>([&] { static_cast<void>(read_file(path)); }),
            "[" + path + "] cannot open: got File name too long");
}

TEST(File, WriteReplacesTheFileAndLeavesNothingElse) {
  const test::TempFolder folder;
  const std::string path = folder.write("x", "an old and longer text");
  const std::string bytes("new\0\xff", 5);
  write_file(path, bytes);
  EXPECT_EQ(test::bytes_of(path), bytes);
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(File, WriteMakesAFileThatWasNotThere) {
  const test::TempFolder folder;
  write_file(folder.path("x"), "");
  EXPECT_TRUE(std::filesystem::is_regular_file(folder.path("x")));
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(File, WriteIntoAMissingFolderIsRefused) {
  const test::TempFolder folder;
  const std::string path = folder.path("missing/x");
  EXPECT_EQ(test::message_of<base::IoError>([&] { write_file(path, "new"); }),
            "[" + path + "] cannot write: got No such file or directory");
  EXPECT_EQ(folder.names(), Names{});
}

TEST(File, WriteOverAFolderIsRefusedAndLeavesTheFolder) {
  const test::TempFolder folder;
  const std::string path = folder.path("sub");
  std::filesystem::create_directory(path);
  EXPECT_EQ(test::message_of<base::IoError>([&] { write_file(path, "new"); }),
            "[" + path + "] cannot rename: got Is a directory");
  EXPECT_TRUE(std::filesystem::is_directory(path));
  EXPECT_EQ(folder.names(), Names{"sub"});
}

TEST(File, WriteThatRunsOutOfSpaceLeavesTheOldFileWhole) {
  const test::TempFolder folder;
  const std::string path = folder.write("x", "old");
  const std::string large(100'000, 'n');
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = test::message_of<base::IoError>([&] { write_file(path, large); });
  }
  EXPECT_EQ(message, "[" + path + "] cannot write: got File too large");
  EXPECT_EQ(test::bytes_of(path), "old");
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(File, FolderOfAPathThatIsThereIsAccepted) {
  const test::TempFolder folder;
  EXPECT_NO_THROW(require_folder_of(folder.path("x")));
  EXPECT_NO_THROW(require_folder_of("x"));
}

TEST(File, FolderOfAPathThatIsMissingIsNamed) {
  const test::TempFolder folder;
  const std::string path = folder.path("missing/x");
  EXPECT_EQ(
      test::message_of<base::IoError>([&] { require_folder_of(path); }),
      "[" + path + "] cannot write: got no folder '" + folder.path("missing") + "'; make it first");
  const std::string below = folder.write("file", "") + "/x";
  EXPECT_EQ(
      test::message_of<base::IoError>([&] { require_folder_of(below); }),
      "[" + below + "] cannot write: got no folder '" + folder.path("file") + "'; make it first");
}

// /dev/null for instance, which a rename would replace by a file when root runs the tool.
TEST(File, WriteToWhatIsNoFileDoesNotReplaceIt) {
  const test::TempFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  try {
    write_file(path, "new");
  } catch (const base::IoError&) {
    // To refuse it is as good as to write into it.
  }
  EXPECT_TRUE(std::filesystem::is_fifo(path));
  close(reader);
}

}  // namespace
}  // namespace sheaf::io
