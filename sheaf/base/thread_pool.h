// SPDX-License-Identifier: Apache-2.0
//
// Work shared between the calling thread and a few workers.
//
// The caller claims chunks like any worker, so a worker that the system has taken off its processor
// costs nothing but the chunk that it holds, and a pool whose workers never get to run is a loop in
// the caller. Workers look for work for some 50 us after the last, then sleep. Nothing is allocated
// per call. Which thread ran a chunk must not show in the results: chunks write to places of their
// own, and how the work is cut must not depend on threads().
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace sheaf::base {

class ThreadPool {
 public:
  // `threads` counts the caller: 1 starts no thread. Throws UsageError for 0 and over kMaxThreads.
  explicit ThreadPool(std::uint32_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] std::uint32_t threads() const noexcept { return threads_; }

  // Calls body(chunk, thread) for every chunk below `chunks`, in any order, and returns when all
  // are done; `thread` is below threads() and names scratch memory that only this thread uses. What
  // chunks throw is kept until all are done; then that of the lowest chunk is thrown. A call from
  // within a chunk, or while another thread's call is under way, is a loop in the caller, with
  // threads() for `thread`.
  template <typename Body>
  void parallel_for(std::size_t chunks, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    run({[](const void* context, std::size_t chunk, std::uint32_t thread) {
           (*const_cast<Plain*>(static_cast<const Plain*>(context)))(chunk, thread);
         },
         std::addressof(body)},
        chunks);
  }

  static constexpr std::uint32_t kMaxThreads = 256;

 private:
  struct Job {
    void (*call)(const void* context, std::size_t chunk, std::uint32_t thread) = nullptr;
    const void* context = nullptr;
  };

  void run(const Job& job, std::size_t chunks);
  void run_chunks(std::uint32_t thread) noexcept;
  void run_chunk(std::size_t chunk, std::uint32_t thread) noexcept;
  void wait_until_done();
  [[nodiscard]] bool wait_for_chunks();
  void work(std::uint32_t thread) noexcept;

  std::uint32_t threads_;
  std::atomic<bool> taken_ = false;  // a call is under way
  // Written between two calls only, read by threads that hold a chunk.
  Job job_;
  std::size_t chunks_ = 0;

  alignas(64) std::atomic<std::size_t> unclaimed_ = 0;  // chunks that nobody has begun
  alignas(64) std::atomic<std::size_t> unfinished_ = 0;

  alignas(64) std::mutex mutex_;  // of what follows
  std::condition_variable begun_;
  std::condition_variable done_;
  std::atomic<std::uint32_t> sleepers_ = 0;
  std::atomic<bool> stop_ = false;
  std::exception_ptr fault_;
  std::size_t faulty_chunk_ = 0;

  std::vector<std::jthread> workers_;  // last: they end before the rest goes
};

}  // namespace sheaf::base
