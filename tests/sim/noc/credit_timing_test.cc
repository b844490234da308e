// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/noc/credit_timing.h"

#include <gtest/gtest.h>

#include "sheaf/sim/noc/network.h"

namespace sheaf::sim::noc {
namespace {

TEST(CreditTiming, LongBuffersHoldNobodyUp) {
  const CreditTiming timing = credit_timing({}, 4, 5);
  EXPECT_EQ(timing.source_cycles, 4);
  EXPECT_EQ(timing.busy_source_cycles, 4);
  EXPECT_EQ(timing.channel_cycles, 6);  // RC, VA and four flits
  EXPECT_EQ(credit_timing({.look_ahead = true}, 4, 5).channel_cycles, 5);
  EXPECT_EQ(credit_timing({}, 100, 5).source_cycles, 100);
}

TEST(CreditTiming, OneFlitPerBufferWaitsForItsCredit) {
  const target::MeshRouter router{.vcs = 1, .buffer_flits = 1};
  EXPECT_EQ(credit_timing(router, 1, 5).channel_cycles, 8);
  EXPECT_EQ(credit_timing({.buffer_flits = 1, .look_ahead = true}, 1, 5).channel_cycles, 7);
  EXPECT_EQ(credit_timing(router, 1, 5).busy_source_cycles, 8);
  // The second flit leaves the source when the first has won the switch, 6 cycles later.
  EXPECT_EQ(credit_timing(router, 2, 5).source_cycles, 7);
}

// The slowest virtual channel of the row is what its only one lets through.
TEST(CreditTiming, OneVirtualChannelPassesWhatTheCycleLevelModelDoes) {
  for (const std::uint32_t depth : {1U, 2U, 3U, 4U, 8U}) {
    for (const std::uint32_t flits : {1U, 2U, 4U, 7U}) {
      const CreditTiming timing = credit_timing({.vcs = 1, .buffer_flits = depth}, flits, 3);
      EXPECT_NEAR(timing.channel_cycles, timing.busy_source_cycles, 0.1 * timing.channel_cycles)
          << depth << " " << flits;
    }
  }
}

}  // namespace
}  // namespace sheaf::sim::noc
