// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/peak.h"

#include <gtest/gtest.h>

#include "sheaf/target/read_chip.h"

namespace sheaf::sim::cost {
namespace {

using Changes = std::vector<std::string>;

Peak peak_of(const std::string& name, const Changes& changes = {}) {
  return peak_of_pe(target::read_chip(name, changes));
}

TEST(Peak, IsaacReadsAnInputBitIn100NsAndAnInputIn1600) {
  const Peak peak = peak_of("isaac");
  EXPECT_DOUBLE_EQ(peak.read_ns, 100);
  EXPECT_DOUBLE_EQ(peak.pass_ns, 1600);
  EXPECT_EQ(peak.macs, 8 * 128 * 16);
  EXPECT_DOUBLE_EQ(peak.gops, 20.48);
}

TEST(Peak, SlowConvertersSetThePace) {
  EXPECT_DOUBLE_EQ(peak_of("isaac", {"adc.rate=0.64 GS/s"}).read_ns, 200);
  EXPECT_DOUBLE_EQ(peak_of("isaac", {"adc.rate=0.64 GS/s", "adc.per_crossbar=2"}).read_ns, 100);
}

TEST(Peak, GroupsOfRowsAreReadOneAfterTheOther) {
  EXPECT_DOUBLE_EQ(peak_of("isaac", {"crossbar.parallel_rows=32"}).pass_ns, 6400);
  EXPECT_DOUBLE_EQ(peak_of("isaac", {"crossbar.parallel_rows=100"}).pass_ns, 3200);
}

TEST(Peak, DriversOfMoreBitsTakeFewerReads) {
  EXPECT_DOUBLE_EQ(peak_of("isaac", {"dac.bits=2"}).pass_ns, 800);
  EXPECT_DOUBLE_EQ(peak_of("isaac", {"dac.bits=3"}).pass_ns, 600);
}

TEST(Peak, TwoColumnsAWeightHalveWhatACrossbarHolds) {
  // 15 bits of magnitude take 8 cells of 2 bits, as 16 bits do.
  EXPECT_EQ(peak_of("isaac", {"mapping.columns=plain", "mapping.encoding=differential"}).macs,
            8 * 128 * 8);
  EXPECT_EQ(peak_of("isaac", {"mapping.columns=plain", "mapping.encoding=polarised"}).macs,
            8 * 128 * 16);
  EXPECT_EQ(peak_of("isaac", {"mapping.weight_bits=8"}).macs, 8 * 128 * 32);
  EXPECT_EQ(peak_of("isaac", {"crossbar.columns=127"}).macs, 8 * 128 * 15);
}

TEST(Peak, ADigitalArrayTakesAsManyCyclesAsItsInputsHaveDigits) {
  const Peak peak = peak_of("smartdeal");
  EXPECT_EQ(peak.macs, 2048);
  EXPECT_DOUBLE_EQ(peak.gops, 4096);
  EXPECT_DOUBLE_EQ(peak_of("smartdeal", {"technology.clock=500 MHz"}).gops, 2048);
}

TEST(Peak, PipelayerPassesAnInputIn16Spikes) {
  const Peak peak = peak_of("pipelayer");
  EXPECT_NEAR(peak.pass_ns, 16 * 29.31, 1e-9);
  EXPECT_EQ(peak.macs, 128 * 16);
}

}  // namespace
}  // namespace sheaf::sim::cost
