// SPDX-License-Identifier: Apache-2.0
//
// Every sum of ISAAC's table I (ISCA 2016), number by number as it is printed there, and what else
// the paper computes from it.
#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/sim/cost/figures.h"
#include "sheaf/sim/cost/sums.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::sim::cost {
namespace {

target::Chip isaac() { return target::read_chip("isaac"); }

struct Row {
  const char* name;
  double power_mw;
  double area_mm2;
};

void expect_rows(const Level& level, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const Part* part = level.find(row.name);
    ASSERT_NE(part, nullptr) << row.name;
    EXPECT_NEAR(part->power_mw, row.power_mw, 1e-9) << row.name;
    EXPECT_NEAR(part->area_um2 / 1e6, row.area_mm2, 1e-12) << row.name;
  }
  EXPECT_EQ(level.parts.size(), rows.size());
}

TEST(Isaac, ThePartsOfAnImaAreThoseOfTheTable) {
  expect_rows(exact_sums_of(isaac()).pe, {{"converter", 16, 0.0096},
                                          {"driver", 4, 0.00017},
                                          {"sample and hold", 0.01, 0.00004},
                                          {"crossbar", 2.4, 0.0002},
                                          {"shift and add", 0.2, 0.00024},
                                          {"input register", 1.24, 0.0021},
                                          {"output register", 0.23, 0.00077}});
}

TEST(Isaac, ThePartsOfATileAreThoseOfTheTable) {
  expect_rows(exact_sums_of(isaac()).tile, {{"PE", 288.96, 0.15744},
                                            {"eDRAM", 20.7, 0.083},
                                            {"output register", 1.68, 0.0032},
                                            {"bus", 7, 0.090},
                                            {"router", 10.5, 0.03775},
                                            {"sigmoid", 0.52, 0.0006},
                                            {"shift and add", 0.05, 0.00006},
                                            {"max pool", 0.4, 0.00024}});
}

TEST(Isaac, EverySumIsAsPrinted) {
  const Sums sums = sums_of(isaac());
  EXPECT_NEAR(sums.pe.power_mw, 24.08, 1e-9);
  EXPECT_NEAR(sums.pe.area_um2, 13120, 1e-6);
  EXPECT_DOUBLE_EQ(sums.tile.periphery_power_mw(), 40.9);
  EXPECT_DOUBLE_EQ(sums.tile.periphery_area_um2(), 215000);
  EXPECT_DOUBLE_EQ(sums.tile.parts[0].power_mw, 289);
  EXPECT_DOUBLE_EQ(sums.tile.parts[0].area_um2, 157000);
  EXPECT_DOUBLE_EQ(sums.tile.power_mw, 330);
  EXPECT_DOUBLE_EQ(sums.tile.area_um2, 372000);
  EXPECT_DOUBLE_EQ(sums.chip.parts[0].power_mw, 55400);
  EXPECT_DOUBLE_EQ(sums.chip.parts[0].area_um2, 62500000);
  EXPECT_DOUBLE_EQ(sums.chip.find("link")->power_mw, 10400);
  EXPECT_DOUBLE_EQ(sums.chip.find("link")->area_um2, 22880000);
  EXPECT_DOUBLE_EQ(sums.chip.power_mw, 65800);
  EXPECT_DOUBLE_EQ(sums.chip.area_um2, 85400000);
}

TEST(Isaac, UnroundedSumsAreTheSumsOfTheParts) {
  const Sums sums = exact_sums_of(isaac());
  EXPECT_NEAR(sums.tile.periphery_power_mw(), 40.85, 1e-9);
  EXPECT_NEAR(sums.tile.periphery_area_um2(), 214850, 1e-6);
  EXPECT_NEAR(sums.tile.power_mw, 329.81, 1e-9);
  EXPECT_NEAR(sums.tile.area_um2, 372290, 1e-6);
  EXPECT_NEAR(sums.chip.power_mw, 168 * 329.81 + 10400, 1e-6);
  EXPECT_NEAR(*sums.chip.gops_per_w(), 627.4, 0.005);
}

TEST(Isaac, PeakRatesAreTheOnesThatThePaperComputes) {
  const Sums sums = sums_of(isaac());
  EXPECT_DOUBLE_EQ(sums.pe.gops, 20.48);
  EXPECT_NEAR(sums.tile.gops, 245.76, 1e-9);
  EXPECT_NEAR(sums.chip.gops, 41287.68, 1e-6);
  EXPECT_EQ(std::round(*sums.chip.gops_per_w() * 10) / 10, 627.5);
  EXPECT_NEAR(*sums.chip.gops_per_mm2(), 483.5, 0.05);  // the paper prints 478.95
}

TEST(Isaac, ConvertersTakeTheShareOfATileThatThePaperNames) {
  const Sums sums = sums_of(isaac());
  const Part* converter = sums.pe.find("converter");
  EXPECT_EQ(std::round(100 * 12 * converter->power_mw / sums.tile.power_mw), 58);
  EXPECT_EQ(std::round(100 * 12 * converter->area_um2 / sums.tile.area_um2), 31);
}

}  // namespace
}  // namespace sheaf::sim::cost
