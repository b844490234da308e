// SPDX-License-Identifier: Apache-2.0
//
// The global operator new and delete of a test program, which count. In a file of its own: the
// compiler must not see through it into the callers. Every form is here: a sanitizer's own form of
// one that was left out would meet the wrong operator delete.
#include "tests/allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> count = 0;

void* take(std::size_t bytes, std::size_t alignment) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  const std::size_t size = bytes == 0 ? 1 : bytes;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* take_or_throw(std::size_t bytes, std::size_t alignment) {
  if (void* const memory = take(bytes, alignment)) return memory;
  throw std::bad_alloc();
}

}  // namespace

std::uint64_t sheaf::test::allocations() { return count.load(std::memory_order_relaxed); }

using std::align_val_t;
using std::nothrow_t;
using std::size_t;

void* operator new(size_t bytes) { return take_or_throw(bytes, 1); }
void* operator new[](size_t bytes) { return take_or_throw(bytes, 1); }
void* operator new(size_t bytes, const nothrow_t& /*tag*/) noexcept { return take(bytes, 1); }
void* operator new[](size_t bytes, const nothrow_t& /*tag*/) noexcept { return take(bytes, 1); }
void* operator new(size_t bytes, align_val_t alignment) {
  return take_or_throw(bytes, static_cast<size_t>(alignment));
}
void* operator new[](size_t bytes, align_val_t alignment) {
  return take_or_throw(bytes, static_cast<size_t>(alignment));
}
void* operator new(size_t bytes, align_val_t alignment, const nothrow_t& /*tag*/) noexcept {
  return take(bytes, static_cast<size_t>(alignment));
}
void* operator new[](size_t bytes, align_val_t alignment, const nothrow_t& /*tag*/) noexcept {
  return take(bytes, static_cast<size_t>(alignment));
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete(void* memory, const nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete[](void* memory, const nothrow_t& /*tag*/) noexcept { std::free(memory); }
void operator delete(void* memory, align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete[](void* memory, align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/, align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t /*bytes*/, align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, align_val_t /*alignment*/, const nothrow_t& /*tag*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, align_val_t /*alignment*/, const nothrow_t& /*tag*/) noexcept {
  std::free(memory);
}
