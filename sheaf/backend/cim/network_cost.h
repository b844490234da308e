// SPDX-License-Identifier: Apache-2.0
//
// What a network costs on a chip, by layer and component. Closed forms; nothing is simulated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sheaf/backend/cim/limits.h"
#include "sheaf/backend/cim/strategy.h"
#include "sheaf/backend/cim/traffic.h"

namespace sheaf::backend::cim {

struct LayerCost {
  std::string name;
  std::uint64_t macs = 0;
  LayerMapping mapping;
  double utilisation = 0;    // share of the cells of its crossbars that hold weights
  std::uint64_t cycles = 0;  // of one run
  Limits limits;             // of one run: how long each part works for it at least
  double time_ns = 0;        // of one run: the largest of these, and stages before and after reads
  double begin_ns = 0;       // of one input that comes alone
  double end_ns = 0;         // the last is the network's latency
  std::uint64_t conversions = 0;
  std::uint64_t drives = 0;
  std::uint64_t fetches = 0;
  double dram_bytes = 0;
  double weight_bytes = 0;    // of these, weights: what calls of a batch share
  Breakdown weight_pj = {};   // what moving them takes, part of the energy below
  double buffer_bytes = 0;    // of on-chip memories, read and written
  double register_bytes = 0;  // of a digital array's register files
  Traffic traffic;
  Breakdown energy_pj = {};
};

// energy of converters = convert_pj x converts_per_mac x macs / utilisation: what a conversion
// takes; how many there are per multiply-add where every row of a column is in use; what the
// network asks for; and the share of rows that are. (The "Titanium law" of RAELLA, ISCA 2023.)
struct Decomposition {
  double convert_pj = 0;
  double converts_per_mac = 0;
  double macs = 0;
  double utilisation = 0;
};

struct NetworkCost {
  std::string network;
  std::string chip;
  std::string strategy;
  PipelineKind pipeline = PipelineKind::intra_layer;
  double cycle_ns = 0;  // from one read of a crossbar to the next
  std::vector<LayerCost> layers;
  std::uint64_t crossbars = 0;        // in use
  std::uint64_t given_crossbars = 0;  // that were to be shared
  double chips = 0;                   // whose crossbars are in use
  std::uint32_t adc_bits = 0;
  double utilisation = 0;  // share of the cells of all crossbars that are in use
  std::uint64_t macs = 0;
  std::uint64_t conversions = 0;
  double interval_ns = 0;  // from one input to the next, in steady state: the largest limit, or, of
                           // layers in turns, the sum of their times
  Limits limits;           // of layers in turns, what the layers take that each limit binds
  bool links_counted = false;  // not of arrays, nor of very large meshes
  double latency_ns = 0;       // of one input
  TileMesh mesh;               // of a chip of crossbars: where tiles stand
  // What the fullest tile has to keep (impl/limits.h), and what its memory holds; 0: not stated.
  double memory_need_bytes = 0;
  double memory_bytes = 0;
  std::uint32_t neediest_layer = 0;  // of those in that tile
  double flit_hops = 0;
  double dram_bytes = 0;
  Breakdown energy_pj = {};  // of one input
  Breakdown area_um2 = {};   // of the crossbars in use with their shares of PEs, tiles and chips;
                             // what stands beside the tiles is `digital`
  Decomposition decomposition;

  [[nodiscard]] double total_energy_pj() const { return total(energy_pj); }
  [[nodiscard]] double total_area_um2() const { return total(area_um2); }
};

struct CostOptions {
  std::string strategy;  // empty: the chip's
  StrategyOptions mapping;
  // Crossbars that may be used; 0: those of as many whole chips as one copy of every layer needs.
  std::uint64_t crossbars = 0;
};

// Of a chip of crossbars, or of a digital array (strategy smartdeal), of which crossbars,
// conversions and the decomposition are 0 and utilisation is that of multipliers. Throws
// ConfigError where strategy, chip and layers do not go together, ResourceError where the crossbars
// do not do.
[[nodiscard]] NetworkCost cost_of(const LayerShapes& shapes, const target::Chip& chip,
                                  const CostOptions& options = {});

// Area of one crossbar with its shares, um2, as `strategy` needs it for this network; by it, a
// comparison at equal area turns into one of crossbars.
[[nodiscard]] double crossbar_area_um2(const LayerShapes& shapes, const target::Chip& chip,
                                       const CostOptions& options = {});

// Bits of converters that lose nothing of the layer that needs most: its rows, or the non-zeros of
// a column to which it, or else the chip, is limited. `chip` has crossbars.
[[nodiscard]] std::uint32_t needed_adc_bits(const LayerShapes& shapes, const target::Chip& chip);

// Crossbars that one copy of every layer takes.
[[nodiscard]] std::uint64_t least_crossbars(const LayerShapes& shapes, const target::Chip& chip,
                                            const CostOptions& options = {});

// Numbers that a layer keeps so that windows find all that they cover, where the layer before
// writes row by row: (width (kernel_height - 1) + kernel_width) channels (ISAAC, ISCA 2016, section
// 5; its table III counts the whole last line).
[[nodiscard]] std::uint64_t line_buffer_values(const LayerShape& layer);

}  // namespace sheaf::backend::cim
