// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sheaf::engine {

// Memory of coroutine frames: what is given back is handed out again, by size. For one thread.
class FramePool {
 public:
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  // Room for `bytes`, aligned as any fundamental type is. Throws std::bad_alloc.
  [[nodiscard]] void* take(std::size_t bytes);
  // Takes back what take(bytes) gave.
  void give_back(void* frame, std::size_t bytes) noexcept;

  // Frames that are out.
  [[nodiscard]] std::size_t in_use() const { return in_use_; }
  // Blocks, of several frames each, that were taken from the heap so far.
  [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }

 private:
  static constexpr std::size_t kUnit = 64;  // bytes; sizes are rounded up to multiples
  static constexpr std::size_t kFramesPerBlock = 16;

  struct Free {
    Free* next;
  };

  [[nodiscard]] static std::size_t units(std::size_t bytes) { return (bytes + kUnit - 1) / kUnit; }
  void add_block(std::size_t size);

  std::vector<Free*> free_;  // by units: the first of a list
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t in_use_ = 0;
};

}  // namespace sheaf::engine
