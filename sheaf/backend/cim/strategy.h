// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sheaf/backend/cim/circulant_placement.h"
#include "sheaf/backend/cim/hardware.h"
#include "sheaf/backend/cim/layer_shape.h"

namespace sheaf::backend::cim {

// How the layers of a network follow each other.
enum class PipelineKind : std::uint8_t {
  inter_layer,  // ISAAC: a layer begins when the rows that its first window covers are there
  whole_layer,  // PipeLayer: a layer begins when the one before has finished the picture
  intra_layer,  // ReBoc: one layer at a time, all stages of it at once
};

// Which tile of the mesh gets which part of a network, in the order in which layers fill tiles.
enum class TilePlacement : std::uint8_t {
  serpentine,  // rows in turns from left to right and back
  row_major,   // every row from left to right
  annealed,    // from there, by simulated annealing of volume times hops
  exact,       // an optimum; of meshes with at most 16 routers
};
inline constexpr std::array<std::string_view, 4> kTilePlacementNames = {"serpentine", "row_major",
                                                                        "annealed", "exact"};

// What a strategy may be told. What a chip's `mapping` says is the default.
struct StrategyOptions {
  // Another pipeline than the strategy's own, to see what each of the two contributes.
  std::optional<PipelineKind> pipeline;
  // ---- reboc
  Slicing slicing = Slicing::apart;
  // Rotate the inputs of a step into those of the next instead of fetching them again.
  bool input_slice_reuse = true;
  // Keep the rows of a picture that a window covers in one buffer for all crossbars of a layer.
  bool input_tile_sharing = true;
  // ---- any that has a mesh
  TilePlacement placement = TilePlacement::serpentine;
  std::uint64_t placement_seed = 1;
  // ---- cannon
  // Weights that are kept, anywhere; what a tile needs of its inputs follows.
  double density = 1;
};

// One layer with all its replicas.
struct LayerMapping {
  std::uint64_t replicas = 1;    // of the whole layer
  std::uint64_t crossbars = 0;   // of all replicas
  std::uint64_t used_cells = 0;  // of one replica
  std::uint32_t duplicates = 1;  // of each block in a crossbar, rotated
  std::uint32_t row_strips = 1;
  std::uint32_t column_groups = 1;
  std::uint32_t steps = 1;     // rotations that one position takes
  std::uint32_t adc_bits = 0;  // that its columns are read with; 0: not converted
  // Of one position.
  std::uint64_t reads = 0;        // cycles in which crossbars are read
  std::uint64_t cell_reads = 0;   // cells that are read, in all of them
  std::uint64_t conversions = 0;  // columns that are read
  std::uint64_t drives = 0;       // rows that are driven, once per crossbar that a row passes
  std::uint64_t fetches = 0;      // numbers that are read from the tile's memory
  std::uint64_t rotations = 0;    // numbers that move by one place in input registers
  std::uint64_t sums = 0;         // that leave a PE, each of some rows and some bits of weights
};

// Crossbars of the tiles that a layer takes, where layers do not share tiles; else those it takes.
[[nodiscard]] std::uint64_t taken_crossbars(const LayerMapping& mapping, const Hardware& hardware);

class Strategy {
 public:
  virtual ~Strategy() = default;
  Strategy(const Strategy&) = delete;
  Strategy& operator=(const Strategy&) = delete;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] PipelineKind pipeline() const { return pipeline_.value_or(own_pipeline()); }
  void use_pipeline(std::optional<PipelineKind> pipeline) { pipeline_ = pipeline; }

  // The least mapping that takes at most 1 / `factor` of the time of the one of factor 1; above
  // most_factor(), that one.
  [[nodiscard]] virtual LayerMapping map(const LayerShape& layer, const Hardware& hardware,
                                         std::uint64_t factor) const = 0;
  [[nodiscard]] virtual std::uint64_t most_factor(const LayerShape& layer,
                                                  const Hardware& hardware) const = 0;
  // Bits of the converters that this network asks for.
  [[nodiscard]] virtual std::uint32_t adc_bits(const LayerShapes& shapes,
                                               const target::Chip& chip) const;
  // What a layer takes beside reads: writes of cells, for instance. Per run, pJ by component.
  virtual void add_energy(const LayerShape& layer, const LayerMapping& mapping,
                          Breakdown& energy_pj) const;

 protected:
  Strategy() = default;
  [[nodiscard]] virtual PipelineKind own_pipeline() const = 0;

 private:
  std::optional<PipelineKind> pipeline_;
};

// "dense", "pipelayer", "reboc", "tinyadc", "cannon": those of target::kStrategyNames for
// crossbars. Throws UsageError for another name, suggesting the nearest, and ConfigError for a chip
// that the strategy cannot use.
[[nodiscard]] std::unique_ptr<Strategy> make_strategy(std::string_view name,
                                                      const target::Chip& chip,
                                                      const StrategyOptions& options);
[[nodiscard]] std::span<const std::string> strategy_names();

// Ways to store weights, beside dense ones, that a strategy makes use of.
struct WeightForms {
  bool block_circulant = false;
  bool pow2_basis = false;
  bool column_nonzeros = false;
};
// reboc: circulant blocks, and a limit of non-zeros with or without them; tinyadc: a limit;
// smartdeal: powers of two; others, and unknown names: none.
[[nodiscard]] WeightForms weight_forms(std::string_view strategy);

// Throws ConfigError for a layer whose weights are stored in a way that the strategy would ignore.
void require_weight_forms(std::string_view strategy, const LayerShapes& shapes);

}  // namespace sheaf::backend::cim
