// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/converter.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sheaf::study {
namespace {

TileGain gain_of(const ConverterStudy& study, std::string_view model) {
  for (std::size_t i = 0; i < study.lab.models.size(); ++i) {
    if (study.lab.models[i].model->name == model) return study.tile_gains.at(i);
  }
  return {};
}

// TinyADC's figures are 29 % per mm2 and 40 % per W: the closest is 8 to 4 bits under Saberi.
TEST(Converter, FourBitsUnderSaberiAreNearTinyAdcsClaim) {
  ConverterOptions options;
  options.lab.nonzeros = 5;
  const ConverterStudy study = study_converter(options);
  EXPECT_EQ(study.lab.bits, 4);
  EXPECT_NEAR(gain_of(study, "sar-saberi").per_mm2.value(), 1.276, 0.001);
  EXPECT_NEAR(gain_of(study, "sar-saberi").per_w.value(), 1.444, 0.001);
  EXPECT_NEAR(gain_of(study, "isaac-forms").per_w.value(), 1.798, 0.001);
}

TEST(Converter, ATileHasNoGainByAModelThatRefusesOrKnowsNoArea) {
  ConverterOptions options;
  options.lab.bits = 3;
  const ConverterStudy study = study_converter(options);
  EXPECT_FALSE(gain_of(study, "survey").per_w.has_value());
  EXPECT_TRUE(gain_of(study, "puma-sim").per_w.has_value());
  EXPECT_EQ(std::count_if(study.tile_gains.begin(), study.tile_gains.end(),
                          [](const TileGain& gain) { return gain.per_mm2 && !gain.per_w; }),
            0);
}

TEST(Converter, MoreThanSixteenBitsHaveNoTile) {
  ConverterOptions options;
  options.lab.rows = 65536;
  options.lab.column = {.cell_bits = 4, .dac_bits = 4};
  const ConverterStudy study = study_converter(options);
  EXPECT_GT(study.lab.bits, 16);
  for (const TileGain& gain : study.tile_gains) EXPECT_FALSE(gain.per_w.has_value());
}

}  // namespace
}  // namespace sheaf::study
