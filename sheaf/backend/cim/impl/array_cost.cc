// SPDX-License-Identifier: Apache-2.0
//
// SmartDeal on its array (sim/pe_array), and dense networks on the same one.
#include "sheaf/backend/cim/impl/array_cost.h"

#include <string>

#include "sheaf/backend/cim/strategy.h"

namespace sheaf::backend::cim {

sim::pe_array::Work work_of(const LayerShape& layer) {
  sim::pe_array::Work work;
  work.filters = layer.outputs;
  work.groups = layer.groups;
  const std::uint32_t taps = layer.kernel_height * layer.kernel_width;
  work.channels = layer.inputs / taps;
  work.kernel_height = layer.kernel_height;
  work.kernel_width = layer.kernel_width;
  work.stride = layer.stride;
  work.in_height = layer.in_height;
  work.in_width = layer.in_width;
  work.out_width = layer.out_width;
  work.out_height = static_cast<std::uint32_t>(layer.positions / layer.out_width);
  work.runs = layer.calls;
  work.weight_bits = layer.weight_bits;
  work.input_bits = layer.input_bits;
  work.rebuilt = layer.form == WeightForm::pow2_basis;
  work.basis_size = layer.block;
  work.row_density = layer.row_density;
  work.zero_inputs = layer.zero_inputs;
  work.booth_density = layer.booth_density;
  return work;
}

NetworkCost array_cost(const LayerShapes& shapes, const target::Chip& chip) {
  require_weight_forms("smartdeal", shapes);
  NetworkCost network;
  network.network = shapes.name;
  network.chip = chip.name;
  network.strategy = "smartdeal";
  network.chips = 1;
  double busy = 0;
  const double leakage_mw = chip_leakage_mw(chip);
  for (const LayerShape& shape : shapes.layers) {
    const sim::pe_array::Cost cost = sim::pe_array::cost_of(work_of(shape), chip);
    LayerCost layer;
    layer.name = shape.name;
    layer.macs = shape.macs();
    layer.utilisation = cost.counts.utilisation;
    layer.cycles = static_cast<std::uint64_t>(cost.counts.cycles);
    layer.limits.of(Bound::compute) = cost.counts.cycles / chip.technology.clock_ghz;
    if (chip.dram) {
      layer.limits.of(Bound::dram) = static_cast<double>(shape.calls) * chip.dram->latency_ns +
                                     cost.counts.dram_bytes / chip.dram->bandwidth_gb_s;
    }
    layer.time_ns = cost.time_ns;
    network.limits.of(layer.limits.binds()) += layer.time_ns;
    layer.dram_bytes = cost.counts.dram_bytes;
    layer.weight_bytes = static_cast<double>(shape.calls) * cost.counts.weight_bytes;
    of(layer.weight_pj, Component::dram) = cost.weight_dram_pj;
    of(layer.weight_pj, Component::buffer) = cost.weight_write_pj;
    layer.buffer_bytes = cost.counts.buffer_read_bytes + cost.counts.buffer_write_bytes;
    layer.register_bytes = cost.counts.register_bytes;
    of(layer.energy_pj, Component::compute) = cost.compute_pj;
    of(layer.energy_pj, Component::rebuild) = cost.rebuild_pj;
    of(layer.energy_pj, Component::registers) = cost.register_pj;
    of(layer.energy_pj, Component::buffer) = cost.buffer_pj;
    of(layer.energy_pj, Component::dram) = cost.dram_pj;
    of(layer.energy_pj, Component::leakage) = leakage_mw * layer.time_ns;
    network.macs += layer.macs;
    layer.begin_ns = network.latency_ns;
    network.latency_ns += layer.time_ns;
    layer.end_ns = network.latency_ns;
    network.dram_bytes += layer.dram_bytes;
    busy += cost.counts.utilisation * cost.counts.cycles;
    network.utilisation += cost.counts.cycles;
    for (std::size_t c = 0; c < kComponents; ++c) network.energy_pj[c] += layer.energy_pj[c];
    network.layers.push_back(layer);
  }
  network.utilisation = busy / network.utilisation;
  network.interval_ns = network.latency_ns;
  return network;
}

}  // namespace sheaf::backend::cim
