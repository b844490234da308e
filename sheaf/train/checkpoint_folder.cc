// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/checkpoint_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::train {
namespace {

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kSuffix = ".safetensors";
constexpr std::string_view kTemporary = ".safetensors.tmp";

std::vector<std::string> names_in(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (auto it = std::filesystem::directory_iterator(folder, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) throw base::IoError({.place = folder, .what = "cannot read", .got = error.message()});
  return names;
}

std::string name_of(std::uint64_t step) {
  return fmt::format("{}{:012}{}", kPrefix, step, kSuffix);
}

// None: not what name_of() gives.
std::optional<std::uint64_t> step_of(const std::string& name) {
  if (!name.starts_with(kPrefix)) return {};
  std::uint64_t step = 0;
  std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), step);
  return name == name_of(step) ? std::optional(step) : std::nullopt;
}

void remove_file(const std::string& folder, const std::string& name) {
  std::error_code error;
  std::filesystem::remove(std::filesystem::path(folder) / name, error);
  if (error) {
    throw base::IoError(
        {.place = folder + "/" + name, .what = "cannot remove", .got = error.message()});
  }
}

int lock(const std::string& folder) {
  const std::string path = folder + "/.lock";
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    throw base::IoError({.place = path, .what = "cannot write", .got = std::strerror(errno)});
  }
  // File systems without locks do without.
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return descriptor;
  close(descriptor);
  throw base::ResourceError({.place = folder,
                             .what = "folder of checkpoints",
                             .got = "another training that runs in it",
                             .expected = "none",
                             .hint = "wait for it, or choose another folder"});
}

}  // namespace

CheckpointFolder::CheckpointFolder(std::string path, Access access) : path_(std::move(path)) {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) {
    throw base::IoError({.place = path_, .what = "cannot make", .got = error.message()});
  }
  if (access == Access::write) lock_ = lock(path_);
}

CheckpointFolder::~CheckpointFolder() {
  if (lock_ >= 0) close(lock_);
}

std::string CheckpointFolder::path_of(std::uint64_t step) const {
  return path_ + "/" + name_of(step);
}

std::vector<std::uint64_t> CheckpointFolder::steps() const {
  std::vector<std::uint64_t> steps;
  for (const std::string& name : names_in(path_)) {
    if (const auto step = step_of(name)) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

void CheckpointFolder::save(const CheckpointView& checkpoint) const {
  const std::uint64_t step = checkpoint.state.step;
  write_checkpoint(path_of(step), checkpoint);
  const std::vector<std::uint64_t> all = steps();
  const auto here = std::lower_bound(all.begin(), all.end(), step);
  const std::uint64_t before = here == all.begin() ? step : *std::prev(here);
  for (const std::string& name : names_in(path_)) {
    const auto other = step_of(name);
    const bool stale = other ? *other != step && *other != before
                             : name.starts_with(kPrefix) && name.find(kTemporary) != name.npos;
    if (stale) remove_file(path_, name);
  }
}

std::optional<CheckpointFolder::Loaded> CheckpointFolder::load() const {
  std::vector<std::uint64_t> newest_first = steps();
  std::reverse(newest_first.begin(), newest_first.end());
  std::vector<std::string> damaged;
  for (std::size_t i = 0; i < newest_first.size(); ++i) {
    const std::string path = path_of(newest_first[i]);
    try {
      return Loaded{read_checkpoint(path), path, std::move(damaged)};
    } catch (const base::DataError& error) {
      damaged.emplace_back(error.what());
    } catch (const base::IoError& error) {
      damaged.emplace_back(error.what());
    }
  }
  if (damaged.empty()) return {};
  throw base::DataError(
      {.place = path_,
       .what = "checkpoints",
       .got = "none that can be read: " + fmt::format("{}", fmt::join(damaged, "; ")),
       .expected = "a good one"});
}

}  // namespace sheaf::train
