// SPDX-License-Identifier: Apache-2.0
#include "sheaf/io/file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "sheaf/base/error.h"

namespace sheaf::io {
namespace {

constexpr const char* kTemporary = ".tmp";  // then the number of the process

bool is_special(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error) &&
         !std::filesystem::is_directory(path, error);
}

// What is wrong; empty: nothing. Folders can be forced as well as files; file systems that cannot
// force a folder say EINVAL.
std::string force_to_disk(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::strerror(errno);
  const int problem = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  close(descriptor);
  return problem == 0 ? std::string() : std::strerror(problem);
}

}  // namespace

FileWriter::FileWriter(std::string path) : path_(std::move(path)) {
  if (is_special(path_)) return;
  temporary_ = path_ + kTemporary + std::to_string(getpid());
  errno = 0;
  out_.open(temporary_, std::ios::binary);
  require_good();
}

FileWriter::~FileWriter() {
  if (!temporary_.empty()) discard();
}

void FileWriter::remove_leftovers(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string prefix = file.filename().string() + kTemporary;
  std::error_code error;
  std::vector<std::filesystem::path> left;
  for (auto it = std::filesystem::directory_iterator(file.parent_path(), error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool of_it = name.starts_with(prefix) && name.size() > prefix.size() &&
                       name.find_first_not_of("0123456789", prefix.size()) == name.npos;
    if (of_it) left.push_back(it->path());
  }
  // What cannot be removed does no harm.
  for (const std::filesystem::path& one : left) std::filesystem::remove(one, error);
}

void FileWriter::append(std::string_view bytes) {
  size_ += bytes.size();
  if (temporary_.empty()) {
    held_ += bytes;
    return;
  }
  errno = 0;
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  require_good();
}

void FileWriter::patch(std::uint64_t at, std::string_view bytes) {
  base::check(at + bytes.size() <= size_, "file writer", "patch beyond the end");
  if (temporary_.empty()) {
    held_.replace(at, bytes.size(), bytes);
    return;
  }
  errno = 0;
  out_.seekp(static_cast<std::streamoff>(at));
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out_.seekp(0, std::ios::end);
  require_good();
}

void FileWriter::end(Durability durability) {
  errno = 0;
  if (temporary_.empty()) {
    out_.open(path_, std::ios::binary);
    out_.write(held_.data(), static_cast<std::streamsize>(held_.size()));
  }
  out_.close();
  require_good();
  if (temporary_.empty()) return;
  if (durability == Durability::on_disk) {
    if (const std::string why = force_to_disk(temporary_); !why.empty()) fail(why);
  }
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) {
    const std::string why = error.message();
    discard();
    throw base::IoError({.place = path_, .what = "cannot rename", .got = why});
  }
  temporary_.clear();
  if (durability == Durability::on_disk) {
    const std::string folder = std::filesystem::path(path_).parent_path().string();
    if (const std::string why = force_to_disk(folder.empty() ? "." : folder); !why.empty()) {
      fail(why);
    }
  }
}

void FileWriter::require_good() {
  if (!out_) fail(std::strerror(errno));
}

void FileWriter::fail(const std::string& why) {
  if (!temporary_.empty()) discard();
  throw base::IoError({.place = path_, .what = "cannot write", .got = why});
}

void FileWriter::discard() {
  out_.close();
  std::error_code error;
  std::filesystem::remove(temporary_, error);
  temporary_.clear();
}

}  // namespace sheaf::io
