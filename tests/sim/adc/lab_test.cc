// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"

namespace sheaf::test {
namespace {

using sim::adc::Lab;
using sim::adc::LabOptions;
using sim::adc::make_lab;

const sim::adc::ModelLine& line_of(const Lab& lab, std::string_view name) {
  return *std::find_if(lab.models.begin(), lab.models.end(),
                       [&](const auto& line) { return line.model->name == name; });
}

// Gains of ISAAC's tile from 8 bits down, by four models.
TEST(AdcLab, IsaacsTileGainsWithEveryBitByModel) {
  struct Line {
    std::uint32_t bits;
    double linear_exp_w, linear_exp_mm2, saberi_w, saberi_mm2, puma_w, survey_w, survey_mm2;
  };
  const std::vector<Line> table = {
      {7, 1.256, 1.122, 1.095, 1.101, 1.078, 1.229, 1.035},
      {6, 1.471, 1.205, 1.197, 1.174, 1.170, 1.353, 1.053},
      {5, 1.647, 1.264, 1.311, 1.229, 1.279, 1.428, 1.064},
      {4, 1.798, 1.309, 1.444, 1.276, 1.411, 1.436, 1.065},
  };
  for (const Line& row : table) {
    LabOptions options;
    options.bits = row.bits;
    const Lab lab = make_lab(options);
    EXPECT_NEAR(*line_of(lab, "isaac-forms").tile_per_w, row.linear_exp_w, 0.0015);
    EXPECT_NEAR(*line_of(lab, "isaac-forms").tile_per_mm2, row.linear_exp_mm2, 0.0015);
    EXPECT_NEAR(*line_of(lab, "sar-saberi").tile_per_w, row.saberi_w, 0.0015);
    EXPECT_NEAR(*line_of(lab, "sar-saberi").tile_per_mm2, row.saberi_mm2, 0.0015);
    EXPECT_NEAR(*line_of(lab, "puma-sim").tile_per_w, row.puma_w, 0.0015);
    EXPECT_NEAR(*line_of(lab, "survey").tile_per_w, row.survey_w, 0.0025);
    EXPECT_NEAR(*line_of(lab, "survey").tile_per_mm2, row.survey_mm2, 0.0015);
  }
}

// TinyADC's figures are 29 % per mm2 and 40 % per W: the closest is 8 to 4 bits under Saberi.
TEST(AdcLab, FourBitsUnderSaberiAreNearTinyAdcsClaim) {
  LabOptions options;
  options.nonzeros = 5;
  const Lab lab = make_lab(options);
  EXPECT_EQ(lab.bits, 4);
  EXPECT_NEAR(*line_of(lab, "sar-saberi").tile_per_mm2, 1.276, 0.001);
  EXPECT_NEAR(*line_of(lab, "sar-saberi").tile_per_w, 1.444, 0.001);
}

TEST(AdcLab, DefaultsAreADenseColumnOfIsaac) {
  const Lab lab = make_lab({});
  EXPECT_EQ(lab.bits, 9);
  EXPECT_EQ(lab.isaac_bits, 9);
  EXPECT_EQ(lab.most_nonzeros, 170);
  EXPECT_EQ(lab.most_by_bits[3], 5);
  EXPECT_FALSE(lab.flipped_bits.has_value());
  EXPECT_TRUE(lab.margin.rounds_away);
  EXPECT_EQ(lab.fewer_rows.size(), 7);
}

TEST(AdcLab, FlippedColumnsAreForOffsetEncoding) {
  LabOptions options;
  options.encoding = sim::crossbar::WeightEncoding::offset;
  EXPECT_EQ(make_lab(options).flipped_bits, 8);
}

// Half the rows are one bit less but twice the conversions: by powers of two that is even, by all
// that save less per bit it costs, and 9 bits at once are dear in the survey.
TEST(AdcLab, ModelsThatDisagreeOnFewerRowsAreSeen) {
  const Lab lab = make_lab({});
  EXPECT_EQ(lab.fewer_rows[0].bits, 8);
  EXPECT_EQ(lab.fewer_rows[0].reads, 2);
  EXPECT_TRUE(lab.fewer_rows[0].disagreement);
  EXPECT_EQ(lab.warnings.back(),
            "whether fewer rows per read save energy depends on the model of the converter");
}

TEST(AdcLab, SignedConvertersTakeABitForTheSign) {
  LabOptions options;
  options.encoding = sim::crossbar::WeightEncoding::sign_magnitude;
  options.nonzeros = 8;
  const Lab lab = make_lab(options);
  EXPECT_EQ(lab.lossless_bits, 6);
  EXPECT_EQ(lab.most_nonzeros, 10);
}

TEST(AdcLab, WarnsOfExtrapolationSaturationAndLeakage) {
  LabOptions options;
  options.nonzeros = 16;
  options.bits = 4;
  options.on_off_ratio = 17;
  const Lab lab = make_lab(options);
  ASSERT_GE(lab.warnings.size(), 3);
  EXPECT_TRUE(lab.warnings[0].starts_with("figures of 1 to 4 bits")) << lab.warnings[0];
  EXPECT_EQ(lab.warnings[1], "4 bits saturate for some inputs: 6 lose nothing, or 5 non-zeros");
  EXPECT_TRUE(lab.warnings[2].starts_with("cells at level 0 leak")) << lab.warnings[2];
}

std::string message(const LabOptions& options) {
  try {
    static_cast<void>(make_lab(options));
  } catch (const base::UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(AdcLab, RefusesWhatIsOutOfRange) {
  LabOptions options;
  options.nonzeros = 200;
  EXPECT_EQ(message(options), "[nonzeros] out of range: got 200, expected 1 to 128");
  options.nonzeros = 8;
  options.on_off_ratio = 1;
  EXPECT_EQ(message(options),
            "[on_off_ratio] out of range: got 1.000000, expected a number above 1");
  options.encoding = sim::crossbar::WeightEncoding::offset;
  EXPECT_TRUE(message(options).starts_with("[encoding] a limit on non-zeros saves no bits"));
}

}  // namespace
}  // namespace sheaf::test
