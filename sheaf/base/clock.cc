// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/clock.h"

#include <ctime>

namespace sheaf::base {
namespace {

std::uint64_t read(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(t.tv_nsec);
}

}  // namespace

std::uint64_t ThreadCpuClock::now_ns() const { return read(CLOCK_THREAD_CPUTIME_ID); }

std::uint64_t WallClock::now_ns() const { return read(CLOCK_MONOTONIC); }

}  // namespace sheaf::base
