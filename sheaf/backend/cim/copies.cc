// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/copies.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sheaf/backend/cim/counts.h"
#include "sheaf/base/error.h"

namespace sheaf::backend::cim {
namespace {

constexpr int kHalvings = 60;

class Sharing {
 public:
  Sharing(const Strategy& strategy, const LayerShapes& shapes, const Hardware& hardware,
          std::uint64_t crossbars)
      : strategy_(strategy), layers_(shapes.layers), hardware_(hardware), budget_(crossbars) {
    for (const LayerShape& layer : layers_) {
      least_.push_back(strategy.map(layer, hardware, 1));
      most_.push_back(strategy.most_factor(layer, hardware));
    }
  }

  // The least interval for which the replicas fit.
  std::vector<LayerMapping> fastest_interval() {
    std::uint64_t low = 1;  // too fast, or as fast as layers can be
    std::uint64_t high = 1;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      high = std::max(high, cycles_of(layers_[i], least_[i]));
      low = std::max(low, cycles_of(layers_[i], strategy_.map(layers_[i], hardware_, most_[i])));
    }
    std::vector<LayerMapping> best = least_;
    while (low <= high) {
      const std::uint64_t interval = low + (high - low) / 2;
      std::vector<LayerMapping> mappings = within(interval);
      if (!mappings.empty()) {
        best = std::move(mappings);
        if (interval == 0) break;
        high = interval - 1;
      } else {
        low = interval + 1;
      }
    }
    return best;
  }

  std::vector<LayerMapping> least_sum() {
    double low = 0;  // multipliers of the constraint, as powers of two
    double high = 200;
    std::vector<std::uint64_t> factors(layers_.size(), 1);
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (low + high) / 2;
      const std::vector<std::uint64_t> wanted = factors_at(std::exp2(middle - 100));
      if (crossbars_of(wanted) <= budget_) {
        factors = wanted;
        high = middle;
      } else {
        low = middle;
      }
    }
    return improved(std::move(factors));
  }

 private:
  // Mappings whose layers all take at most `interval`; empty when they do not fit.
  [[nodiscard]] std::vector<LayerMapping> within(std::uint64_t interval) const {
    std::vector<LayerMapping> mappings;
    std::uint64_t used = 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      LayerMapping mapping = least_[i];
      std::uint64_t factor = 1;
      for (std::uint64_t cycles = cycles_of(layers_[i], mapping); cycles > interval;
           cycles = cycles_of(layers_[i], mapping)) {
        if (factor >= most_[i]) return {};
        factor = std::min(most_[i], std::max(factor + 1, factor * cycles / interval));
        mapping = strategy_.map(layers_[i], hardware_, factor);
        if (used + taken_crossbars(mapping, hardware_) > budget_) return {};
      }
      used += taken_crossbars(mapping, hardware_);
      if (used > budget_) return {};
      mappings.push_back(mapping);
    }
    return mappings;
  }

  [[nodiscard]] std::vector<std::uint64_t> factors_at(double multiplier) const {
    std::vector<std::uint64_t> factors;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const double cycles = static_cast<double>(cycles_of(layers_[i], least_[i]));
      const double wanted = std::sqrt(
          cycles / (multiplier * static_cast<double>(taken_crossbars(least_[i], hardware_))));
      const double most = static_cast<double>(most_[i]);
      factors.push_back(static_cast<std::uint64_t>(std::clamp(wanted, 1.0, most)));
    }
    return factors;
  }

  [[nodiscard]] std::uint64_t crossbars_of(const std::vector<std::uint64_t>& factors) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      sum += taken_crossbars(strategy_.map(layers_[i], hardware_, factors[i]), hardware_);
    }
    return sum;
  }

  // Steps of one layer while one fits, the one that saves most cycles per crossbar first.
  std::vector<LayerMapping> improved(std::vector<std::uint64_t> factors) const {
    std::vector<LayerMapping> now;
    std::uint64_t used = 0;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      now.push_back(strategy_.map(layers_[i], hardware_, factors[i]));
      used += taken_crossbars(now[i], hardware_);
    }
    for (std::size_t step = 0; step < 2 * layers_.size(); ++step) {
      double best_gain = 0;
      std::size_t best = 0;
      LayerMapping best_mapping;
      for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (factors[i] >= most_[i]) continue;
        const LayerMapping next = strategy_.map(layers_[i], hardware_, factors[i] + 1);
        const std::uint64_t before = cycles_of(layers_[i], now[i]);
        const std::uint64_t after = cycles_of(layers_[i], next);
        const std::uint64_t taken = taken_crossbars(next, hardware_);
        const std::uint64_t more = taken - std::min(taken, taken_crossbars(now[i], hardware_));
        if (after >= before || used + more > budget_) continue;
        const double gain = static_cast<double>(before - after) /
                            static_cast<double>(std::max<std::uint64_t>(more, 1));
        if (gain <= best_gain) continue;
        best_gain = gain;
        best = i;
        best_mapping = next;
      }
      if (best_gain == 0) break;
      const std::uint64_t taken = taken_crossbars(best_mapping, hardware_);
      used += taken - std::min(taken, taken_crossbars(now[best], hardware_));
      ++factors[best];
      now[best] = best_mapping;
    }
    return now;
  }

  const Strategy& strategy_;
  const std::vector<LayerShape>& layers_;
  const Hardware& hardware_;
  std::uint64_t budget_;
  std::vector<LayerMapping> least_;
  std::vector<std::uint64_t> most_;
};

}  // namespace

