// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "sheaf/base/error.h"
#include "tests/allocations.h"
#include "tests/message_of.h"

namespace sheaf::base {
namespace {

class ThreadPoolOf : public testing::TestWithParam<std::uint32_t> {};

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolOf, testing::Values(1, 2, 3, 4));

TEST_P(ThreadPoolOf, EveryChunkRunsOnce) {
  ThreadPool pool(GetParam());
  for (const std::size_t chunks : {0, 1, 2, 3, 8, 100, 1000}) {
    std::vector<std::atomic<int>> runs(chunks);
    pool.parallel_for(chunks, [&](std::size_t chunk, std::uint32_t) { ++runs[chunk]; });
    for (std::size_t c = 0; c < chunks; ++c) EXPECT_EQ(runs[c], 1) << chunks << " chunks: " << c;
  }
}

// Many short calls after each other, so that workers arrive late, asleep or in the next call.
TEST_P(ThreadPoolOf, ShortCallsAfterEachOtherLoseNothing) {
  ThreadPool pool(GetParam());
  std::vector<std::uint64_t> cells(64, 0);  // not atomic: a chunk that ran twice or late is a race
  std::uint64_t expected = 0;
  for (std::uint64_t call = 0; call < 20'000; ++call) {
    const std::size_t chunks = call % cells.size() + 1;
    pool.parallel_for(chunks, [&](std::size_t chunk, std::uint32_t) { cells[chunk] += call; });
    expected += call * chunks;
    if (call % 2'000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(std::accumulate(cells.begin(), cells.end(), std::uint64_t{0}), expected);
}

TEST_P(ThreadPoolOf, NoTwoChunksShareAThreadNumberAtOnce) {
  ThreadPool pool(GetParam());
  std::vector<std::atomic<int>> inside(GetParam());
  std::atomic<int> collisions = 0;
  pool.parallel_for(2'000, [&](std::size_t, std::uint32_t thread) {
    ASSERT_LT(thread, GetParam());
    if (inside[thread].fetch_add(1) != 0) ++collisions;
    inside[thread].fetch_sub(1);
  });
  EXPECT_EQ(collisions, 0);
}

TEST_P(ThreadPoolOf, WhatTheLowestChunkThrowsIsThrownAfterAllAreDone) {
  ThreadPool pool(GetParam());
  std::atomic<int> done = 0;
  const auto body = [&](std::size_t chunk, std::uint32_t) {
    ++done;
    if (chunk % 7 == 3) throw std::runtime_error(std::to_string(chunk));
  };
  EXPECT_EQ(test::message_of<std::runtime_error>([&] { pool.parallel_for(50, body); }), "3");
  EXPECT_EQ(done, 50);
  pool.parallel_for(3, [&](std::size_t, std::uint32_t) { ++done; });  // the fault is forgotten
  EXPECT_EQ(done, 53);
}

TEST_P(ThreadPoolOf, ACallWithinAChunkRunsThere) {
  ThreadPool pool(GetParam());
  std::atomic<int> inner = 0;
  pool.parallel_for(8, [&](std::size_t, std::uint32_t) {
    const auto here = std::this_thread::get_id();
    pool.parallel_for(5, [&](std::size_t, std::uint32_t thread) {
      EXPECT_EQ(thread, pool.threads());
      EXPECT_EQ(std::this_thread::get_id(), here);
      ++inner;
    });
  });
  EXPECT_EQ(inner, 40);
}

TEST_P(ThreadPoolOf, CallsFromSeveralThreadsAllFinish) {
  ThreadPool pool(GetParam());
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> callers;
    for (int c = 0; c < 3; ++c) {
      callers.emplace_back([&] {
        for (int call = 0; call < 300; ++call) {
          pool.parallel_for(4, [&](std::size_t, std::uint32_t) { ++done; });
        }
      });
    }
  }
  EXPECT_EQ(done, 3 * 300 * 4);
}

TEST_P(ThreadPoolOf, ACallAllocatesNothing) {
  ThreadPool pool(GetParam());
  std::vector<int> cells(16, 0);
  const auto body = [&](std::size_t chunk, std::uint32_t) { ++cells[chunk]; };
  pool.parallel_for(cells.size(), body);
  const std::uint64_t before = test::allocations();
  for (int call = 0; call < 100; ++call) pool.parallel_for(cells.size(), body);
  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(cells, std::vector<int>(16, 101));
}

TEST(ThreadPool, OneThreadRunsChunksInOrder) {
  ThreadPool pool(1);
  std::vector<std::size_t> order;
  pool.parallel_for(5, [&](std::size_t chunk, std::uint32_t) { order.push_back(chunk); });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(ThreadPool, RefusesNoThreads) {
  EXPECT_EQ(test::message_of<Error>([] { ThreadPool pool(0); }),
            "[threads] number of threads: got 0, expected 1 to 256");
}

}  // namespace
}  // namespace sheaf::base
