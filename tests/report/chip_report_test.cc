// SPDX-License-Identifier: Apache-2.0
#include "sheaf/report/chip_report.h"

#include <gtest/gtest.h>

#include "sheaf/target/presets.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::report {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ChipReport, PeakHasIsaacsSumsAndRates) {
  const auto json = peak_json(target::read_chip("isaac"));
  EXPECT_EQ(json["chip"], "isaac");
  EXPECT_EQ(json["origin"], "published");
  EXPECT_NEAR(json["gops_per_w"].get<double>(), 627.5, 0.05);
  EXPECT_NEAR(json["power_w"].get<double>(), 65.8, 1e-9);
  EXPECT_NEAR(json["area_mm2"].get<double>(), 85.4, 1e-9);
  EXPECT_NEAR(json["levels"]["tile"]["power_mw"].get<double>(), 330, 1e-9);
  EXPECT_NEAR(json["unrounded"]["tile"]["power_mw"].get<double>(), 329.81, 1e-9);
  EXPECT_EQ(json["levels"]["pe"]["parts"][0]["name"], "converter");
  EXPECT_EQ(json["figures"]["pipeline.cycles"], 22);
}

TEST(ChipReport, TheTextIsATableForPeople) {
  const std::string text = peak_text(target::read_chip("isaac"));
  EXPECT_TRUE(holds(text, "isaac: ISAAC-CE")) << text;
  EXPECT_TRUE(holds(text, "\nconverter            8     16   0.0096  published\n")) << text;
  EXPECT_TRUE(holds(text, "chip     41287.7     627.472       483.462\n")) << text;
  EXPECT_TRUE(holds(text, "rounded to 3 digits")) << text;
}

TEST(ChipReport, WhatIsReconstructedSaysSoWhereverItIsPrinted) {
  for (const char* name : {"reboc", "tinyadc", "cannon", "smartdeal"}) {
    const target::Chip chip = target::read_chip(name);
    EXPECT_TRUE(holds(peak_text(chip), "\nreconstructed: ")) << name;
    EXPECT_TRUE(holds(check_text(chip), "\nreconstructed: ")) << name;
    EXPECT_EQ(peak_json(chip)["origin"], "reconstructed") << name;
    EXPECT_EQ(check_json(chip)["origin"], "reconstructed") << name;
  }
  const target::Chip chip = target::read_chip("tinyadc");
  EXPECT_TRUE(holds(adc_scaling_text(chip, sim::cost::adc_scaling(chip, 4, 3)), "reconstructed"));
}

TEST(ChipReport, WhatIsNotKnownIsAQuestionMarkAndNull) {
  const target::Chip chip = target::read_chip("smartdeal");
  EXPECT_TRUE(peak_json(chip)["gops_per_mm2"].is_null());
  EXPECT_TRUE(holds(peak_text(chip), "?"));
}

TEST(ChipReport, ChangesAreSaid) {
  const std::vector<std::string> changes = {"crossbar.rows=256"};
  const target::Chip chip = target::read_chip("isaac", changes);
  EXPECT_TRUE(holds(peak_text(chip), "\nchanged: crossbar.rows=256\n"));
  EXPECT_EQ(peak_json(chip)["changes"][0], "crossbar.rows=256");
}

TEST(ChipReport, ChecksListFiguresAndSources) {
  const target::Chip isaac = target::read_chip("isaac");
  EXPECT_TRUE(all_same(isaac));
  const auto json = check_json(isaac);
  EXPECT_EQ(json["checks"].size(), isaac.published.size());
  EXPECT_EQ(json["checks"][0]["same"], true);
  EXPECT_TRUE(holds(json["sources"]["adc"]["source"], "1.28 GS/s"));
  EXPECT_TRUE(holds(check_text(isaac), "chip.gops_per_w"));
  target::Chip far = target::read_chip("teaching");
  far.published[0].value *= 2;
  EXPECT_FALSE(all_same(far));
  EXPECT_TRUE(holds(check_text(far), " FAR"));
}

TEST(ChipReport, AdcScalingHasEveryModel) {
  const target::Chip chip = target::read_chip("isaac");
  const auto studies = sim::cost::adc_scaling(chip, 8, 4);
  const auto json = adc_scaling_json(chip, studies);
  const auto& points = json["adc_scaling"]["sar-saberi"];
  EXPECT_EQ(points[4]["bits"], 4);
  EXPECT_NEAR(points[4]["power_gain"].get<double>(), 1.444, 0.0005);
  EXPECT_TRUE(holds(adc_scaling_text(chip, studies), "1.444, 1.276"));
}

TEST(ChipReport, TheKeyTableIsMarkdown) {
  EXPECT_TRUE(holds(key_table(), "\n| `crossbar.rows` | whole number | word lines |\n"));
}

}  // namespace
}  // namespace sheaf::report
