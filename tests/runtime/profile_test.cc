// SPDX-License-Identifier: Apache-2.0
#include "sheaf/runtime/profile.h"

#include <gtest/gtest.h>

#include "sheaf/runtime/executor.h"
#include "tests/graph/small_network.h"

namespace sheaf::runtime {
namespace {

// Goes on by one whenever it is read.
class CountingClock final : public base::Clock {
 public:
  [[nodiscard]] std::uint64_t now_ns() const override { return ++now_; }
  mutable std::uint64_t now_ = 0;
};

class IdleBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "idle"; }
  [[nodiscard]] Support supports(const memory_plan::CompiledCell& /*cell*/) const override {
    return {};
  }
  void prepare(const graph::Network& /*network*/,
               const memory_plan::CompiledNetwork& /*compiled*/) override {}
  void reserve(memory_plan::Offset /*floats*/) override {}
  void run(const memory_plan::MemoryPlan& /*plan*/,
           const memory_plan::BatchPlan& /*batch*/) noexcept override {}
  [[nodiscard]] std::span<const float> read(memory_plan::Offset /*offset*/,
                                            std::size_t /*floats*/) const override {
    return {};
  }
};

class ProfileTest : public testing::Test {
 protected:
  // Two batches of a type without inputs.
  [[nodiscard]] static memory_plan::MemoryPlan plan() {
    memory_plan::MemoryPlan plan;
    plan.batches = {{0, 3, 0, 0, 0}, {0, 2, 3, 0, 1}};
    return plan;
  }

  const graph::SmallNetwork small_{};
  const graph::Network& network_ = small_.network;
  const CountingClock clock_{};
};

TEST_F(ProfileTest, ExecuteRecordsASlicePerBatchBetweenTwoReadingsOfTheClock) {
  Profile profile(network_, clock_);
  IdleBackend backend;
  execute(plan(), 0, backend, &profile);
  ASSERT_EQ(profile.batches().size(), 2U);
  EXPECT_EQ(profile.batches()[0].rows, 3U);
  EXPECT_EQ(profile.batches()[0].begin_ns, 1U);
  EXPECT_EQ(profile.batches()[0].end_ns, 2U);
  EXPECT_EQ(profile.batches()[1].rows, 2U);
  EXPECT_EQ(profile.batches()[1].begin_ns, 3U);
  EXPECT_EQ(profile.batches()[1].end_ns, 4U);
}

TEST_F(ProfileTest, ExecuteWithoutAProfileReadsNoClock) {
  IdleBackend backend;
  execute(plan(), 0, backend);
  EXPECT_EQ(clock_.now_, 0U);
}

TEST_F(ProfileTest, TimerRecordsAStageOfTheMinibatchThatHasBegun) {
  Profile profile(network_, clock_);
  profile.begin_minibatch(7);
  { const StageTimer timer(&profile, Stage::plan); }
  ASSERT_EQ(profile.stages().size(), 1U);
  EXPECT_EQ(profile.stages()[0].stage, Stage::plan);
  EXPECT_EQ(profile.stages()[0].minibatch, 7U);
  EXPECT_EQ(profile.stages()[0].begin_ns, 1U);
  EXPECT_EQ(profile.stages()[0].end_ns, 2U);
}

TEST_F(ProfileTest, TimerWithoutAProfileDoesNothing) {
  { const StageTimer timer(nullptr, Stage::plan); }
  EXPECT_EQ(clock_.now_, 0U);
}

TEST_F(ProfileTest, CountsWhatItHasNoRoomFor) {
  Profile profile(network_, clock_, 3);
  for (std::uint64_t i = 0; i < 2; ++i) profile.add_stage(Stage::read, i, i + 1);
  IdleBackend backend;
  execute(plan(), 0, backend, &profile);
  profile.add_stage(Stage::read, 9, 10);
  EXPECT_EQ(profile.stages().size(), 2U);
  EXPECT_EQ(profile.batches().size(), 1U);
  EXPECT_EQ(profile.dropped(), 2U);
}

}  // namespace
}  // namespace sheaf::runtime
