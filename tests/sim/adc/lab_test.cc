// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::test {
namespace {

using sim::adc::Lab;
using sim::adc::LabOptions;
using sim::adc::make_lab;

TEST(AdcLab, FiveNonzerosNeedFourBits) {
  LabOptions options;
  options.nonzeros = 5;
  EXPECT_EQ(make_lab(options).bits, 4);
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
  return message_of<base::UsageError>([&] { static_cast<void>(make_lab(options)); });
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
