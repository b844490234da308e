// SPDX-License-Identifier: Apache-2.0
//
// Instances that look at their values and go on.
#include "sheaf/engine/growing.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/nn/cells.h"
#include "sheaf/nn/model.h"
#include "tests/allocations.h"
#include "tests/message_of.h"

namespace sheaf::engine {
namespace {

using graph::Operand;

constexpr std::uint32_t kHidden = 20;
constexpr std::uint32_t kWords = 7;
using Words = std::vector<std::uint32_t>;

// A walk: a step reads the word that the one before chose; word 0 ends it.
struct Walker {
  Walker() {
    graph::CellBuilder cell("step");
    const auto x = cell.lookup("table", kHidden);
    const auto h = cell.repeated_input("h", kHidden);
    cell.output(tanh(cell.affine(kHidden, {{"W", x}, {"U", h}}, "b")));
    network.parameters().declare("table", {kWords, kHidden});
    step = network.add_type("step", std::make_shared<const graph::Cell>(cell.build()),
                            {{"table", "table"}});
    head = network.add_type("head", nn::classifier("head", kHidden, kWords));
    nn::initialise(network.parameters(), 3, nn::Vocabulary{});
    // Large weights: walks differ.
    for (graph::ParameterId id = 0; id < network.parameters().size(); ++id) {
      for (float& value : network.parameters().change(id)) value *= 30;
    }
  }

