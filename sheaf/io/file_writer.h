// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace sheaf::io {

// A file that is written piece by piece under a temporary name in the same folder, and renamed when
// it is complete: readers see the old file or the new one. What is not committed leaves nothing. A
// pipe or a device, which cannot be replaced, gets all its bytes on commit(). All members throw
// IoError.
class FileWriter {
 public:
  explicit FileWriter(std::string path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void append(std::string_view bytes);

  // Bytes appended so far.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // Writes over bytes appended before: at + bytes.size() <= size().
  void patch(std::uint64_t at, std::string_view bytes);

  // Removes what a process that was killed while it wrote `path` has left beside it. Nobody else
  // may write it at the same time.
  static void remove_leftovers(const std::string& path);

  // Ends the file and gives it its name. To be called once.
  void commit() { end(Durability::renamed); }

  // The same, and back only when file and name are on the disk (fsync), so that a power cut leaves
  // the old file or the new one, whole.
  void commit_durably() { end(Durability::on_disk); }

 private:
  enum class Durability { renamed, on_disk };

  void end(Durability durability);
  void require_good();
  [[noreturn]] void fail(const std::string& why);
  void discard();

  std::string path_;
  std::string temporary_;  // empty: a pipe or a device
  std::string held_;       // its bytes
  std::ofstream out_;
  std::uint64_t size_ = 0;
};

}  // namespace sheaf::io
