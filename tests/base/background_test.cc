// SPDX-License-Identifier: Apache-2.0
#include "sheaf/base/background.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::base {
namespace {

TEST(Background, DoesItsJobsInAnotherThreadOneAfterTheOther) {
  Background background;
  int done = 0;  // not atomic: wait() orders the jobs and the reads
  for (int job = 0; job < 1000; ++job) {
    background.start([&done, here = std::this_thread::get_id()] {
      if (std::this_thread::get_id() != here) ++done;
    });
    background.wait();
    ASSERT_EQ(done, job + 1);
  }
}

TEST(Background, WaitReturnsAtOnceWhereNothingWasStarted) { Background().wait(); }

TEST(Background, WaitThrowsWhatTheJobThrewAndForgetsIt) {
  Background background;
  background.start([] { throw std::runtime_error("lost"); });
  EXPECT_EQ(test::message_of<std::runtime_error>([&] { background.wait(); }), "lost");
  bool done = false;
  background.start([&] { done = true; });
  background.wait();
  EXPECT_TRUE(done);
}

TEST(Background, EndsAfterTheJobThatNobodyWaitedFor) {
  bool done = false;
  {
    Background background;
    background.start([&] { done = true; });
  }
  EXPECT_TRUE(done);
}

TEST(Background, RefusesASecondJobBeforeTheFirstWasWaitedFor) {
  Background background;
  background.start([] { throw std::runtime_error("lost"); });
  EXPECT_EQ(test::message_of<InternalError>([&] { background.start([] {}); }),
            "[background] a job is begun before the last was waited for");
}

}  // namespace
}  // namespace sheaf::base
