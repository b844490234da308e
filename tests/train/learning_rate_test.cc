// SPDX-License-Identifier: Apache-2.0
#include "sheaf/train/learning_rate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::train {
namespace {

TEST(LearningRate, ConstantStays) {
  const LearningRate rate = parse_learning_rate("constant", 0.25, 10);
  for (const std::uint64_t t : {0U, 1U, 9U, 10U, 1000U}) EXPECT_EQ(rate_at(rate, t), 0.25);
}

TEST(LearningRate, EveryScheduleWarmsUpLinearlyToTheBase) {
  for (const char* text : {"constant:warmup=4", "step:every=5,warmup=4", "cosine:warmup=4",
                           "linear:warmup=4", "inverse_sqrt:warmup=4"}) {
    const LearningRate rate = parse_learning_rate(text, 2, 100);
    EXPECT_EQ(rate_at(rate, 0), 0.5) << text;
    EXPECT_EQ(rate_at(rate, 1), 1) << text;
    EXPECT_EQ(rate_at(rate, 3), 2) << text;
    EXPECT_NEAR(rate_at(rate, 4), 2, 0.25) << text;
  }
}

TEST(LearningRate, StepFallsByTheFactor) {
  const LearningRate rate = parse_learning_rate("step:every=3,factor=0.5,warmup=2", 1, 0);
  EXPECT_EQ(rate_at(rate, 4), 1);
  EXPECT_EQ(rate_at(rate, 5), 0.5);
  EXPECT_EQ(rate_at(rate, 7), 0.5);
  EXPECT_EQ(rate_at(rate, 8), 0.25);
}

TEST(LearningRate, CosineGoesThroughTheMiddleToItsEnd) {
  const LearningRate rate = parse_learning_rate("cosine:warmup=10,end=0.1", 1, 110);
  EXPECT_EQ(rate_at(rate, 10), 1);
  EXPECT_NEAR(rate_at(rate, 60), 0.55, 1e-12);
  EXPECT_NEAR(rate_at(rate, 35), 0.1 + 0.9 * (1 + std::sqrt(0.5)) / 2, 1e-12);
  EXPECT_EQ(rate_at(rate, 110), 0.1);
  EXPECT_EQ(rate_at(rate, 1'000'000), 0.1);
}

TEST(LearningRate, LinearFallsToItsEnd) {
  const LearningRate rate = parse_learning_rate("linear", 1, 100);
  EXPECT_EQ(rate_at(rate, 0), 1);
  EXPECT_EQ(rate_at(rate, 25), 0.75);
  EXPECT_EQ(rate_at(rate, 100), 0);
  EXPECT_EQ(rate_at(rate, 200), 0);
}

TEST(LearningRate, InverseSquareRootIsTheBaseAtTheEndOfTheWarmUp) {
  const LearningRate rate = parse_learning_rate("inverse_sqrt:warmup=100", 1, 0);
  EXPECT_EQ(rate_at(rate, 99), 1);
  EXPECT_NEAR(rate_at(rate, 399), 0.5, 1e-12);
  EXPECT_EQ(rate_at(parse_learning_rate("inverse_sqrt", 1, 0), 3), 0.5);
}

TEST(LearningRate, TextReadsBackAsTheSameSchedule) {
  for (const char* text :
       {"constant", "constant:warmup=7", "step:every=5,factor=0.3", "cosine:end=0.001",
        "cosine:updates=40", "linear:warmup=3,updates=9", "inverse_sqrt:warmup=4000"}) {
    const LearningRate rate = parse_learning_rate(text, 0.3, 77);
    EXPECT_EQ(parse_learning_rate(to_string(rate), 0.3, 1), rate) << text << " " << to_string(rate);
  }
  EXPECT_EQ(to_string(parse_learning_rate("cosine:warmup=3", 0.3, 77)),
            "cosine:warmup=3,updates=77,end=0");
}

std::string message(const char* text, double base = 1, std::uint64_t updates = 10) {
  return test::message_of<base::UsageError>(
      [&] { (void)parse_learning_rate(text, base, updates); });
}

TEST(LearningRate, MessagesOfTextsThatMakeNoSense) {
  EXPECT_EQ(message("cosin"),
            "[learning rate] unknown schedule: got 'cosin'; did you mean 'cosine'?");
  EXPECT_EQ(message("constant:warmpu=3"),
            "[learning rate] unknown key: got 'warmpu'; did you mean 'warmup'?");
  EXPECT_EQ(message("constant:warmup=-3"),
            "[learning rate] warmup: got '-3', expected a count of updates");
  EXPECT_EQ(message("constant:warmup"),
            "[learning rate] warmup: got '', expected a count of updates");
  EXPECT_EQ(message("step:every=2,factor=x"), "[learning rate] factor: got 'x', expected a number");
  EXPECT_EQ(message("step"),
            "[learning rate] every: got 0, expected how many updates to a step, step:every=1000 "
            "for instance");
  EXPECT_EQ(message("linear:warmup=10"),
            "[learning rate] updates: got 10, expected more than those of the warm-up");
  EXPECT_EQ(message("constant", -1),
            "[learning rate] rate: got -1, expected a finite number, not negative");
  EXPECT_EQ(message("constant", std::nan("")),
            "[learning rate] rate: got nan, expected a finite number, not negative");
}

}  // namespace
}  // namespace sheaf::train
