// SPDX-License-Identifier: Apache-2.0
//
// A network on a simulated chip, by closed forms: what `sheaf simulate --hw CHIP --model NAME` and
// reports of it stand on. Values on a chip: chip_run.h.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sheaf/backend/cim/network_cost.h"
#include "sheaf/engine/workload.h"
#include "sheaf/runtime/ledger.h"
#include "sheaf/target/chip.h"

namespace sheaf::study {

// How a network is put onto a chip.
struct ChipOptions {
  // "block_circulant:k=16", "pow2_basis:k=3,rows=0.5" (SmartDeal: bases of 3 x 3, that share of
  // rows kept; every_kernel=1: of kernels of any height too; zeros=0.3: share of inputs that are 0,
  // booth=0.6: of digits that are not) or "column_nonzeros:n=5" (TinyADC); each changes what it
  // fits; several may be joined by +. "none" and "block_circulant:k=1" change nothing. Where
  // nothing says how weights are stored, a list of layers on a chip with mapping.block > 1 and
  // strategy reboc is stored in blocks of that size.
  std::vector<std::string> compress;
  std::string strategy;              // empty: the chip's
  std::optional<tensor::Bits> bits;  // of a list of layers; none: the chip's
  double density = 1;                // of weights, of strategy cannon
  std::uint32_t chips = 0;           // that there are; 0: as many as one copy of all layers needs
  std::string placement = "serpentine";  // of tiles: kTilePlacementNames
  std::string slicing = "apart";         // of strategy reboc: kSlicingNames
  bool input_slice_reuse = true;         // of strategy reboc (StrategyOptions)
  bool input_tile_sharing = true;
};

struct ChipStudy {
  target::Chip chip;
  backend::cim::LayerShapes shapes;
  backend::cim::NetworkCost cost;
  bool of_data = false;  // a run over all data, not one input
  // What a reader should know of how the weights are stored.
  std::vector<std::string> notes;
};

// The layers of a model without data: a list of configs/models, or a file of one (docs/mapping.md).
// Throws NotFoundError, which names the nearest, and UsageError for a model that has no list.
[[nodiscard]] backend::cim::LayerShapes listed_layers(const std::string& model);

// The products of a model in one run over all instances. Of a quantised model, those of integers.
[[nodiscard]] backend::cim::LayerShapes layers_of(const engine::Workload& workload);

// The parts of "block_circulant:k=16+column_nonzeros:n=5", one way to store weights each.
[[nodiscard]] std::vector<std::string> compressions(const std::string& text);

// Applies options.compress, and names the layers that stay dense. Throws UsageError where it is
// misspelt, fits no layer, or a block is larger than a crossbar of the chip.
[[nodiscard]] std::vector<std::string> compress(backend::cim::LayerShapes& shapes,
                                                const target::Chip& chip,
                                                const std::vector<std::string>& how);

// Throws ConfigError where strategy, chip, layers and how their weights are stored do not go
// together, ResourceError where they do not fit. A model whose own weights are circulant is mapped
// in full by a strategy that makes no use of blocks, with a note. Bits of layers stay where
// `options.bits` is empty and `own_bits` is set.
[[nodiscard]] ChipStudy put_on_chip(backend::cim::LayerShapes shapes, target::Chip chip,
                                    const ChipOptions& options, bool own_bits = false);

// What a reader has to know to judge the figures, a line each.
[[nodiscard]] std::vector<std::string> notes_of(const ChipStudy& study);
// By layer and by component, with totals and notes; what is reconstructed says so.
[[nodiscard]] std::string to_text(const ChipStudy& study);
[[nodiscard]] nlohmann::ordered_json to_json(const ChipStudy& study);

// A row per layer and component. The time of a layer stands in its row of `crossbar` (`compute`, of
// a digital array), what it converts in `adc`, bytes in `buffer` and `dram`, flits in `network`.
// Layers work at the same time: their times add up to more than a run takes.
[[nodiscard]] runtime::Ledger ledger_of(const ChipStudy& study);

}  // namespace sheaf::study
