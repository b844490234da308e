// SPDX-License-Identifier: Apache-2.0
//
// Two convolutions on the teaching chip, every figure of which is computed by hand here.
#include <gtest/gtest.h>

#include "sheaf/backend/cim/impl/strategies.h"
#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/sim/noc/energy.h"
#include "sheaf/target/read_chip.h"

namespace sheaf::backend::cim {
namespace {

// 8 x 8 cells of 1 bit, 4 crossbars a tile, 2 x 2 tiles. A weight of 4 bits takes 4 columns, an
// input of 4 bits 4 reads of 10 ns. What a memory takes is stated, a number that leaves a tile
// takes 3 x 0.2 mW for 1 ns.
target::Chip teaching() {
  target::Chip chip = target::read_chip("teaching");
  chip.tile.buffers[0].read_pj_per_byte = 2;
  chip.tile.buffers[0].write_pj_per_byte = 5;
  target::DigitalUnit unit;
  unit.name = "sigmoid";
  unit.count = 3;
  unit.power_mw = 0.2;
  chip.tile.units.push_back(unit);
  return chip;
}

LayerShape convolution(const std::string& name, std::uint32_t channels, std::uint32_t outputs) {
  LayerShape layer;
  layer.name = name;
  layer.kind = LayerKind::conv2d;
  layer.in_channels = channels;
  layer.outputs = outputs;
  layer.kernel_height = 2;
  layer.kernel_width = 3;
  layer.inputs = 2 * 3 * channels;
  layer.weight_bits = layer.input_bits = 4;
  return layer;
}

// 6 x 6 pixels of 2 channels -> 5 x 4 of 5 -> 4 x 2 of 3. The first takes 12 rows, two strips, and
// 20 columns, three groups: 6 crossbars. The second 30 rows, four strips, and 12 columns, two
// groups: 8 crossbars.
LayerShapes two_layers() {
  LayerShape a = convolution("a", 2, 5);
  a.in_height = a.in_width = 6;
  a.out_width = 4;
  a.positions = 20;
  a.sources = {{kOutside, 72}};
  LayerShape b = convolution("b", 5, 3);
  b.in_height = 5;
  b.in_width = 4;
  b.out_width = 2;
  b.positions = 8;
  b.sources = {{0, 100}};
  LayerShapes shapes;
  shapes.name = "two layers";
  shapes.layers = {a, b};
  return shapes;
}

NetworkCost on_teaching(const LayerShapes& shapes) {
  CostOptions options;
  options.crossbars = 14;  // one copy of each
  return cost_of(shapes, teaching(), options);
}

TEST(HandCounts, EventsOfAPosition) {
  const NetworkCost cost = on_teaching(two_layers());
  const LayerMapping& m = cost.layers[0].mapping;
  EXPECT_EQ(m.crossbars, 6U);
  EXPECT_EQ(m.replicas, 1U);
  EXPECT_EQ(m.reads, 4U);
  EXPECT_EQ(m.cell_reads, 4U * 12 * 20);
  EXPECT_EQ(m.conversions, 4U * 20 * 2);
  EXPECT_EQ(m.drives, 4U * 12 * 3);  // of a row, in every group of columns
  EXPECT_EQ(m.fetches, 12U * 2);     // two PEs of two crossbars hold three groups
  EXPECT_EQ(cost.conversions, 20U * 160 + 8U * 4 * 12 * 4);
}

TEST(HandCounts, EnergyOfALayerByComponent) {
  const LayerCost layer = on_teaching(two_layers()).layers[0];
  const Breakdown& e = layer.energy_pj;
  EXPECT_NEAR(of(e, Component::crossbar), 20 * 960 / 64.0 * 1, 1e-9);
  EXPECT_NEAR(of(e, Component::dac), 20 * 144 * 0.1, 1e-9);
  EXPECT_NEAR(of(e, Component::adc), 20 * 160 * (1 / 0.8), 1e-9);
  // 2 x 0.05 mW for 10 ns, in which a PE's two crossbars convert 16 columns; its registers' 0.1 mW,
  // in which they drive 16 rows.
  EXPECT_NEAR(of(e, Component::periphery), 20 * 160 * (1.0 / 16), 1e-9);
  EXPECT_NEAR(of(e, Component::registers), 20 * 144 * (1.0 / 16), 1e-9);
  // Half a byte each: 24 numbers read a position, 100 results written.
  EXPECT_NEAR(of(e, Component::buffer), 20 * 24 * 0.5 * 2 + 100 * 0.5 * 5, 1e-9);
  EXPECT_NEAR(layer.buffer_bytes, (20 * 24 + 100) * 0.5, 1e-9);
  EXPECT_NEAR(of(e, Component::digital), 100 * 0.6, 1e-9);
  EXPECT_EQ(of(e, Component::compute) + of(e, Component::rebuild) + of(e, Component::dram), 0);
}

TEST(HandCounts, MemoriesWithABusShareItsPowerOverTheBytesOfAnAccess) {
  target::Chip chip = teaching();
  target::Buffer& memory = chip.tile.buffers[0];
  memory.read_pj_per_byte = memory.write_pj_per_byte = 0;
  memory.bus_bits = 32;  // 1 mW for 1 ns by 4 bytes
  target::DigitalUnit bus;
  bus.name = "bus";
  bus.count = 2;
  bus.power_mw = 0.6;
  chip.tile.units.push_back(bus);
  Hardware hardware = hardware_of(chip);
  EXPECT_NEAR(hardware.buffer_read_pj_byte, (1 + 2 * 0.6) / 4, 1e-12);
  EXPECT_NEAR(hardware.buffer_write_pj_byte, (1 + 2 * 0.6) / 4, 1e-12);
  chip.tile.units.back().energy_pj = 8;
  chip.technology.clock_ghz = 2;  // half as long for what is stated as power
  hardware = hardware_of(chip);
  EXPECT_NEAR(hardware.buffer_read_pj_byte, (0.5 + 2 * 8) / 4, 1e-12);
  EXPECT_NEAR(hardware.result_pj, 3 * 0.2 * 0.5, 1e-12);
}

TEST(HandCounts, TrafficBetweenTilesAndTheEnergyOfItsHops) {
  const NetworkCost cost = on_teaching(two_layers());
  // `a` stands in four crossbars of tile 0 and two of tile 1: sums of one strip go to the other,
  // 4 + 4 bits and 4 for twelve of them, in flits of 32.
  const Traffic& a = cost.layers[0].traffic;
  EXPECT_EQ(a.values, 0);
  EXPECT_NEAR(a.partial_sums, 100, 1e-9);
  EXPECT_NEAR(a.flits, 100 * 12 / 32.0, 1e-9);
  EXPECT_NEAR(a.flit_hops, 37.5, 1e-9);
  // `b` takes two tiles, both of which need all inputs, 4 bits each; and 4 + 4 + 5 bits a sum.
  const Traffic& b = cost.layers[1].traffic;
  EXPECT_NEAR(b.values, 200, 1e-9);
  EXPECT_NEAR(b.partial_sums, 24, 1e-9);
  EXPECT_NEAR(b.flits, 200 * 4 / 32.0 + 24 * 13 / 32.0, 1e-9);
  // From tiles 0 and 1 (2/3, 1/3) to 1, 2 and 3 (1/4, 1/2, 1/4), which lie at (1, 0), (1, 1) and
  // (0, 1).
  const double hops = 2.0 / 3 * (0.25 * 1 + 0.5 * 2 + 0.25 * 1) + 1.0 / 3 * (0.5 * 1 + 0.25 * 2);
  EXPECT_NEAR(b.flit_hops, 25 * hops + 9.75, 1e-9);
  const target::Mesh mesh = *teaching().mesh;
  const double hop_pj = sim::noc::flit_energy_pj(mesh, 1) - sim::noc::flit_energy_pj(mesh, 0);
  // Of the inputs, 1/3 x 1/4 stay in tile 1; all others, and the sums, pass a router more than
  // links.
  EXPECT_NEAR(b.sent_flits, 25 * 11.0 / 12 + 9.75, 1e-9);
  EXPECT_NEAR(of(cost.layers[1].energy_pj, Component::network),
              b.flit_hops * hop_pj + b.sent_flits * sim::noc::flit_energy_pj(mesh, 0), 1e-9);
}

TEST(HandCounts, ConversionsOfAMultiplyAddAndTheShareOfRowsInUse) {
  // 4 columns x 4 reads for 8 rows: 2 conversions a multiply-add. Of `a` 12 rows of 16 are in use,
  // of `b` 30 of 32.
  const Decomposition d = on_teaching(two_layers()).decomposition;
  EXPECT_NEAR(d.convert_pj, 1.25, 1e-12);
  EXPECT_NEAR(d.converts_per_mac, 2, 1e-12);
  EXPECT_EQ(d.macs, 20 * 60 + 8 * 90);
  EXPECT_NEAR(d.utilisation, 2 * (1200 + 720) / (20 * 160.0 + 8 * 192.0), 1e-12);
}

TEST(HandCounts, AFullCrossbarAndOneHalfOfWhoseRowsAreInUse) {
  for (const std::uint32_t rows : {8U, 4U}) {
    LayerShapes shapes;
    LayerShape layer;
    layer.inputs = rows;
    layer.outputs = 2;
    layer.weight_bits = layer.input_bits = 4;
    shapes.layers = {layer};
    CostOptions options;
    options.crossbars = 1;
    const NetworkCost cost = cost_of(shapes, teaching(), options);
    EXPECT_NEAR(cost.decomposition.converts_per_mac, 2, 1e-12);
    EXPECT_NEAR(cost.decomposition.utilisation, rows / 8.0, 1e-12);
    EXPECT_NEAR(cost.utilisation, rows / 8.0, 1e-12);
    EXPECT_NEAR(cost.layers[0].utilisation, rows / 8.0, 1e-12);
    EXPECT_EQ(cost.conversions, 2U * 4 * 4);
  }
}

TEST(HandCounts, ALayerBeginsWithItsFirstWindowAndEndsAfterItsSources) {
  const NetworkCost cost = on_teaching(two_layers());
  // 20 positions of 4 reads, and 4 cycles of the stages before and after.
  EXPECT_EQ(cost.layers[0].begin_ns, 0);
  EXPECT_NEAR(cost.layers[0].end_ns, 840, 1e-9);
  EXPECT_NEAR(cost.layers[0].time_ns, 840, 1e-9);
  // A row of 4 pixels and 3 of the next, of 20, of the 800 ns in which `a` reads; then 40 ns.
  EXPECT_NEAR(cost.layers[1].begin_ns, 800 * 7 / 20.0 + 40, 1e-9);
  EXPECT_NEAR(cost.layers[1].end_ns, 840 + 40, 1e-9);
  EXPECT_NEAR(cost.latency_ns, 880, 1e-9);
  EXPECT_NEAR(cost.interval_ns, 800, 1e-9);
  // Where it has more to do than is left when `a` is done, it ends when it has done it.
  LayerShapes slow = two_layers();
  slow.layers[1].positions = 18;
  EXPECT_NEAR(on_teaching(slow).layers[1].end_ns, 320 + 18 * 40 + 40, 1e-9);
}

TEST(HandCounts, OnePictureAfterTheOtherOrOneLayerAfterTheOther) {
  CostOptions options;
  options.crossbars = 14;
  options.mapping.pipeline = PipelineKind::whole_layer;
  const NetworkCost whole = cost_of(two_layers(), teaching(), options);
  EXPECT_NEAR(whole.layers[1].begin_ns, 800, 1e-9);  // the slowest layer's time, each
  EXPECT_NEAR(whole.latency_ns, 1600, 1e-9);
  options.mapping.pipeline = PipelineKind::intra_layer;
  const NetworkCost turns = cost_of(two_layers(), teaching(), options);
  EXPECT_NEAR(turns.layers[1].begin_ns, 840, 1e-9);
  EXPECT_NEAR(turns.latency_ns, 840 + 8 * 40 + 40, 1e-9);
  EXPECT_NEAR(turns.interval_ns, turns.latency_ns, 1e-9);
}

TEST(HandCounts, DramHoldsWhatComesFromOutsideAndResultsThatNobodyReads) {
  target::Chip chip = teaching();
  CostOptions options;
  options.crossbars = 14;
  EXPECT_EQ(cost_of(two_layers(), chip, options).dram_bytes, 0);
  chip.dram = target::Dram{.energy_pj_per_byte = 10, .bandwidth_gb_s = 25.6};
  const NetworkCost cost = cost_of(two_layers(), chip, options);
  // 72 inputs of `a`, 24 results of `b`, 4 bits each.
  EXPECT_NEAR(cost.layers[0].dram_bytes, 36, 1e-12);
  EXPECT_NEAR(cost.layers[1].dram_bytes, 12, 1e-12);
  EXPECT_NEAR(cost.dram_bytes, 48, 1e-12);
  EXPECT_NEAR(of(cost.layers[0].energy_pj, Component::dram), 360, 1e-9);
  EXPECT_NEAR(of(cost.energy_pj, Component::dram), 480, 1e-9);
  EXPECT_NEAR(cost.interval_ns, 800, 1e-9);
  chip.dram->bandwidth_gb_s = 0.01;
  EXPECT_NEAR(cost_of(two_layers(), chip, options).interval_ns, 4800, 1e-9);
}

TEST(HandCounts, CirculantBlocksAreDrivenInEveryGroupOfColumnsAndFetchedByEveryPe) {
  // 12 x 20 in blocks of 4: strips of 8 and 4 rows, 5 block rows of 4 columns, three groups in two
  // PEs; one copy, so four steps.
  LayerShape layer;
  layer.inputs = layer.in_channels = 12;
  layer.outputs = 20;
  layer.weight_bits = layer.input_bits = 4;
  layer.form = WeightForm::block_circulant;
  layer.block = 4;
  const target::Chip chip = teaching();
  const Hardware hardware = hardware_of(chip);
  StrategyOptions options;
  const LayerMapping shared = RebocStrategy(chip, options).map(layer, hardware, 1);
  EXPECT_EQ(shared.steps, 4U);
  EXPECT_EQ(shared.reads, 4U * 4);
  EXPECT_EQ(shared.conversions, 4U * 4 * 20 * 2);
  EXPECT_EQ(shared.drives, 4U * 4 * 12 * 3);
  EXPECT_EQ(shared.cell_reads, 4U * 4 * 12 * 20);
  EXPECT_EQ(shared.fetches, 12U);
  EXPECT_EQ(shared.rotations, 12U * 3 * 2);
  options.input_tile_sharing = false;
  EXPECT_EQ(RebocStrategy(chip, options).map(layer, hardware, 1).fetches, 12U * 2);
  options.input_slice_reuse = false;
  const LayerMapping anew = RebocStrategy(chip, options).map(layer, hardware, 1);
  EXPECT_EQ(anew.fetches, 12U * 2 * 4);
  EXPECT_EQ(anew.rotations, 0U);
}

}  // namespace
}  // namespace sheaf::backend::cim
