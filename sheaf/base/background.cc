// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/background.h"

#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::base {

Background::Background() : worker_([this] { work(); }) {}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
}

void Background::start(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    check(!busy_ && !fault_, "background", "a job is begun before the last was waited for");
    job_ = std::move(job);
    busy_ = true;
  }
  changed_.notify_all();
}

void Background::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !busy_; });
  if (const auto fault = std::exchange(fault_, nullptr)) std::rethrow_exception(fault);
}

void Background::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return busy_ || stop_; });
    if (!busy_) return;
    const auto job = std::move(job_);
    lock.unlock();
    std::exception_ptr fault;
    try {
      job();
    } catch (...) {
      fault = std::current_exception();
    }
    lock.lock();
    fault_ = fault;
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace sheaf::base
