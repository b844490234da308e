// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace sheaf::base {

// A thread that does one job beside its owner: what comes next is prepared while this runs. For one
// owner.
class Background {
 public:
  Background();
  // Waits for the job that is running.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Begins `job`. The job before must have been waited for (InternalError otherwise).
  void start(std::function<void()> job);

  // Until the job is done; throws what it threw. Returns at once when none was started.
  void wait();

 private:
  void work();

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::function<void()> job_;
  bool busy_ = false;
  bool stop_ = false;
  std::exception_ptr fault_;

  std::jthread worker_;  // last: it ends before the rest goes
};

}  // namespace sheaf::base
