// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sheaf/backend/cim/rivals.h"
#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/model_layers.h"

namespace sheaf::backend::cim {
namespace {

struct Sides {
  LayerShapes dense = test::ListedModel("vgg8").layers();
  LayerShapes circulant = dense;
  target::Chip isaac = target::read_chip("isaac");
  target::Chip pipelayer = target::read_chip("pipelayer");
  target::Chip reboc = target::read_chip("reboc");
  std::vector<Contestant> contestants;

  Sides() {
    make_block_circulant(circulant, 16);
    contestants = {{"isaac", &dense, &isaac, {}},
                   {"pipelayer", &dense, &pipelayer, {}},
                   {"reboc", &circulant, &reboc, {}}};
  }
};

TEST(Comparison, AtEqualCrossbarsNobodyUsesMore) {
  const Sides sides;
  const Comparison comparison = compare(sides.contestants, Equal::crossbars);
  ASSERT_EQ(comparison.costs.size(), 3U);
  for (const NetworkCost& cost : comparison.costs) {
    EXPECT_EQ(cost.given_crossbars, comparison.crossbars);
    EXPECT_LE(cost.crossbars, comparison.crossbars);
  }
}

TEST(Comparison, AtEqualAreaNobodyTakesMore) {
  const Sides sides;
  const Comparison comparison = compare(sides.contestants, Equal::area);
  for (const NetworkCost& cost : comparison.costs) {
    EXPECT_LE(cost.total_area_um2(), comparison.area_um2 * (1 + 1e-9));
  }
  // A subarray of PipeLayer takes more than a crossbar of ISAAC with all shares.
  EXPECT_LT(comparison.costs[1].given_crossbars, comparison.costs[0].given_crossbars);
}

TEST(Comparison, RebocConvertsAsOftenAsTheDenseNetwork) {
  const Sides sides;
  const Comparison comparison = compare(sides.contestants, Equal::crossbars);
  const std::vector<LayerCost>& dense = comparison.costs[0].layers;
  const std::vector<LayerCost>& circulant = comparison.costs[2].layers;
  for (std::size_t i = 0; i + 1 < dense.size(); ++i) {
    EXPECT_EQ(circulant[i].conversions, dense[i].conversions) << i;
  }
  // 10 outputs are padded to 16.
  EXPECT_EQ(10 * circulant.back().conversions, 16 * dense.back().conversions);
}

double figure_of(std::string_view design, std::string_view figure) {
  for (const RivalFigure& f : rival_figures()) {
    if (f.design == design && f.figure == figure) return f.value;
  }
  ADD_FAILURE() << design << ": " << figure;
  return 0;
}

TEST(Rivals, RecalledFramesReproduceThePublishedRatios) {
  // C-LSTM over ESE: 18.8x speed and 33.5x energy efficiency, by its abstract.
  const double ese = figure_of("ESE", "speed, LSTM of 1024 cells");
  const double clstm = figure_of("C-LSTM", "speed, block 16");
  EXPECT_NEAR(clstm / ese, figure_of("C-LSTM", "most speed-up over ESE"), 0.05);
  EXPECT_NEAR(kClstmFramesPerJoule / kEseFramesPerJoule,
              figure_of("C-LSTM", "most energy efficiency over ESE"), 0.1);
  EXPECT_DOUBLE_EQ(kEseFramesPerJoule, ese / figure_of("ESE", "power"));
  EXPECT_DOUBLE_EQ(kClstmFramesPerJoule, clstm / figure_of("C-LSTM", "power, block 16"));
  EXPECT_DOUBLE_EQ(figure_of("C-LSTM", "most speed-up over ESE"), 18.8);
  EXPECT_DOUBLE_EQ(figure_of("C-LSTM", "most energy efficiency over ESE"), 33.5);
  for (const RivalFigure& figure : rival_figures()) {
    EXPECT_FALSE(figure.source.empty());
    EXPECT_GT(figure.value, 0);
  }
}

TEST(Rivals, PipeLayersRateByPowerIsWhatWritingVgg16Takes) {
  // 13.55 million results in 4 cells each at 3.91 nJ take 0.212 J; 30.9 GOP at 142.9 GOPs/W 0.217
  // J.
  LayerShapes shapes = test::ListedModel("vgg16").layers();
  set_precision(shapes, {16, 16});
  const NetworkCost cost = cost_of(shapes, target::read_chip("pipelayer"));
  const double published_j = 2 * static_cast<double>(cost.macs) / 142.9e9;
  EXPECT_NEAR(of(cost.energy_pj, Component::buffer) / 1e12 / published_j, 1, 0.03);
}

}  // namespace
}  // namespace sheaf::backend::cim