  graph::Network network;
  graph::TypeId step, head;
};

struct Walk {
  Words words;
  std::vector<float> values;  // all that it saw
  friend bool operator==(const Walk&, const Walk&) = default;
};

constexpr std::size_t kLongest = 12;

Growth walk(Growing& growing, const Walker& walker, std::uint32_t first, Walk& walk) {
  graph::Graph& graph = growing.graph();
  Operand state = {graph.add(walker.step, {}, first % kWords)};
  // Some begin with a chain.
  for (std::uint32_t i = 0; i < first / kWords; ++i) {
    state = {graph.add(walker.step, {state}, first % kWords)};
  }
  while (walk.words.size() < kLongest) {
    const Operand head = {graph.add(walker.head, {state})};
    const auto row = co_await growing.values(head);
    walk.values.insert(walk.values.end(), row.begin(), row.end());
    const auto h = growing.read(state);
    walk.values.insert(walk.values.end(), h.begin(), h.end());
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    if (best == 0) co_return;
    walk.words.push_back(static_cast<std::uint32_t>(best));
    state = {graph.add(walker.step, {state}, walk.words.back())};
  }
}

std::vector<Walk> walk_all(const Walker& walker, Growing& growing, std::uint32_t count,
                           GrowingReport* report = nullptr) {
  std::vector<Walk> walks(count);
  const GrowingReport done = growing.run(
      count, [&](std::uint32_t index) { return walk(growing, walker, index, walks[index]); });
  if (report != nullptr) *report = done;
  return walks;
}

TEST(Growing, WhatAnInstanceReadsDoesNotDependOnWhoElseWaits) {
  const Walker walker;
  constexpr std::uint32_t kCount = 40;
  Growing alone(walker.network, {.most_alive = 1});
  const std::vector<Walk> wanted = walk_all(walker, alone, kCount);
  std::size_t longest = 0;
  std::size_t shortest = kLongest;
  for (const Walk& one : wanted) {
    longest = std::max(longest, one.words.size());
    shortest = std::min(shortest, one.words.size());
  }
  ASSERT_LT(shortest, longest) << "walks go apart";
  for (const char* policy : {"critical", "sufficient", "agenda", "depth", "single"}) {
    Options options;
    options.policy = policy;
    options.verify = true;
    Growing together(walker.network, {.most_alive = kCount}, options);
    EXPECT_EQ(walk_all(walker, together, kCount), wanted) << policy;
  }
  for (const GrowingOptions options :
       {GrowingOptions{.most_alive = 7}, GrowingOptions{.most_alive = 7, .refill = 7},
        GrowingOptions{.most_alive = 9, .refill = 1},
        GrowingOptions{.most_alive = 9, .most_bytes = 1}}) {
    Growing some(walker.network, options);
    EXPECT_EQ(walk_all(walker, some, kCount), wanted) << options.most_alive;
  }
}

TEST(Growing, InstancesThatWaitShareBatches) {
  const Walker walker;
  constexpr std::uint32_t kCount = kWords;
  Growing alone(walker.network, {.most_alive = 1});
  Growing together(walker.network, {.most_alive = kCount});
  GrowingReport one_by_one;
  GrowingReport at_once;
  const auto walks = walk_all(walker, alone, kCount, &one_by_one);
  static_cast<void>(walk_all(walker, together, kCount, &at_once));
  std::size_t longest = 0;
  for (const Walk& one : walks) longest = std::max(longest, one.values.size());
  longest /= kWords + kHidden;  // times that it waited
  EXPECT_EQ(at_once.steps, longest);
  EXPECT_EQ(at_once.batches, 2 * longest);  // a step and a head each
  EXPECT_EQ(at_once.calls, one_by_one.calls);
  EXPECT_EQ(one_by_one.batches, at_once.calls[walker.step] + at_once.calls[walker.head]);
  EXPECT_EQ(at_once.most_alive, kCount);
  EXPECT_EQ(one_by_one.most_alive, 1U);
  EXPECT_EQ(at_once.clears, 1U);
  EXPECT_EQ(one_by_one.clears, kCount);
}

TEST(Growing, BoundsHowManyAreAlive) {
  const Walker walker;
  Growing growing(walker.network, {.most_alive = 5, .refill = 2});
  std::uint32_t begun = 0;
  std::vector<Walk> walks(30);
  const GrowingReport report = growing.run(30, [&](std::uint32_t index) {
    EXPECT_EQ(index, begun++);
    EXPECT_LE(growing.frames().in_use(), 4U);
    return walk(growing, walker, index, walks[index]);
  });
  EXPECT_EQ(begun, 30U);
  EXPECT_EQ(report.instances, 30U);
  EXPECT_EQ(report.most_alive, 5U);
  EXPECT_EQ(growing.frames().in_use(), 0U);
}

TEST(Growing, ClearsTheGraphWhereValuesTakeTooMuch) {
  const Walker walker;
  Growing free(walker.network, {.most_alive = 8, .refill = 1});
  GrowingReport all;
  static_cast<void>(walk_all(walker, free, 200, &all));
  Growing bounded(walker.network, {.most_alive = 8, .refill = 1, .most_bytes = all.most_bytes / 8});
  GrowingReport less;
  static_cast<void>(walk_all(walker, bounded, 200, &less));
  EXPECT_LT(less.most_bytes, all.most_bytes / 2);
  EXPECT_GT(less.clears, all.clears);
  EXPECT_EQ(bounded.graph().size(), 0U);
}

TEST(Growing, FramesComeFromThePoolOnceItIsFilled) {
  const Walker walker;
  Options options;
  options.verify = false;  // which takes memory
  Growing growing(walker.network, {.most_alive = 10}, options);
  std::vector<Walk> walks = walk_all(walker, growing, 30);
  const std::size_t blocks = growing.frames().blocks();
  EXPECT_EQ(blocks, 1U);
  for (Walk& one : walks) {  // room for what it will see again
    one.words.clear();
    one.values.clear();
  }
  const auto start = [&](std::uint32_t index) {
    return walk(growing, walker, index, walks[index]);
  };
  const Growing::Start again = start;
  static_cast<void>(growing.run(30, again));
  for (Walk& one : walks) {
    one.words.clear();
    one.values.clear();
  }
  const std::uint64_t before = test::allocations();
  const GrowingReport report = growing.run(30, again);
  // The counts of the report are the only thing that is allocated.
  EXPECT_EQ(test::allocations() - before, 1U);
  EXPECT_GT(report.steps, 5U);
  EXPECT_EQ(growing.frames().blocks(), blocks);
}

TEST(Growing, AValueThatIsThereIsNotWaitedFor) {
  const Walker walker;
  Growing growing(walker.network);
  const auto look_twice = [&walker](Growing& own) -> Growth {
    const Operand head = {own.graph().add(walker.head, {{own.graph().add(walker.step, {}, 1)}})};
    const auto row = co_await own.values(head);
    const std::vector<float> first(row.begin(), row.end());
    const auto again = co_await own.values(head);
    EXPECT_TRUE(std::equal(first.begin(), first.end(), again.begin(), again.end()));
  };
  const GrowingReport report =
      growing.run(3, [&](std::uint32_t /*index*/) { return look_twice(growing); });
  EXPECT_EQ(report.steps, 1U);
}

TEST(Growing, InstancesMayEndWithoutWaiting) {
  const Walker walker;
  Growing growing(walker.network, {.most_alive = 4});
  std::uint32_t ended = 0;
  const auto end_at_once = [&ended](Growing& /*own*/) -> Growth {
    ++ended;
    co_return;
  };
  const GrowingReport report =
      growing.run(100, [&](std::uint32_t /*index*/) { return end_at_once(growing); });
  EXPECT_EQ(ended, 100U);
  EXPECT_EQ(report.steps, 0U);
}

// Counts itself while it is there.
class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  int& count_;
};

TEST(Growing, WhatAnInstanceThrowsEndsTheRunAndNothingLeaks) {
  const Walker walker;
  Growing growing(walker.network, {.most_alive = 6});
  int there = 0;
  const auto may_fail = [&](Growing& own, std::uint32_t index, std::uint32_t round) -> Growth {
    const Counted counted(there);
    Operand state = {own.graph().add(walker.step, {}, 1)};
    for (std::uint32_t i = 0; i < 4; ++i) {
      if (index == 4 && i == round) throw base::DataError({.place = "x", .what = "y"});
      static_cast<void>(co_await own.values(state));
      state = {own.graph().add(walker.step, {state}, 1)};
    }
  };
  for (const std::uint32_t round : {0U, 2U}) {  // before it waits, and after
    EXPECT_THROW(
        growing.run(9, [&](std::uint32_t index) { return may_fail(growing, index, round); }),
        base::DataError);
    EXPECT_EQ(there, 0);
    EXPECT_EQ(growing.frames().in_use(), 0U);
    EXPECT_EQ(growing.graph().size(), 0U);
  }
  Growing fresh(walker.network, {.most_alive = 6});
  EXPECT_EQ(walk_all(walker, growing, 9), walk_all(walker, fresh, 9)) << "it can go on";
}

TEST(Growing, ANodeThatDoesNotFitEndsTheRun) {
  const Walker walker;
  Growing growing(walker.network);
  const auto misfit = [&walker](Growing& own) -> Growth {
    const Operand head = {own.graph().add(walker.head, {})};
    static_cast<void>(co_await own.values(head));
  };
  EXPECT_THROW(growing.run(2, [&](std::uint32_t /*index*/) { return misfit(growing); }),
               base::InternalError);
  EXPECT_EQ(growing.frames().in_use(), 0U);
}

TEST(Growing, OneInstanceCannotReadAnother) {
  const Walker walker;
  Growing growing(walker.network);
  const auto reader = [&walker](Growing& own) -> Growth {
    const graph::NodeId step = own.graph().add(walker.step, {}, 1);
    const Operand head = {own.graph().add(walker.head, {{step > 0 ? 0 : step}})};
    static_cast<void>(co_await own.values(head));
  };
  EXPECT_THROW(growing.run(2, [&](std::uint32_t /*index*/) { return reader(growing); }),
               base::InternalError);
}

TEST(Growing, RefusesOptionsWithoutSense) {
  const Walker walker;
  EXPECT_EQ(test::message_of<base::UsageError>(
                [&] { Growing growing(walker.network, {.most_alive = 0}); }),
            "[growing] instances alive: got 0, expected 1 or more");
  EXPECT_EQ(test::message_of<base::UsageError>(
                [&] { Growing growing(walker.network, {.most_alive = 3, .refill = 4}); }),
            "[growing] free places before more begin: got 4, expected at most the 3 that there "
            "are");
}

TEST(FramePool, HandsOutAgainWhatCameBackBySize) {
  FramePool pool;
  void* small = pool.take(100);
  void* large = pool.take(1000);
  EXPECT_EQ(pool.in_use(), 2U);
  EXPECT_EQ(pool.blocks(), 2U);
  pool.give_back(small, 100);
  EXPECT_NE(pool.take(900), small);
  EXPECT_EQ(pool.take(128), small);  // rounded up to the same
  pool.give_back(large, 1000);
  EXPECT_EQ(pool.take(1000), large);
  EXPECT_EQ(pool.blocks(), 3U);
}

TEST(FramePool, FramesAreAlignedAndApart) {
  FramePool pool;
  std::vector<std::uintptr_t> frames;
  for (int i = 0; i < 40; ++i) frames.push_back(reinterpret_cast<std::uintptr_t>(pool.take(90)));
  std::sort(frames.begin(), frames.end());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i] % alignof(std::max_align_t), 0U);
    if (i > 0) {
      EXPECT_GE(frames[i] - frames[i - 1], 90U);
    }
  }
}

}  // namespace
}  // namespace sheaf::engine
