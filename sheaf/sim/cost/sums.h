// SPDX-License-Identifier: Apache-2.0
//
// What a chip is made of: area and peak power by part, added up level by level.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sheaf/target/chip.h"

namespace sheaf::sim::cost {

// All of one kind at a level. 0 stands for what the description does not state.
struct Part {
  std::string name;
  std::string path;  // of its section in the description, "tile.units.sigmoid"
  double count = 0;  // of which each has its share of area and power
  double area_um2 = 0;
  double power_mw = 0;
  target::Provenance provenance;
};

struct Level {
  std::string name;         // "pe", "tile" or "chip"
  std::vector<Part> parts;  // the first of tile and chip is the level below
  double area_um2 = 0;
  double power_mw = 0;
  double gops = 0;  // operations per ns at best; a product and its sum are two

  [[nodiscard]] std::optional<double> gops_per_w() const;
  [[nodiscard]] std::optional<double> gops_per_mm2() const;
  // All but the first part. Of tile and chip.
  [[nodiscard]] double periphery_area_um2() const;
  [[nodiscard]] double periphery_power_mw() const;
  [[nodiscard]] const Part* find(const std::string& part) const;

  std::uint32_t digits = 0;  // to which its sums are rounded
};

struct Sums {
  Level pe;
  Level tile;
  Level chip;
};

// Throws NotFoundError, which suggests the nearest, where the chip names a model of converters or
// energies of flits that do not exist.
void require_models(const target::Chip& chip);

// The sums of a valid chip, rounded as it says (ChipLevel::sum_digits). Throws what
// adc::estimate() throws where the converters' model does not know their bits, and what
// noc::energy_preset() throws of the mesh.
[[nodiscard]] Sums sums_of(const target::Chip& chip);

// The same, never rounded.
[[nodiscard]] Sums exact_sums_of(const target::Chip& chip);

// To so many digits, halves away from 0; 0 digits: as it is.
[[nodiscard]] double rounded(double value, std::uint32_t digits);

}  // namespace sheaf::sim::cost
