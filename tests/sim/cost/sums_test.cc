// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/sums.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/base/error.h"
#include "sheaf/sim/cost/converter.h"
#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"
#include "tests/message_of.h"

namespace sheaf::sim::cost {
namespace {

using Changes = std::vector<std::string>;

TEST(Sums, RoundHalvesAwayFromZero) {
  EXPECT_DOUBLE_EQ(rounded(40.85, 3), 40.9);
  EXPECT_DOUBLE_EQ(rounded(20.7 + 7 + 42.0 / 4 + 0.52 + 0.05 + 0.4 + 1.68, 3), 40.9);
  EXPECT_DOUBLE_EQ(rounded(0.21485, 3), 0.215);
  EXPECT_DOUBLE_EQ(rounded(62496000, 3), 62500000);
  EXPECT_DOUBLE_EQ(rounded(-1.25, 2), -1.3);
  EXPECT_EQ(rounded(0, 3), 0);
  EXPECT_EQ(rounded(1.0 / 3, 0), 1.0 / 3);
}

TEST(Sums, ALevelIsTheSumOfItsParts) {
  for (const std::string& name : target::preset_names()) {
    const Sums sums = exact_sums_of(target::read_chip(name));
    for (const Level* level : {&sums.pe, &sums.tile, &sums.chip}) {
      double area = 0;
      double power = 0;
      for (const Part& part : level->parts) {
        area += part.area_um2;
        power += part.power_mw;
        EXPECT_FALSE(part.provenance.source.empty()) << name << " " << part.path;
      }
      EXPECT_NEAR(level->area_um2, area, 1e-9 * area) << name;
      EXPECT_NEAR(level->power_mw, power, 1e-9 * power) << name;
    }
    EXPECT_NEAR(sums.chip.parts[0].power_mw, sums.chip.parts[0].count * sums.tile.power_mw, 1e-6);
  }
}

TEST(Sums, AConverterOfOtherBitsKeepsItsPartsNumbersByTheModelsRatio) {
  // ISAAC's part, 8 bits, 2 mW at 1.28 GS/s.
  target::Chip chip = target::read_chip("isaac", Changes{"adc.model=sar-saberi"});
  const Converter own = converter_of(chip, 8);
  EXPECT_DOUBLE_EQ(own.power_mw, 2);
  EXPECT_DOUBLE_EQ(own.energy_pj, 2 / chip.adc->rate_gsps);
  const auto model_pj = [](double b) { return 0.1949 * b + 0.00042 * std::exp2(b); };
  const auto model_um2 = [](double b) { return 81.73 * b + 2.1335 * std::exp2(b); };
  const Converter four = converter_of(chip, 4);
  EXPECT_NEAR(four.energy_pj / own.energy_pj, model_pj(4) / model_pj(8), 1e-9);
  EXPECT_NEAR(four.power_mw / own.power_mw, model_pj(4) / model_pj(8), 1e-9);
  EXPECT_NEAR(four.area_um2 / own.area_um2, model_um2(4) / model_um2(8), 1e-9);
  // A model whose area does not depend on bits leaves that of the part.
  chip.adc->model = "puma-sim";
  EXPECT_DOUBLE_EQ(converter_of(chip, 4).area_um2, own.area_um2);
  chip.adc->model = "sar-saberi";
  chip.pe.converter.reset();
  EXPECT_NEAR(converter_of(chip, 4).energy_pj, model_pj(4), 1e-9);
}

TEST(Sums, WhatIsSharedCountsByShare) {
  const Sums sums = exact_sums_of(target::read_chip("isaac"));
  EXPECT_DOUBLE_EQ(sums.tile.find("router")->count, 0.25);
  EXPECT_DOUBLE_EQ(sums.tile.find("router")->power_mw, 10.5);
}

TEST(Sums, WhatIsTakenAwayIsNotThere) {
  const Sums sums = exact_sums_of(target::read_chip("forms"));
  EXPECT_EQ(sums.tile.find("router"), nullptr);
  EXPECT_NE(sums.tile.find("digital unit"), nullptr);
  const auto without = target::read_chip("isaac", Changes{"tile.units.router.count=0"});
  EXPECT_EQ(sums_of(without).tile.find("router"), nullptr);
}

TEST(Sums, AChangedChipIsNotRounded) {
  const Sums sums = sums_of(target::read_chip("isaac", Changes{"tile.pes=13"}));
  EXPECT_NEAR(sums.tile.power_mw, 329.81 + 24.08, 1e-9);
}

TEST(Sums, ArraysGrowWithTheirCells) {
  // ISAAC's 128 x 128: 8 arrays of 0.3 mW and 25 um2.
  const auto part = [](const Changes& changes, const char* name) {
    return *sums_of(target::read_chip("isaac", changes)).pe.find(name);
  };
  const Part tall = part({"crossbar.rows=512"}, "crossbar");
  EXPECT_NEAR(tall.power_mw, 4 * 2.4, 1e-9);
  EXPECT_NEAR(tall.area_um2, 4 * 200, 1e-9);
  EXPECT_NEAR(part({"crossbar.columns=64"}, "crossbar").power_mw, 1.2, 1e-9);
  EXPECT_NEAR(part({"crossbar.parallel_rows=32"}, "crossbar").power_mw, 0.6, 1e-9);
  EXPECT_NEAR(part({"crossbar.parallel_rows=32"}, "crossbar").area_um2, 200, 1e-9);
}

TEST(Sums, UnitsOfColumnsGrowWithThem) {
  const Sums sums = sums_of(target::read_chip("isaac", Changes{"crossbar.columns=256"}));
  EXPECT_DOUBLE_EQ(sums.pe.find("sample and hold")->count, 2048);
  EXPECT_NEAR(sums.pe.find("sample and hold")->power_mw, 0.02, 1e-12);
  EXPECT_DOUBLE_EQ(sums.pe.find("shift and add")->count, 4);
}

TEST(Sums, AConverterThatConvertsMoreOftenTakesMorePower) {
  const Sums sums = sums_of(target::read_chip("isaac", Changes{"adc.rate=2.56 GS/s"}));
  EXPECT_NEAR(sums.pe.find("converter")->power_mw, 32, 1e-9);
  EXPECT_NEAR(sums.pe.find("converter")->area_um2, 9600, 1e-6);
}

TEST(Sums, APublishedConverterIsScaledByTheRatioOfItsModel) {
  const Sums sums =
      sums_of(target::read_chip("isaac", Changes{"adc.bits=4", "adc.model=sar-saberi"}));
  const Part* converter = sums.pe.find("converter");
  EXPECT_NEAR(converter->power_mw, 16 * 0.78632 / 1.66672, 1e-9);
  EXPECT_NEAR(converter->area_um2, 9600 * 361.056 / 1200.016, 1e-6);
}

TEST(Sums, AConverterWithoutAPublishedPartIsItsModel) {
  target::Chip chip = target::read_chip("isaac", Changes{"adc.model=sar-saberi"});
  chip.pe.converter.reset();
  const Sums sums = sums_of(chip);
  EXPECT_NEAR(sums.pe.find("converter")->power_mw, 8 * 1.66672 * 1.28, 1e-9);
  EXPECT_NEAR(sums.pe.find("converter")->area_um2, 8 * 1200.016, 1e-6);
}

TEST(Sums, AConverterThatItsModelDoesNotKnowIsRefused) {
  const auto chip = target::read_chip("isaac", Changes{"adc.bits=3", "adc.model=forms-4b"});
  EXPECT_NE(test::message_of<base::UnsupportedError>([&] { (void)sums_of(chip); }).find("4 bits"),
            std::string::npos);
}

TEST(Sums, AnUnknownModelOfConvertersIsRefused) {
  const auto chip = target::read_chip("isaac", Changes{"adc.bits=3", "adc.model=sar-saberry"});
  EXPECT_NE(test::message_of<base::NotFoundError>([&] { (void)sums_of(chip); }).find("sar-saberi"),
            std::string::npos);
}

TEST(Sums, AnUnknownEnergyOfTheMeshIsRefused) {
  const auto chip = target::read_chip("cannon", Changes{"mesh.energy=dsent-33"});
  EXPECT_NE(test::message_of<base::UsageError>([&] { (void)sums_of(chip); }).find("dsent-32"),
            std::string::npos);
}

TEST(Sums, RatesNeedWhatTheyAreDividedBy) {
  const Sums sums = sums_of(target::read_chip("smartdeal"));
  EXPECT_FALSE(sums.chip.gops_per_mm2());  // no area of it is known
  EXPECT_TRUE(sums.chip.gops_per_w());
}

}  // namespace
}  // namespace sheaf::sim::cost
