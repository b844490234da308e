// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/cost/adc_scaling.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sheaf/base/error.h"
#include "sheaf/sim/adc/model.h"
#include "sheaf/sim/cost/sums.h"
#include "sheaf/target/read_chip.h"
#include "tests/message_of.h"

namespace sheaf::sim::cost {
namespace {

AdcScaling scaling(const std::vector<AdcScaling>& studies, const std::string& model) {
  const auto found = std::find_if(studies.begin(), studies.end(),
                                  [&](const AdcScaling& study) { return study.model == model; });
  return found == studies.end() ? AdcScaling{} : *found;
}

void expect_gains(const AdcScaling& study, const std::vector<std::pair<double, double>>& gains) {
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const AdcScalingPoint& point = study.points.at(i + 1);  // the first is that of 8 bits
    EXPECT_NEAR(point.power_gain, gains[i].first, 0.001) << study.model << " " << point.bits;
    EXPECT_NEAR(point.area_gain, gains[i].second, 0.001) << study.model << " " << point.bits;
  }
}

// TinyADC's abstract: 29 % by area, 40 % by power.
TEST(AdcScaling, IsaacsTileWith4BitsAndSaberisScalingGains27p6And44p4Percent) {
  const auto studies = adc_scaling(target::read_chip("isaac"), 8, 4);
  const AdcScalingPoint point = scaling(studies, "sar-saberi").points.back();
  EXPECT_EQ(point.bits, 4u);
  EXPECT_NEAR(point.area_gain, 1.276, 0.0005);
  EXPECT_NEAR(point.power_gain, 1.444, 0.0005);
}

TEST(AdcScaling, IsTheTableOfFiveModels) {
  const auto studies = adc_scaling(target::read_chip("isaac"), 8, 2);
  expect_gains(scaling(studies, "isaac-forms"), {{1.256, 1.122},
                                                 {1.471, 1.205},
                                                 {1.647, 1.264},
                                                 {1.798, 1.309},
                                                 {1.938, 1.347},
                                                 {2.077, 1.381}});
  expect_gains(scaling(studies, "sar-saberi"), {{1.095, 1.101},
                                                {1.197, 1.174},
                                                {1.311, 1.229},
                                                {1.444, 1.276},
                                                {1.605, 1.319},
                                                {1.803, 1.361}});
  const AdcScaling puma = scaling(studies, "puma-sim");
  const double puma_gains[] = {1.078, 1.170, 1.279, 1.411, 1.572, 1.775};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(puma.points.at(i + 1).power_gain, puma_gains[i], 0.001);
  }
}

TEST(AdcScaling, TheSurveysRegressionStopsAt4Bits) {
  const auto studies = adc_scaling(target::read_chip("isaac"), 8, 3);
  const AdcScaling survey = scaling(studies, "survey");
  ASSERT_EQ(survey.points.size(), 6u);
  expect_gains(survey, {{1.229, 1.035}, {1.353, 1.053}, {1.428, 1.064}, {1.436, 1.065}});
  EXPECT_FALSE(survey.points.back().refusal.empty());
}

TEST(AdcScaling, ItsFirstPointIsTheTileItself) {
  for (const AdcScaling& study : adc_scaling(target::read_chip("isaac"), 8, 8)) {
    if (!study.points[0].refusal.empty()) continue;
    EXPECT_DOUBLE_EQ(study.points[0].power_gain, 1) << study.model;
    EXPECT_DOUBLE_EQ(study.points[0].area_gain, 1) << study.model;
  }
}

TEST(AdcScaling, EvenConvertersThatCostNothingGainNoMoreThan2p39And1p45) {
  const Sums sums = exact_sums_of(target::read_chip("isaac"));
  const Part* converter = sums.pe.find("converter");
  const double power = sums.tile.power_mw / (sums.tile.power_mw - 12 * converter->power_mw);
  const double area = sums.tile.area_um2 / (sums.tile.area_um2 - 12 * converter->area_um2);
  EXPECT_NEAR(power, 2.39, 0.005);
  EXPECT_NEAR(area, 1.45, 0.005);
  for (const AdcScaling& study : adc_scaling(target::read_chip("isaac"), 8, 1)) {
    for (const AdcScalingPoint& point : study.points) {
      EXPECT_LT(point.power_gain, power) << study.model;
      EXPECT_LT(point.area_gain, area) << study.model;
    }
  }
}

TEST(AdcScaling, NeedsConverters) {
  EXPECT_EQ(test::message_of<base::UsageError>(
                [] { (void)adc_scaling(target::read_chip("smartdeal"), 8, 4); }),
            "[chip smartdeal] converters: got none, expected PEs of kind crossbars");
}

}  // namespace
}  // namespace sheaf::sim::cost
