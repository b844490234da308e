// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/adc/model.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "sheaf/base/error.h"
#include "tests/message_of.h"

namespace sheaf::test {
namespace {

using sim::adc::Estimate;
using target::Adc;

Estimate of(const char* model, std::uint32_t bits, double rate_gsps = 1.28, double node_nm = 32) {
  return sim::adc::estimate(sim::adc::find_model(model),
                            Adc{.bits = bits, .rate_gsps = rate_gsps, .node_nm = node_nm});
}

TEST(AdcModel, IsaacFormsHasBothPublishedParts) {
  EXPECT_NEAR(of("isaac-forms", 8).energy_pj, 1.667, 1e-12);
  EXPECT_NEAR(*of("isaac-forms", 8).area_um2, 1200, 1e-9);
  // FORMS: 0.475 mW against 2 mW, 284 um2 against 1200 um2, at the same rate.
  EXPECT_NEAR(of("isaac-forms", 4).energy_pj / of("isaac-forms", 8).energy_pj, 0.2375, 1e-12);
  EXPECT_NEAR(*of("isaac-forms", 4).area_um2, 284, 1.1);
}

TEST(AdcModel, SaberiReproducesItsTable) {
  const std::array<double, 7> pj = {0.79, 0.99, 1.20, 1.42, 1.67, 1.97, 2.38};
  const std::array<double, 7> um2 = {361, 477, 627, 845, 1200, 1828, 3002};
  for (std::uint32_t bits = 4; bits <= 10; ++bits) {
    EXPECT_NEAR(of("sar-saberi", bits).energy_pj, pj[bits - 4], 0.0051) << bits;
    EXPECT_NEAR(*of("sar-saberi", bits).area_um2, um2[bits - 4], 0.6) << bits;
  }
}

TEST(AdcModel, SurveyReproducesItsTable) {
  const std::array<double, 7> pj = {0.924, 0.936, 1.07, 1.31, 1.93, 5.53, 16.4};
  const std::array<double, 7> um2 = {5190, 5211, 5416, 5765, 6469, 8865, 12280};
  for (std::uint32_t bits = 4; bits <= 10; ++bits) {
    EXPECT_NEAR(of("survey", bits).energy_pj / pj[bits - 4], 1, 0.006) << bits;
    EXPECT_NEAR(*of("survey", bits).area_um2 / um2[bits - 4], 1, 0.003) << bits;
  }
  EXPECT_NEAR(of("survey", 4, 1.28, 22).energy_pj, 0.457, 0.001);
  EXPECT_NEAR(of("survey", 8, 1.28, 22).energy_pj, 0.954, 0.005);
  EXPECT_NEAR(*of("survey", 4, 1.28, 22).area_um2, 2898, 8);
  EXPECT_NEAR(*of("survey", 8, 1.28, 22).area_um2, 3612, 8);
  EXPECT_NEAR(of("survey", 4, 0.1).energy_pj, 0.92, 0.005);
  EXPECT_NEAR(of("survey", 8, 0.1).energy_pj, 1.71, 0.005);
  EXPECT_NEAR(of("survey", 10, 0.1).energy_pj, 3.31, 0.005);
}

TEST(AdcModel, SurveyRefusesLessThanFourBits) {
  EXPECT_EQ(of("survey", 3).refusal, "the regression refuses less than 4 bits");
}

TEST(AdcModel, PartsHaveTheirPublishedNumbers) {
  EXPECT_DOUBLE_EQ(of("pow2", 5).energy_pj, 1.667 / 8);
  EXPECT_DOUBLE_EQ(*of("pow2", 5).area_um2, 150);
  EXPECT_DOUBLE_EQ(of("forms-4b", 4).energy_pj, 0.226);
  EXPECT_DOUBLE_EQ(of("newton", 9).energy_pj, 2.583);
  EXPECT_DOUBLE_EQ(of("puma-sim", 8).energy_pj, 1.5625);  // 2 mW for 100 ns / 128
  EXPECT_DOUBLE_EQ(of("timely-tdc", 8).energy_pj, 0.145);
  EXPECT_DOUBLE_EQ(*of("neurram", 6).energy_high_pj, 1.2);
  EXPECT_DOUBLE_EQ(of("walden", 8).energy_pj, 6.5 * 0.256);
  EXPECT_DOUBLE_EQ(of("mnsim-k", 8).energy_pj, 2 * 10 / 1.28);
  EXPECT_DOUBLE_EQ(of("mnsim-k", 8, 1.1).energy_pj, 4 * 10 / 1.1);
}

TEST(AdcModel, EveryModelHasASourceAndARange) {
  for (const sim::adc::Model& model : sim::adc::models()) {
    EXPECT_FALSE(model.source.empty()) << model.name;
    EXPECT_LE(model.least_bits, model.most_bits) << model.name;
    const Estimate estimate = of(std::string(model.name).c_str(), model.least_bits);
    EXPECT_EQ(estimate.ok(), model.name != "neurosim") << model.name;
  }
}

TEST(AdcModel, WhatTheSourceDoesNotCoverIsMarked) {
  EXPECT_FALSE(of("isaac-forms", 4).extrapolated);
  EXPECT_TRUE(of("isaac-forms", 3).extrapolated);
  EXPECT_EQ(of("isaac-forms", 3).note, "the source covers 4 to 8 bits");
  EXPECT_EQ(of("sar-saberi", 8, 3).note, "the source covers 1.20 to 1.28 GS/s");
  EXPECT_EQ(of("pow2", 8, 1.28, 22).note, "for 32 nm, not scaled to the node");
  EXPECT_EQ(of("puma-sim", 9).note,
            "10 % of it leakage; area for any bits; faster than its 12.5 ns per bit and 128 "
            "columns");
}

TEST(AdcModel, FewBitsAtGigasamplesAreBeyondTheSurvey) {
  EXPECT_TRUE(sim::adc::beyond_survey({.bits = 4, .rate_gsps = 1.28}));
  EXPECT_FALSE(sim::adc::beyond_survey({.bits = 5, .rate_gsps = 1.28}));
  EXPECT_FALSE(sim::adc::beyond_survey({.bits = 4, .rate_gsps = 0.1}));
}

template <typename Error>
std::string message(const Adc& adc) {
  return message_of<Error>([&] { static_cast<void>(sim::adc::estimate(adc)); });
}

TEST(AdcModel, RefusesWithAReason) {
  EXPECT_EQ(message<base::NotFoundError>({.model = "isac-forms"}),
            "[adc.model] unknown converter model: got 'isac-forms'; did you mean 'isaac-forms'?");
  EXPECT_EQ(message<base::UsageError>({.bits = 17}),
            "[adc.bits] out of range: got 17, expected 1 to 16");
  EXPECT_EQ(message<base::UsageError>({.rate_gsps = -1}),
            "[adc.rate_gsps] not positive: got -1.000000, expected a number above 0");
  EXPECT_EQ(message<base::UnsupportedError>({.bits = 3, .model = "survey"}),
            "[adc.model] no estimate by 'survey': got 3 bits; the regression refuses less than 4 "
            "bits");
}

}  // namespace
}  // namespace sheaf::test
