// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/crossbar/device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::test {
namespace {

using sim::crossbar::check_cell;
using sim::crossbar::levels_of;
using sim::crossbar::program;
using sim::crossbar::ProgrammedCell;
using target::Cell;
using target::DeviceModel;

constexpr std::uint64_t kCells = 4000;

struct Statistics {
  double mean = 0;
  double deviation = 0;
};

// Of value(cell) over many cells at a level.
Statistics of_cells(const Cell& cell, std::uint32_t level, double (*value)(const ProgrammedCell&)) {
  const base::Philox random(7, "test cells");
  double sum = 0;
  double squares = 0;
  for (std::uint64_t i = 0; i < kCells; ++i) {
    const double x = value(program(cell, level, random, i));
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kCells;
  return {mean, std::sqrt(squares / kCells - mean * mean)};
}

double conductance_us(const ProgrammedCell& cell) { return cell.conductance_s * 1e6; }

TEST(Device, LevelsAreEvenBetweenOffAndOn) {
  Cell cell;
  cell.on_off_ratio = 10;
  const auto levels = levels_of(cell);
  EXPECT_DOUBLE_EQ(levels.on_s, 5e-4);
  EXPECT_DOUBLE_EQ(levels.off_s, 5e-5);
  EXPECT_DOUBLE_EQ(levels.step_s, 1.5e-4);
  const base::Philox random(1, "x");
  EXPECT_DOUBLE_EQ(program(cell, 2, random, 0).conductance_s, 3.5e-4);
}

TEST(Device, LognormalVariesTheLogarithm) {
  Cell cell;
  cell.device = DeviceModel::lognormal;
  cell.variation_sigma = 0.1;
  const auto found =
      of_cells(cell, 3, [](const ProgrammedCell& c) { return std::log(c.conductance_s / 5e-4); });
  EXPECT_NEAR(found.mean, 0, 0.006);
  EXPECT_NEAR(found.deviation, 0.1, 0.005);
}

TEST(Device, Wan2022HasItsCubicDeviation) {
  Cell cell;
  cell.device = DeviceModel::wan2022;
  cell.r_on_ohm = 1 / 30e-6;
  const double sigma = 1.536e-4 * 27000 - 1.167e-2 * 900 + 0.2374 * 30 + 1.053;
  const auto found = of_cells(cell, 3, conductance_us);
  EXPECT_NEAR(found.mean, 30, 0.15);
  EXPECT_NEAR(found.deviation, sigma, 0.1);
}

TEST(Device, Milo2021HasItsLinearDeviation) {
  Cell cell;
  cell.device = DeviceModel::milo2021;
  cell.r_on_ohm = 1 / 225e-6;
  cell.on_off_ratio = 4.5;
  const auto found = of_cells(cell, 0, conductance_us);
  EXPECT_NEAR(found.mean, 50, 0.3);
  EXPECT_NEAR(found.deviation, 4.782 - 0.00911 * 50, 0.15);
}

// At full scale: programming 1.0574 uS, exponent 0.049 with 0.008, 1/f noise 0.0088 by the octaves.
TEST(Device, PcmDriftsByItsConductance) {
  Cell cell;
  cell.device = DeviceModel::pcm;
  cell.r_on_ohm = 1 / 25e-6;
  EXPECT_NEAR(of_cells(cell, 3, conductance_us).deviation, -1.1731 + 1.9650 + 0.2635, 0.05);
  cell.read_after_s = 20e4;
  const auto drifted = of_cells(cell, 3, conductance_us);
  EXPECT_NEAR(drifted.mean, 25 * std::pow(1e4, -0.049), 0.25);
  const base::Philox random(7, "test cells");
  const ProgrammedCell one = program(cell, 3, random, 0);
  EXPECT_NEAR(one.read_sigma_s / one.conductance_s,
              0.0088 * std::sqrt(std::log((20e4 + 250e-9) / 500e-9)), 1e-12);
}

TEST(Device, StuckCellsAreAtTheEnds) {
  Cell cell;
  cell.stuck_on_rate = 0.1;
  cell.stuck_off_rate = 0.2;
  const base::Philox random(7, "test cells");
  double on = 0;
  double off = 0;
  for (std::uint64_t i = 0; i < kCells; ++i) {
    const double g = program(cell, 1, random, i).conductance_s;
    on += g == 5e-4 ? 1 : 0;
    off += g == 0 ? 1 : 0;
  }
  EXPECT_NEAR(on / kCells, 0.1, 0.015);
  EXPECT_NEAR(off / kCells, 0.2, 0.02);
}

TEST(Device, DriftStartsLate) {
  Cell cell;
  cell.drift_nu = 0.1;
  cell.read_after_s = 20;
  const base::Philox random(1, "x");
  EXPECT_DOUBLE_EQ(program(cell, 3, random, 0).conductance_s, 5e-4);
  cell.read_after_s = 40;
  EXPECT_DOUBLE_EQ(program(cell, 3, random, 0).conductance_s, 5e-4 * std::pow(2, -0.1));
}

std::string message(const Cell& cell) {
  return message_of<base::UsageError>([&] { check_cell(cell); });
}

TEST(Device, RefusesWhatIsOutOfRange) {
  EXPECT_NO_THROW(check_cell(Cell{}));
  EXPECT_EQ(message({.on_off_ratio = 1}),
            "[cell.on_off_ratio] out of range: got 1.000000, expected a number above 1");
  EXPECT_EQ(message({.stuck_on_rate = 0.6, .stuck_off_rate = 0.6}),
            "[cell.stuck_off_rate] out of range: got 0.600000, expected 0 to 1, in sum with "
            "stuck_on_rate");
  EXPECT_EQ(
      message({.device = DeviceModel::wan2022}),
      "[cell.device] the model 'wan2022' does not cover a level's conductance: got 500.000000 "
      "uS, expected 0.000000 to 39.300000 uS; change r_on_ohm or on_off_ratio");
}

}  // namespace
}  // namespace sheaf::test
