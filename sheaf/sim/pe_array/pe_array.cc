// SPDX-License-Identifier: Apache-2.0
#include "sheaf/sim/pe_array/pe_array.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "sheaf/base/ceil_div.h"
#include "sheaf/base/error.h"

namespace sheaf::sim::pe_array {
namespace {

using base::ceil_div;

const target::Buffer* find(const std::vector<target::Buffer>& buffers, std::string_view name) {
  for (const target::Buffer& buffer : buffers) {
    if (buffer.name == name) return &buffer;
  }
  return nullptr;
}

struct Memory {
  double read_pj = 0;
  double write_pj = 0;
  double bytes = 0;
};

Memory memory_of(const std::vector<target::Buffer>& buffers, std::string_view name) {
  const target::Buffer* buffer = find(buffers, name);
  if (buffer == nullptr) return {};
  return {buffer->read_pj_per_byte, buffer->write_pj_per_byte, buffer->bytes * buffer->count};
}

// How a layer is cut: passes over groups of filters, strips of output columns.
struct Cut {
  double passes;  // groups of filters, one after the other
  double channel_groups;
  double rows_read;    // input channels that are read in all of them
  double strips;       // of all output rows
  double strip_width;  // output columns of one
  double input_bytes;
  double output_bytes;
};

Cut cut_of(const Work& work, const target::PeArray& array) {
  Cut cut{};
  // Several groups of one channel (depthwise) take a slice each.
  const bool depthwise = work.channels == 1 && work.groups > 1;
  const std::uint64_t filters =
      depthwise ? std::uint64_t{work.groups} * work.filters : work.filters;
  const std::uint64_t groups = depthwise ? 1 : work.groups;
  cut.passes = static_cast<double>(groups * ceil_div(filters, array.slices));
  cut.channel_groups = static_cast<double>(ceil_div(work.channels, array.lines));
  // Slices share the inputs of their group.
  cut.rows_read =
      depthwise ? static_cast<double>(filters) : cut.passes * static_cast<double>(work.channels);
  const std::uint64_t across = ceil_div(work.out_width, array.macs);
  cut.strips = static_cast<double>(work.out_height * across);
  cut.strip_width = std::min<double>(work.out_width, array.macs);
  cut.input_bytes = static_cast<double>(work.groups) * work.channels * work.in_height *
                    work.in_width * work.input_bits / 8;
  cut.output_bytes = static_cast<double>(work.groups) * work.filters * work.out_height *
                     work.out_width * work.input_bits / 8;
  return cut;
}

}  // namespace

double bits_per_weight(const Work& work) {
  if (!work.rebuilt) return work.weight_bits;
  const std::uint32_t basis_size = work.basis_size;
  const double weights =
      static_cast<double>(work.channels) * work.kernel_height * work.kernel_width;
  const double rows = std::ceil(weights / basis_size);
  const double slices = std::ceil(rows / kMostSliceRows);
  const double basis = static_cast<double>(basis_size) * basis_size * work.basis_bits;
  return (rows * (work.row_density * basis_size * work.coefficient_bits + 1) + slices * basis) /
         weights;
}

Cost cost_of(const Work& work, const target::Chip& chip) {
  if (!chip.pe.array) {
    throw base::ConfigError({.place = "chip " + chip.name,
                             .what = "processing elements",
                             .got = "crossbars",
                             .expected = "a digital array"});
  }
  const target::PeArray& array = *chip.pe.array;
  if (work.rebuilt && array.rebuild_engines == 0) {
    throw base::ConfigError({.place = "chip " + chip.name,
                             .what = "weights to be rebuilt",
                             .got = "no rebuild engines",
                             .expected = "pe.array.rebuild_engines, one or more"});
  }
  if (work.rebuilt && work.basis_size > array.basis_size) {
    throw base::ConfigError({.place = "chip " + chip.name,
                             .what = "side of a basis",
                             .got = std::to_string(work.basis_size),
                             .expected = "at most " + std::to_string(array.basis_size),
                             .hint = "pe.array.basis_size says what a rebuild engine holds"});
  }
  const Cut cut = cut_of(work, array);
  const Memory weights = memory_of(chip.pe.buffers, "weights");
  const Memory input = memory_of(chip.tile.buffers, "input");
  const Memory output = memory_of(chip.tile.buffers, "output");
  const auto runs = static_cast<double>(work.runs);
  const double kept = (work.rebuilt ? work.row_density : 1) * (1 - work.zero_inputs);
  const double taps = static_cast<double>(work.kernel_height) * work.kernel_width;
  const double weight_count =
      static_cast<double>(work.groups) * work.filters * work.channels * taps;

  Cost cost;
  Counts& c = cost.counts;
  c.macs = runs * weight_count * work.out_height * work.out_width;
  c.done_macs = c.macs * kept;
  const double digits = std::max(1.0, array.cycles_per_mac * work.booth_density);
  // A line waits for its engines where they need longer for a weight than it does for a product.
  const double weight_cycles =
      work.rebuilt ? std::max(digits, double{1} * work.basis_size / array.rebuild_engines) : digits;
  c.cycles = runs * cut.passes * cut.channel_groups * cut.strips * taps * kept * weight_cycles;
  c.utilisation = c.done_macs * digits /
                  (c.cycles * array.slices * array.lines * static_cast<double>(array.macs));
  c.weight_bytes = weight_count * bits_per_weight(work) / 8;

  const double times = cut.input_bytes <= input.bytes ? 1 : cut.passes;
  c.dram_bytes = runs * (c.weight_bytes + cut.input_bytes * times + cut.output_bytes);
  // Weights as they are stored, once for every strip of outputs; rows of inputs, once for every
  // group of filters, with what the window hangs over.
  const double weight_reads = runs * c.weight_bytes * cut.strips;
  const double row_bytes =
      ((cut.strip_width - 1) * work.stride + work.kernel_width) * work.input_bits / 8;
  const double input_reads =
      runs * cut.rows_read * cut.strips * work.kernel_height * kept * row_bytes;
  const double outputs = runs * cut.output_bytes;
  c.buffer_read_bytes = weight_reads + input_reads + outputs;
  c.buffer_write_bytes = runs * (c.weight_bytes + cut.input_bytes * times) + outputs;
  // A multiplier takes an input from its line's queue; a line takes each weight once.
  c.register_bytes = c.done_macs * work.input_bits / 8;
  if (work.rebuilt) c.rebuilds = runs * weight_count * kept * cut.strips;

  cost.compute_pj = c.done_macs * array.mac_pj * digits / array.cycles_per_mac;
  cost.rebuild_pj = c.rebuilds * work.basis_size * array.adder_pj;
  cost.register_pj = c.register_bytes * array.register_pj_per_byte;
  cost.buffer_pj = weight_reads * weights.read_pj + runs * c.weight_bytes * weights.write_pj +
                   input_reads * input.read_pj + runs * cut.input_bytes * times * input.write_pj +
                   outputs * (output.read_pj + output.write_pj);
  cost.weight_write_pj = runs * c.weight_bytes * weights.write_pj;
  cost.time_ns = c.cycles / chip.technology.clock_ghz;
  if (chip.dram) {
    cost.dram_pj = c.dram_bytes * chip.dram->energy_pj_per_byte;
    cost.time_ns = std::max(
        cost.time_ns, runs * chip.dram->latency_ns + c.dram_bytes / chip.dram->bandwidth_gb_s);
    cost.weight_dram_pj = runs * c.weight_bytes * chip.dram->energy_pj_per_byte;
  }
  return cost;
}

}  // namespace sheaf::sim::pe_array
