// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace sheaf::memory_plan {

// Temporaries of one region; a buffer is used again when the value in it has been read for the
// last time.
class TileAllocator {
 public:
  // First float per row of a buffer of `width` floats per row.
  std::uint32_t take(std::uint32_t width) {
    auto& free = free_[width];
    if (!free.empty()) {
      const std::uint32_t index = free.back();
      free.pop_back();
      return index;
    }
    size_ += width;
    return size_ - width;
  }
  void release(std::uint32_t index, std::uint32_t width) { free_[width].push_back(index); }
  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  std::map<std::uint32_t, std::vector<std::uint32_t>> free_;
  std::uint32_t size_ = 0;
};

}  // namespace sheaf::memory_plan
