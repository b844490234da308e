// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/clock.h"

#include <gtest/gtest.h>

#include <thread>

namespace sheaf::base {
namespace {

// Reads the clock until it has moved, so that a clock that stands still makes the test hang and one
// that goes back makes it fail.
void expect_moves_forward_only(const Clock& clock) {
  const std::uint64_t first = clock.now_ns();
  std::uint64_t before = first;
  while (before == first) {
    const std::uint64_t now = clock.now_ns();
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(WallClock, NeverGoesBackAndMoves) { expect_moves_forward_only(WallClock()); }

TEST(ThreadCpuClock, NeverGoesBackAndMoves) { expect_moves_forward_only(ThreadCpuClock()); }

TEST(ThreadCpuClock, CountsTheCallingThreadOnly) {
  const ThreadCpuClock clock;
  constexpr std::uint64_t kBusyNs = 20'000'000;
  while (clock.now_ns() < kBusyNs) {
  }
  std::uint64_t of_new_thread = 0;
  std::thread([&] { of_new_thread = clock.now_ns(); }).join();
  EXPECT_LT(of_new_thread, kBusyNs);
}

}  // namespace
}  // namespace sheaf::base
