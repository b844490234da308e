// SPDX-License-Identifier: Apache-2.0
#include "sheaf/engine/frame_pool.h"

#include <utility>

namespace sheaf::engine {

void* FramePool::take(std::size_t bytes) {
  const std::size_t size = units(bytes);
  if (size >= free_.size()) free_.resize(size + 1, nullptr);
  if (free_[size] == nullptr) add_block(size);
  Free* frame = free_[size];
  free_[size] = frame->next;
  ++in_use_;
  return frame;
}

void FramePool::give_back(void* frame, std::size_t bytes) noexcept {
  Free*& first = free_[units(bytes)];
  first = std::construct_at(static_cast<Free*>(frame), Free{first});
  --in_use_;
}

void FramePool::add_block(std::size_t size) {
  const std::size_t bytes = size * kUnit;
  blocks_.push_back(std::make_unique<std::byte[]>(bytes * kFramesPerBlock));
  for (std::size_t i = kFramesPerBlock; i-- > 0;) {
    void* frame = blocks_.back().get() + i * bytes;
    free_[size] = std::construct_at(static_cast<Free*>(frame), Free{free_[size]});
  }
}

}  // namespace sheaf::engine
