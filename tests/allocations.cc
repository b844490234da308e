// SPDX-License-Identifier: Apache-2.0
//
// Replaces operator new by one that counts. In a file of its own: the compiler must not see through
// it into the callers.
#include "tests/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> count = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (void* place = std::malloc(bytes > 0 ? bytes : 1)) return place;
  throw std::bad_alloc();
}

void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }

std::uint64_t sheaf::test::allocations() { return count.load(std::memory_order_relaxed); }
