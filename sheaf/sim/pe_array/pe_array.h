// SPDX-License-Identifier: Apache-2.0
//
// Closed forms of a digital array with rebuild engines, after SmartExchange (ISCA 2020) as far as
// it is known to us: slices (a filter each) of lines (an input channel each, summed by a tree of
// adders) of bit-serial multipliers (an output column each). A line is row-stationary: it holds a
// row of inputs, and every weight of a row of the kernel meets it in turn. Sums stay in the slice.
// Weights are dense, or rebuilt next to the line from sparse power-of-two coefficients and a small
// basis; rows of coefficients that are all 0 are skipped, and so are rows of inputs.
//
// Choices of this model, which the sources leave open:
// - lines and slices never wait for each other where they skip (a lower bound of cycles);
// - a full connection is a 1 x 1 kernel over one pixel, and so uses one multiplier of a line;
// - depthwise kernels use one line of a slice;
// - an engine makes a weight in `basis_size` cycles, a shift-add each; a line's engines take turns,
//   and a line waits where they need longer for a weight than it does for a product;
// - weights come from DRAM once a run; inputs once if all fit into the input memory, else once for
//   every group of filters; results go there once. A run waits once for DRAM's first byte.
#pragma once

#include <cstdint>
#include <vector>

#include "sheaf/target/chip.h"

namespace sheaf::sim::pe_array {

// A convolution; a full connection has one pixel.
struct Work {
  std::uint32_t filters = 1;   // of a group
  std::uint32_t channels = 1;  // of a group
  std::uint32_t groups = 1;
  std::uint32_t kernel_height = 1;
  std::uint32_t kernel_width = 1;
  std::uint32_t stride = 1;
  std::uint32_t in_height = 1;
  std::uint32_t in_width = 1;
  std::uint32_t out_height = 1;
  std::uint32_t out_width = 1;
  std::uint64_t runs = 1;
  std::uint32_t weight_bits = 8;
  std::uint32_t input_bits = 8;

  bool rebuilt = false;                // weights are coefficients times a basis
  std::uint32_t basis_size = 3;        // of basis_size x basis_size, at most what engines hold
  std::uint32_t coefficient_bits = 4;  // sign and exponent; notes on SmartExchange: 4
  std::uint32_t basis_bits = 8;        // notes on SmartExchange: 8
  double row_density = 1;              // rows of coefficients that are kept
  double zero_inputs = 0;              // rows of inputs that are 0
  double booth_density = 1;            // digits of an input that are not 0
};

// What a layer does, in all its runs.
struct Counts {
  double macs = 0;          // of the dense layer
  double done_macs = 0;     // that are not skipped
  double cycles = 0;        // of the array
  double utilisation = 0;   // of multipliers, by MACs done
  double weight_bytes = 0;  // as they are stored, with basis and index
  double dram_bytes = 0;
  double buffer_read_bytes = 0;  // of on-chip memories
  double buffer_write_bytes = 0;
  double register_bytes = 0;
  double rebuilds = 0;  // weights that are made of coefficients, `basis_size` shift-adds each
};

struct Cost {
  Counts counts;
  double compute_pj = 0;
  double rebuild_pj = 0;
  double register_pj = 0;
  double buffer_pj = 0;
  double dram_pj = 0;
  // Of these, what moves the weights from DRAM into their memory.
  double weight_dram_pj = 0;
  double weight_write_pj = 0;
  double time_ns = 0;  // the array's or the DRAM's, whichever takes longer
};

// Throws ConfigError for a chip whose PE is no array, for rebuilt weights without engines, and for
// a basis larger than those hold.
[[nodiscard]] Cost cost_of(const Work& work, const target::Chip& chip);

// Bits that are stored for one weight: coefficients of the rows that are kept, a bit per row that
// says which are, and a basis for every kMostSliceRows rows of a filter. Dense: weight_bits.
[[nodiscard]] double bits_per_weight(const Work& work);
inline constexpr std::uint32_t kMostSliceRows = 192;  // SmartDeal's public code: 64 channels of 3

}  // namespace sheaf::sim::pe_array
