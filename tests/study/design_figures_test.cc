// SPDX-License-Identifier: Apache-2.0
#include "sheaf/study/design_figures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sheaf/target/read_chip.h"

namespace sheaf::study {
namespace {

using backend::cim::Component;

// 8 uJ and 4 us an input, one every 2 us; 3000 multiply-adds; 5 mm2.
ChipStudy made_up() {
  ChipStudy study;
  study.chip = target::read_chip("teaching");
  backend::cim::NetworkCost& cost = study.cost;
  of(cost.energy_pj, Component::adc) = 6e6;
  of(cost.energy_pj, Component::buffer) = 2e6;
  of(cost.area_um2, Component::crossbar) = 1e6;
  of(cost.area_um2, Component::digital) = 4e6;
  cost.latency_ns = 4000;
  cost.interval_ns = 2000;
  cost.macs = 3000;
  cost.crossbars = 12;
  cost.chips = 0.75;
  cost.utilisation = 0.5;
  cost.adc_bits = 3;
  cost.conversions = 77;
  cost.flit_hops = 5;
  cost.dram_bytes = 6;
  // 8 rows of 1-bit cells with an offset need 4 bits.
  backend::cim::LayerShape layer;
  layer.inputs = 100;
  study.shapes.layers = {layer};
  return study;
}

TEST(DesignFigures, AreThoseOfTheirNames) {
  const Figures figures = figures_of(made_up());
  EXPECT_DOUBLE_EQ(of(figures, Figure::energy_uj), 8);
  EXPECT_DOUBLE_EQ(of(figures, Figure::latency_us), 4);
  EXPECT_DOUBLE_EQ(of(figures, Figure::interval_us), 2);
  EXPECT_DOUBLE_EQ(of(figures, Figure::area_mm2), 5);
  EXPECT_DOUBLE_EQ(of(figures, Figure::edp_uj_us), 8 * 4);
  EXPECT_DOUBLE_EQ(of(figures, Figure::power_w), 8.0 / 2);
  EXPECT_DOUBLE_EQ(of(figures, Figure::gops), 2 * 3000 / 2000.0);
  EXPECT_DOUBLE_EQ(of(figures, Figure::gops_per_w), 3.0 / 4);
  EXPECT_DOUBLE_EQ(of(figures, Figure::gops_per_mm2), 3.0 / 5);
  EXPECT_DOUBLE_EQ(of(figures, Figure::crossbars), 12);
  EXPECT_DOUBLE_EQ(of(figures, Figure::chips), 0.75);
  EXPECT_DOUBLE_EQ(of(figures, Figure::utilisation), 0.5);
  EXPECT_DOUBLE_EQ(of(figures, Figure::adc_bits), 3);
  EXPECT_DOUBLE_EQ(of(figures, Figure::missing_bits), 1);
  EXPECT_DOUBLE_EQ(of(figures, Figure::conversions), 77);
  EXPECT_DOUBLE_EQ(of(figures, Figure::flit_hops), 5);
  EXPECT_DOUBLE_EQ(of(figures, Figure::dram_bytes), 6);
}

TEST(DesignFigures, ASignTakesABitOfTheConverter) {
  ChipStudy study = made_up();
  study.chip.mapping.encoding = target::WeightEncoding::sign_magnitude;
  study.chip.mapping.column_nonzeros = 5;  // sums up to 5: 3 bits, and a sign
  EXPECT_EQ(of(figures_of(study), Figure::missing_bits), 1);
  study.chip.mapping.encoding = target::WeightEncoding::differential;
  EXPECT_EQ(of(figures_of(study), Figure::missing_bits), 0);
}

TEST(DesignFigures, AnAreaThatNobodyStatesIsNotKnown) {
  ChipStudy study = made_up();
  study.chip = target::read_chip("smartdeal");
  study.cost.area_um2 = {};
  EXPECT_TRUE(std::isnan(of(figures_of(study), Figure::area_mm2)));
}

}  // namespace
}  // namespace sheaf::study
