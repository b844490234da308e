// SPDX-License-Identifier: Apache-2.0
//
// A space of designs as a file (docs/explore.md):
//
//   name: rows and bits
//   hw: [isaac, reboc]
//   set:
//     crossbar.rows: [64, 128, 256]
//     adc.bits: {from: 6, to: 9}
//     tile.pes: {from: 4, to: 32, times: 2}
//   model: vgg16
//   compress: [none, "block_circulant:k=16"]
//   objectives: [energy, latency, area]
//
// The designs are all combinations. `hw` and `model` are required; `strategy`, `chips` and
// `density` may be there too. What they mean is what sheaf simulate means by them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/study/design_figures.h"

namespace sheaf::study {

struct Axis {
  std::string key;    // "hw", "model", ..., or a key of the chip
  std::string place;  // "file:line"
  bool of_chip = false;
  std::vector<std::string> values;  // as they are written; at least one
};

struct ExploreSpace {
  std::string name;
  // hw, the chip's keys in the order of the file, model, compress, strategy, chips, density:
  // those that the file has. The last changes fastest from one design to the next.
  std::vector<Axis> axes;
  std::vector<Figure> objectives;  // energy, latency and area unless the file says otherwise

  [[nodiscard]] std::uint64_t designs() const;
  // Of every axis, that of a design below designs().
  [[nodiscard]] std::vector<std::size_t> choices(std::uint64_t design) const;
  [[nodiscard]] std::vector<std::string> values(std::uint64_t design) const;
  [[nodiscard]] const Axis* find(std::string_view key) const;
};

inline constexpr std::uint64_t kMostAxisValues = 100'000;
inline constexpr std::uint64_t kMostDesigns = 1'000'000;

// Throws ConfigError at file:line: unknown keys, here and of chips, with the nearest; axes without
// values or with the same value twice; more than `most` designs. Opens no chip and no model.
[[nodiscard]] ExploreSpace parse_space(std::string_view text, const std::string& file,
                                       std::uint64_t most = kMostDesigns);
[[nodiscard]] ExploreSpace read_space(const std::string& path, std::uint64_t most = kMostDesigns);

}  // namespace sheaf::study
