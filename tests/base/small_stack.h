// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <cstddef>
#include <exception>
#include <functional>

namespace sheaf::base {

// Runs `act` on a thread whose stack holds 256 KiB, where a recursion over the 100,000 levels of a
// deep tree does not fit. Rethrows what `act` throws; false when there was no such thread.
[[nodiscard]] inline bool run_on_small_stack(const std::function<void()>& act) {
  struct Job {
    const std::function<void()>* act;
    std::exception_ptr thrown;
  };
  Job job{&act, nullptr};
  const auto run = [](void* argument) -> void* {
    auto* mine = static_cast<Job*>(argument);
    try {
      (*mine->act)();
    } catch (...) {
      mine->thrown = std::current_exception();
    }
    return nullptr;
  };
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{256} << 10U);
  pthread_t thread{};
  const bool started = pthread_create(&thread, &attributes, run, &job) == 0;
  if (started) pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  if (job.thrown) std::rethrow_exception(job.thrown);
  return started;
}

}  // namespace sheaf::base
