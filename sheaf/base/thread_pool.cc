// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/thread_pool.h"

#include <string>
#include <system_error>
#include <utility>

#include "sheaf/base/error.h"

namespace sheaf::base {
namespace {

// Looks at a counter before a thread sleeps: some 50 us on x86 of 2020 and later. Waking a sleeper
// takes 5 to 25 us, so that shorter waits would cost more than they save.
constexpr int kLooks = 4096;

void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// Takes one from `count`; false when it is 0. The number before it is left in `before`.
bool take_one(std::atomic<std::size_t>& count, std::size_t& before) noexcept {
  before = count.load(std::memory_order_relaxed);
  while (before > 0) {
    // A thread may come here late and take a chunk of a later call: that is as good as any other.
    if (count.compare_exchange_weak(before, before - 1, std::memory_order_acq_rel,
                                    std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

}  // namespace

ThreadPool::ThreadPool(std::uint32_t threads) : threads_(threads) {
  if (threads == 0 || threads > kMaxThreads) {
    throw UsageError({.place = "threads",
                      .what = "number of threads",
                      .got = std::to_string(threads),
                      .expected = "1 to " + std::to_string(kMaxThreads)});
  }
  workers_.reserve(threads - 1);
  try {
    for (std::uint32_t t = 1; t < threads; ++t) workers_.emplace_back([this, t] { work(t); });
  } catch (const std::system_error&) {
    threads_ = static_cast<std::uint32_t>(workers_.size()) + 1;  // as many as the system gives
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begun_.notify_all();
}

void ThreadPool::run(const Job& job, std::size_t chunks) {
  if (chunks == 0) return;
  if (taken_.exchange(true, std::memory_order_acquire)) {
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) job.call(job.context, chunk, threads_);
    return;
  }
  job_ = job;
  chunks_ = chunks;
  unfinished_.store(chunks, std::memory_order_relaxed);
  unclaimed_.store(chunks, std::memory_order_seq_cst);
  // Sequential consistency: either this sees the sleeper, or the sleeper sees the chunks.
  if (chunks > 1 && sleepers_.load(std::memory_order_seq_cst) > 0) {
    { const std::lock_guard lock(mutex_); }
    begun_.notify_all();
  }
  run_chunks(0);
  wait_until_done();
  const std::exception_ptr fault = std::exchange(fault_, nullptr);
  taken_.store(false, std::memory_order_release);
  if (fault) std::rethrow_exception(fault);
}

void ThreadPool::run_chunks(std::uint32_t thread) noexcept {
  std::size_t before = 0;
  while (take_one(unclaimed_, before)) {
    run_chunk(chunks_ - before, thread);
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1 && thread != 0) {
      { const std::lock_guard lock(mutex_); }  // the caller is before its last look, or asleep
      done_.notify_one();
    }
  }
}

void ThreadPool::run_chunk(std::size_t chunk, std::uint32_t thread) noexcept {
  try {
    job_.call(job_.context, chunk, thread);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (fault_ && faulty_chunk_ < chunk) return;
    fault_ = std::current_exception();
    faulty_chunk_ = chunk;
  }
}

void ThreadPool::wait_until_done() {
  const auto done = [&] { return unfinished_.load(std::memory_order_acquire) == 0; };
  for (int look = 0; look < kLooks; ++look) {
    if (done()) return;
    relax();
  }
  std::unique_lock lock(mutex_);
  done_.wait(lock, done);
}

bool ThreadPool::wait_for_chunks() {
  const auto begun = [&] {
    return unclaimed_.load(std::memory_order_seq_cst) > 0 || stop_.load(std::memory_order_relaxed);
  };
  for (int look = 0; look < kLooks; ++look) {
    if (begun()) return !stop_.load(std::memory_order_relaxed);
    relax();
  }
  std::unique_lock lock(mutex_);
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  begun_.wait(lock, begun);
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
  return !stop_.load(std::memory_order_relaxed);
}

void ThreadPool::work(std::uint32_t thread) noexcept {
  while (wait_for_chunks()) run_chunks(thread);
}

}  // namespace sheaf::base
