// SPDX-License-Identifier: Apache-2.0
//
// Energy and area of networks beside those of other simulators for the same parameters.
// docs/accelerators/mnsim.md and neurosim.md say where their figures come from.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/sim/cost/figures.h"
#include "sheaf/target/read_chip.h"
#include "tests/backend/cim/mnsim_reference.h"
#include "tests/backend/cim/model_layers.h"

namespace sheaf::backend::cim {
namespace {

using test::ListedModel;
using test::MnsimReference;

constexpr double kBar = 1.5;

struct Reference {
  std::string model;
  double energy_uj;
  double area_mm2;
};

void expect_within(double ours, double theirs, double factor, const std::string& what) {
  EXPECT_LE(ours / theirs, factor) << what;
  EXPECT_GE(ours / theirs, 1 / factor) << what;
}

NetworkCost cost_on(const std::string& chip, const std::string& model,
                    const std::vector<std::string>& changes = {}) {
  const target::Chip described = target::read_chip(chip, changes);
  LayerShapes shapes = ListedModel(model).layers();
  set_precision(shapes, {described.mapping.weight_bits, described.mapping.input_bits});
  return cost_of(shapes, described);
}

void expect_near(const NetworkCost& cost, const Reference& reference, double factor) {
  expect_within(cost.total_energy_pj() / 1e6, reference.energy_uj, factor,
                reference.model + " energy");
  expect_within(cost.total_area_um2() / 1e6, reference.area_mm2, factor, reference.model + " area");
}

struct MnsimNetwork {
  std::string model;
  std::uint64_t pooling_layers;
  // What its formulas give with registers, adders, pooling, and first windows of rows fetched
  // whole.
  double energy_uj;
  double area_mm2;
};

const std::vector<MnsimNetwork> kMnsimNetworks = {{"mnsim_vgg8", 4, 3827.2, 1316.5},
                                                  {"mnsim_resnet18", 1, 935.59, 2015.6},
                                                  {"vgg8", 3, 3758.7, 1737.6},
                                                  {"resnet18", 2, 10484.3, 1741.7}};

TEST(OtherSimulators, MnsimIsReachedForItsOwnNetworksAndOurs) {
  for (const MnsimNetwork& network : kMnsimNetworks) {
    const MnsimReference reference(ListedModel(network.model).layers(), network.pooling_layers);
    EXPECT_NEAR(reference.energy_pj() / 1e6 / network.energy_uj, 1, 0.02) << network.model;
    EXPECT_NEAR(reference.area_um2() / 1e6 / network.area_mm2, 1, 0.01) << network.model;
    expect_near(cost_on("mnsim", network.model),
                {network.model, network.energy_uj, network.area_mm2}, kBar);
  }
}

TEST(OtherSimulators, MnsimIsReachedByComponent) {
  const MnsimReference reference(ListedModel("mnsim_vgg8").layers(), 4);
  NetworkCost cost = cost_on("mnsim", "mnsim_vgg8");
  expect_within(of(cost.energy_pj, Component::adc), reference.adc_pj, 1.2, "adc");
  expect_within(of(cost.energy_pj, Component::buffer), reference.buffer_pj, 1.2, "buffer");
  expect_within(of(cost.energy_pj, Component::crossbar), reference.crossbar_pj, 1.2, "crossbar");
  expect_within(of(cost.energy_pj, Component::dac), reference.dac_pj, 1.2, "dac");
  expect_within(of(cost.area_um2, Component::crossbar) / 1e6, 1001.5, 1.1, "crossbar area");
  expect_within(of(cost.area_um2, Component::adc) / 1e6, 197.8, 1.1, "adc area");
}

// NeuroSim V1.3, published with CiMLoop: 210.86 uJ and 10.60 uJ of leakage, 79.48 mm2.
TEST(OtherSimulators, NeuroSimIsReachedForResNet18) {
  NetworkCost cost = cost_on("neurosim", "resnet18");
  expect_near(cost, {"resnet18", 221.46, 79.48}, kBar);
  expect_within(of(cost.area_um2, Component::crossbar) / 1e6, 1.97, 1.2, "crossbar area");
  expect_within(of(cost.area_um2, Component::adc) / 1e6, 31.42, 1.2, "adc area");
  expect_within(of(cost.energy_pj, Component::buffer) / 1e6, 60.94, kBar, "trees and buffers");
}

// A run of V1.3 with random bits: 74.57 uJ and 1.48 uJ of leakage, 58.73 mm2.
TEST(OtherSimulators, NeuroSimIsReachedForVgg8) {
  NetworkCost cost = cost_on("neurosim", "vgg8", {"mapping.input_density=0.5"});
  expect_near(cost, {"vgg8", 76.06, 58.73}, kBar);
  expect_within(
      (of(cost.energy_pj, Component::crossbar) + of(cost.energy_pj, Component::adc)) / 1e6, 53.41,
      kBar, "array and converters");
}

// MNSIM (2017) gives ISAAC's tile 0.37 mm2, and a task 0.94 uJ in 2.2 us.
TEST(OtherSimulators, IsaacsTileIsAsMnsimHasIt) {
  const target::Chip chip = target::read_chip("isaac");
  double area_mm2 = 0;
  double power_mw = 0;
  double cycles = 0;
  for (const sim::cost::Figure& figure : sim::cost::figures_of(chip)) {
    if (figure.name == "tile.area_mm2") area_mm2 = figure.value;
    if (figure.name == "tile.power_mw") power_mw = figure.value;
    if (figure.name == "pipeline.cycles") cycles = figure.value;
  }
  const double task_us = cycles * chip.pipeline->cycle_ns / 1e3;
  EXPECT_NEAR(area_mm2, 0.37, 0.005);
  EXPECT_NEAR(task_us, 2.2, 1e-9);
  expect_within(power_mw * task_us / 1e3, 0.94, kBar, "energy of a task");
}

}  // namespace
}  // namespace sheaf::backend::cim
