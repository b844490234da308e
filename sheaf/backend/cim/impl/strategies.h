// SPDX-License-Identifier: Apache-2.0
//
// The strategies, each in the file of its name.
#pragma once

#include "sheaf/backend/cim/strategy.h"
#include "sheaf/sim/crossbar/format.h"

namespace sheaf::backend::cim {

// Columns that a weight of this layer takes, as the chip encodes weights.
[[nodiscard]] std::uint32_t columns_per_weight(const target::Chip& chip, const LayerShape& layer,
                                               std::uint32_t cell_bits);
// Columns that are converted for a weight: of pairs that subtract currents, half of those.
[[nodiscard]] std::uint32_t conversions_per_weight(const target::Chip& chip,
                                                   const LayerShape& layer,
                                                   std::uint32_t cell_bits);
// A layer's numbers as bits in crossbars, as CrossbarProducts reads them: its inputs are two's
// complement. Counts of reads are those of sim/crossbar/format.h.
[[nodiscard]] sim::crossbar::Format format_of(const LayerShape& layer, const Hardware& hardware);
// Reads that an input of the layer is driven in.
[[nodiscard]] std::uint32_t digits_of(const LayerShape& layer, const Hardware& hardware);

// Columns of a crossbar that whole weights fill: the slices of a weight stay together.
[[nodiscard]] std::uint32_t whole_columns(const Hardware& hardware,
                                          std::uint32_t columns_per_weight);

// A dense matrix, expanded if it is circulant; every other strategy for crossbars begins with it.
// Groups share crossbars along the diagonal.
class DenseStrategy : public Strategy {
 public:
  explicit DenseStrategy(const target::Chip& chip) : chip_(chip) {}
  [[nodiscard]] std::string_view name() const override { return "dense"; }
  [[nodiscard]] PipelineKind own_pipeline() const override { return PipelineKind::inter_layer; }
  [[nodiscard]] LayerMapping map(const LayerShape& layer, const Hardware& hardware,
                                 std::uint64_t factor) const override;
  [[nodiscard]] std::uint64_t most_factor(const LayerShape& layer,
                                          const Hardware& hardware) const override;

 protected:
  const target::Chip& chip_;
};

class PipeLayerStrategy final : public DenseStrategy {
 public:
  explicit PipeLayerStrategy(const target::Chip& chip) : DenseStrategy(chip) {}
  [[nodiscard]] std::string_view name() const override { return "pipelayer"; }
  [[nodiscard]] PipelineKind own_pipeline() const override { return PipelineKind::whole_layer; }
  [[nodiscard]] LayerMapping map(const LayerShape& layer, const Hardware& hardware,
                                 std::uint64_t factor) const override;
  void add_energy(const LayerShape& layer, const LayerMapping& mapping,
                  Breakdown& energy_pj) const override;
};

class RebocStrategy final : public Strategy {
 public:
  RebocStrategy(const target::Chip& chip, const StrategyOptions& options)
      : chip_(chip), options_(options) {}
  [[nodiscard]] std::string_view name() const override { return "reboc"; }
  [[nodiscard]] PipelineKind own_pipeline() const override { return PipelineKind::intra_layer; }
  [[nodiscard]] LayerMapping map(const LayerShape& layer, const Hardware& hardware,
                                 std::uint64_t factor) const override;
  [[nodiscard]] std::uint64_t most_factor(const LayerShape& layer,
                                          const Hardware& hardware) const override;
  [[nodiscard]] std::uint32_t adc_bits(const LayerShapes& shapes,
                                       const target::Chip& chip) const override;

 private:
  [[nodiscard]] CrossbarGrid grid_of(const LayerShape& layer, const Hardware& hardware) const;
  [[nodiscard]] LayerMapping map_circulant(const LayerShape& layer, const Hardware& hardware,
                                           std::uint32_t duplicates) const;
  const target::Chip& chip_;
  StrategyOptions options_;
};

class TinyAdcStrategy final : public DenseStrategy {
 public:
  // Throws ConfigError for an encoding with an offset.
  explicit TinyAdcStrategy(const target::Chip& chip);
  [[nodiscard]] std::string_view name() const override { return "tinyadc"; }
  [[nodiscard]] std::uint32_t adc_bits(const LayerShapes& shapes,
                                       const target::Chip& chip) const override;
};

// Dense crossbars on a mesh; which numbers a tile needs is traffic.h's.
class CannonStrategy final : public DenseStrategy {
 public:
  explicit CannonStrategy(const target::Chip& chip) : DenseStrategy(chip) {}
  [[nodiscard]] std::string_view name() const override { return "cannon"; }
};

// Bits that columns with the limit of each layer (the chip's where a layer has none) need, for the
// layer that needs most; at most those that a full column does. Throws ConfigError where the chip
// stores weights with an offset: a weight of 0 is then 2^(bits - 1), and conducts.
[[nodiscard]] std::uint32_t limited_adc_bits(const LayerShapes& shapes, const target::Chip& chip);

}  // namespace sheaf::backend::cim
