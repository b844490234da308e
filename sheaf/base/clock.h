// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sheaf::base {

// Where time comes from. Passed in, so that tests can hold it still.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::uint64_t now_ns() const = 0;
};

// Time that the calling thread has spent on a processor: other jobs on the machine drop out.
class ThreadCpuClock final : public Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override;
};

// Time since some fixed point; never goes back.
class WallClock final : public Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override;
};

}  // namespace sheaf::base
