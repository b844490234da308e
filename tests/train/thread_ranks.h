// SPDX-License-Identifier: Apache-2.0
//
// Ranks of a training that are threads of one process.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "sheaf/train/communicator.h"

namespace sheaf::test {

// What ranks have sent each other and not taken yet.
class Mail {
 public:
  void put(std::uint32_t from, std::uint32_t to, std::span<const std::byte> bytes) {
    const std::scoped_lock lock(mutex_);
    auto& box = boxes_[{from, to}];
    box.insert(box.end(), bytes.begin(), bytes.end());
    arrived_.notify_all();
  }
  void take(std::uint32_t from, std::uint32_t to, std::span<std::byte> bytes) {
    std::unique_lock lock(mutex_);
    auto& box = boxes_[{from, to}];
    arrived_.wait(lock, [&] { return box.size() >= bytes.size(); });
    const auto end = box.begin() + static_cast<std::ptrdiff_t>(bytes.size());
    std::copy(box.begin(), end, bytes.begin());
    box.erase(box.begin(), end);
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::byte>> boxes_;
};

class ThreadRank final : public train::Communicator {
 public:
  ThreadRank(std::uint32_t rank, std::uint32_t size, Mail& mail)
      : rank_(rank), size_(size), mail_(mail) {}
  [[nodiscard]] std::uint32_t rank() const override { return rank_; }
  [[nodiscard]] std::uint32_t size() const override { return size_; }
  void exchange(std::uint32_t partner, std::span<const std::byte> mine,
                std::span<std::byte> theirs) override {
    mail_.put(rank_, partner, mine);
    mail_.take(partner, rank_, theirs);
  }

 private:
  std::uint32_t rank_;
  std::uint32_t size_;
  Mail& mail_;
};

// Calls `work(ThreadRank&)` on as many threads; returns when all have ended.
template <typename Work>
void run_ranks(std::uint32_t ranks, const Work& work) {
  Mail mail;
  std::vector<std::thread> threads;
  for (std::uint32_t r = 0; r < ranks; ++r) {
    threads.emplace_back([&mail, &work, r, ranks] {
      ThreadRank communicator(r, ranks, mail);
      work(communicator);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace sheaf::test