std::uint64_t cycles_of(const LayerShape& layer, const LayerMapping& mapping) {
  return layer.calls * ceil_div(layer.positions, mapping.replicas) * mapping.reads;
}

std::uint64_t least_crossbars(const Strategy& strategy, const LayerShapes& shapes,
                              const Hardware& hardware) {
  std::uint64_t sum = 0;
  for (const LayerShape& layer : shapes.layers) {
    sum += taken_crossbars(strategy.map(layer, hardware, 1), hardware);
  }
  return sum;
}

namespace {

// As many copies of every layer as its own tiles hold.
std::vector<LayerMapping> full_tiles(const Strategy& strategy, const LayerShapes& shapes,
                                     const Hardware& hardware) {
  std::vector<LayerMapping> mappings;
  for (const LayerShape& layer : shapes.layers) {
    LayerMapping mapping = strategy.map(layer, hardware, 1);
    const std::uint64_t room = taken_crossbars(mapping, hardware);
    std::uint64_t low = 1;
    std::uint64_t high = std::min(strategy.most_factor(layer, hardware), room);
    while (low < high) {
      const std::uint64_t factor = low + (high - low + 1) / 2;
      const LayerMapping more = strategy.map(layer, hardware, factor);
      if (more.crossbars <= room) {
        mapping = more;
        low = factor;
      } else {
        high = factor - 1;
      }
    }
    mappings.push_back(mapping);
  }
  return mappings;
}

}  // namespace

std::vector<LayerMapping> share_crossbars(const Strategy& strategy, const LayerShapes& shapes,
                                          const Hardware& hardware, std::uint64_t crossbars) {
  const std::uint64_t least = least_crossbars(strategy, shapes, hardware);
  if (least > crossbars) {
    throw base::ResourceError({.place = shapes.name,
                               .what = "crossbars for one copy of every layer",
                               .got = std::to_string(crossbars),
                               .expected = "at least " + std::to_string(least)});
  }
  if (hardware.copies == target::Copies::tile) return full_tiles(strategy, shapes, hardware);
  if (hardware.copies == target::Copies::none) {
    std::vector<LayerMapping> mappings;
    for (const LayerShape& layer : shapes.layers) {
      mappings.push_back(strategy.map(layer, hardware, 1));
    }
    return mappings;
  }
  Sharing sharing(strategy, shapes, hardware, crossbars);
  return strategy.pipeline() == PipelineKind::intra_layer ? sharing.least_sum()
                                                          : sharing.fastest_interval();
}

}  // namespace sheaf::backend::cim
